import type { FenlType } from "../../src/values/fenl-type.ts";
import { parseTimestamp } from "../../src/values/timestamp.ts";
import { castValue } from "./cast.ts";
import type { OracleEvent, OracleTable } from "./tables.ts";
import type { Value } from "./value.ts";

/** The cells of CSV text, row by row; no blank lines. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') cell += text[++at]!;
      else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === ",") {
      row.push(cell);
      cell = "";
    } else if (character === "\n") {
      row.push(cell);
      rows.push(row);
      row = [];
      cell = "";
    } else if (character !== "\r") cell += character;
  }
  if (cell !== "" || row.length > 0) rows.push([...row, cell]);
  return rows.filter((cells) => cells.length > 1 || cells[0] !== "");
}

const PATTERNS: readonly (readonly [RegExp, FenlType["kind"]])[] = [
  [/^(true|false)$/i, "bool"],
  [/^[+-]?[0-9]+$/, "i64"],
  [/^([+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?inf|NaN)$/, "f64"],
  [/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/, "date32"],
  [/^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}(Z|[+-][0-9]{2}:[0-9]{2})?$/, "timestamp_s"],
  [/^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}\.[0-9]{1,3}(Z|[+-][0-9]{2}:[0-9]{2})?$/, "timestamp_ms"],
  [/^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}\.[0-9]{4,6}(Z|[+-][0-9]{2}:[0-9]{2})?$/, "timestamp_us"],
  [/^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}\.[0-9]{7,9}(Z|[+-][0-9]{2}:[0-9]{2})?$/, "timestamp_ns"],
];
const FINER = ["timestamp_s", "timestamp_ms", "timestamp_us", "timestamp_ns"];

function inferType(cells: readonly string[]): FenlType {
  let kind: string | null = null;
  for (const cell of cells) {
    if (cell === "") continue;
    const found = PATTERNS.find(([pattern]) => pattern.test(cell))?.[1] ?? "string";
    if (kind === null || kind === found) kind = found;
    else if ([kind, found].every((one) => one === "i64" || one === "f64")) kind = "f64";
    else if (FINER.includes(kind) && FINER.includes(found))
      kind = FINER[Math.max(FINER.indexOf(kind), FINER.indexOf(found))]!;
    else return { kind: "string" };
  }
  return { kind: (kind ?? "string") as "string" };
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

function fromJson(value: Json, type: FenlType): Value {
  if (value === null) return null;
  if (type.kind === "list") return (value as readonly Json[]).map((item) => fromJson(item, type.item));
  if (type.kind === "map") {
    return Object.entries(value as object).map(([key, item]) => [
      cellValue(key, type.key),
      fromJson(item as Json, type.value),
    ]);
  }
  return typeof value === "boolean" ? value : cellValue(String(value), type);
}

/** A cell as a value: empty is null, but an empty string in a string column; of a list or map it is JSON. */
function cellValue(cell: string, type: FenlType): Value {
  if (cell !== "" && (type.kind === "list" || type.kind === "map")) return fromJson(JSON.parse(cell) as Json, type);
  if (type.kind === "string") return cell;
  return cell === "" ? null : castValue(cell, { kind: "string" }, type);
}

/** Subsorts keep the order of signed integers. */
const SIGNED_SHIFT = 1n << 63n;

export interface CsvTable {
  readonly name: string;
  readonly csv: string;
  readonly timeColumn: string;
  readonly keyColumn: string;
  readonly subsortColumn?: string;
  readonly grouping?: string;
  /** Types of columns that are not to be inferred. */
  readonly columnTypes?: Readonly<Record<string, FenlType>>;
}

/** A table read from CSV text, with types inferred from all its cells. */
export function tableFromCsv(source: CsvTable): OracleTable {
  const [header = [], ...lines] = parseCsv(source.csv);
  const types = header.map((name, index) => source.columnTypes?.[name] ?? inferType(lines.map((line) => line[index]!)));
  const place = (name: string) => header.indexOf(name);
  const rows = lines.map((line, index): OracleEvent => {
    const values = line.map((cell, column) => cellValue(cell, types[column]!));
    const time = parseTimestamp(line[place(source.timeColumn)]!);
    if (time === null) throw new Error(`row ${index + 1} of ${source.name} has no time`);
    const subsort =
      source.subsortColumn === undefined
        ? BigInt(index)
        : (values[place(source.subsortColumn)] as bigint) + SIGNED_SHIFT;
    return { time, subsort, key: values[place(source.keyColumn)]!, values };
  });
  return {
    name: source.name,
    grouping: source.grouping ?? source.name,
    keyType: types[place(source.keyColumn)]!,
    timeColumn: source.timeColumn,
    keyColumn: source.keyColumn,
    columns: header.map((name, index) => ({ name, type: types[index]! })),
    rows,
  };
}
