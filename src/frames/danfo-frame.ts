import type { DataFrame } from "danfojs-node";
import { columnReader } from "../execute/rows/dictionary.ts";
import type { RowSetColumn } from "../execute/rows/row-set.ts";
import { plainText } from "../values/csv-text.ts";
import type { FenlType } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";
import { formatTimestamp } from "../values/timestamp.ts";
import { type FrameInternals, hiddenColumns, loadDanfo } from "./danfo-library.ts";
import { isValid, type Output } from "./output.ts";

export type { DataFrame } from "danfojs-node";

type Dtype = "boolean" | "int32" | "float32" | "string" | "datetime";
type Cell = null | boolean | number | string | Date;

const UNITS_PER_MILLISECOND: Readonly<Record<string, bigint>> = { timestamp_us: 1000n, timestamp_ns: 1_000_000n };
const NANOSECONDS_PER_UNIT: Readonly<Record<string, bigint>> = {
  timestamp_s: 1_000_000_000n,
  timestamp_ms: 1_000_000n,
  timestamp_us: 1000n,
  timestamp_ns: 1n,
  date64: 1_000_000n,
};
const MILLISECONDS_PER_DAY = 86_400_000;
const GREATEST_DATE = 8_640_000_000_000_000n;
const GREATEST_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

function every(column: RowSetColumn, rows: number, holds: (value: bigint) => boolean): boolean {
  const values = column.values as BigInt64Array;
  for (let row = 0; row < rows; row++) if (isValid(column, row) && !holds(values[row]!)) return false;
  return true;
}

function isSafe(column: RowSetColumn, rows: number): boolean {
  return column.type.kind === "u64"
    ? every(column, rows, (value) => value >= 0n && value <= GREATEST_SAFE)
    : every(column, rows, (value) => value >= -GREATEST_SAFE && value <= GREATEST_SAFE);
}

function wholeMilliseconds(column: RowSetColumn, rows: number): boolean {
  const unit = UNITS_PER_MILLISECOND[column.type.kind];
  if (unit !== undefined) return every(column, rows, (value) => value % unit === 0n);
  const limit = column.type.kind === "timestamp_s" ? GREATEST_DATE / 1000n : GREATEST_DATE;
  return every(column, rows, (value) => value >= -limit && value <= limit);
}

function toDate(type: FenlType, value: bigint): Date {
  if (type.kind === "timestamp_s") return new Date(Number(value) * 1000);
  return new Date(Number(value / (UNITS_PER_MILLISECOND[type.kind] ?? 1n)));
}

function isLargeInteger(type: FenlType): boolean {
  return type.kind === "i64" || type.kind === "u64" || type.kind.startsWith("duration_");
}

/** How one column appears in a frame. */
interface FrameColumn {
  readonly dtype: Dtype;
  /** The cell of a value that is not null. */
  readonly cell: (value: Exclude<HostValue, null>) => Cell;
}

/** TensorFlow's int32 wraps what does not fit, float32 rounds it. */
function largeIntegerDtype(column: RowSetColumn, rows: number): Dtype {
  return every(column, rows, (value) => BigInt.asIntN(32, value) === value) ? "int32" : "float32";
}

function frameColumn(column: RowSetColumn, rows: number, identity: boolean): FrameColumn {
  const { type } = column;
  switch (type.kind) {
    case "bool":
      return { dtype: "boolean", cell: (value) => value as boolean };
    case "i64":
    case "u64":
    case "duration_s":
    case "duration_ms":
    case "duration_us":
    case "duration_ns":
      return identity || !isSafe(column, rows)
        ? { dtype: "string", cell: (value) => String(value) }
        : { dtype: largeIntegerDtype(column, rows), cell: (value) => Number(value) };
    case "i8":
    case "i16":
    case "i32":
    case "u8":
    case "u16":
    case "interval_days":
    case "interval_months":
      return { dtype: "int32", cell: (value) => value as number };
    case "u32":
      return {
        dtype: (column.values as Int32Array).some((value) => value < 0) ? "float32" : "int32",
        cell: (value) => value as number,
      };
    case "f16":
    case "f32":
    case "f64":
      return { dtype: "float32", cell: (value) => value as number };
    case "timestamp_s":
    case "timestamp_ms":
    case "timestamp_us":
    case "timestamp_ns":
    case "date64":
      return wholeMilliseconds(column, rows)
        ? { dtype: "datetime", cell: (value) => toDate(type, value as bigint) }
        : {
            dtype: "string",
            cell: (value) => formatTimestamp((value as bigint) * NANOSECONDS_PER_UNIT[type.kind]!),
          };
    case "date32":
      return { dtype: "datetime", cell: (value) => new Date((value as number) * MILLISECONDS_PER_DAY) };
    case "string":
    case "large_string":
    case "json":
      return { dtype: "string", cell: (value) => value as string };
    default:
      return { dtype: "string", cell: (value) => plainText(type, value) };
  }
}

/** `_subsort` and `_key_hash` use all 64 bits: they are text in every frame, so that frames can be put together. */
function isIdentityText(index: number): boolean {
  return index === 1 || index === 2;
}

/**
 * The output as a Danfo frame. Integers are numbers where the whole column is safe, otherwise decimal text; times are
 * Date where the whole column is in milliseconds, otherwise ISO text with nine digits; lists, maps and records are JSON
 * text; null stays null and NaN stays NaN. The dtypes come from the types, never from the values' look.
 */
export function toDataFrame(output: Output): DataFrame {
  const danfo = loadDanfo();
  const { rows, columns } = output;
  const forms = columns.map((column, index) => frameColumn(column, rows, isIdentityText(index)));
  const data: Cell[][] = Array.from({ length: rows }, () => new Array<Cell>(columns.length));
  columns.forEach((column, index) => {
    const read = columnReader(column);
    const { cell } = forms[index]!;
    for (let row = 0; row < rows; row++) {
      const value = read(row);
      data[row]![index] = value === null ? null : cell(value);
    }
  });
  const frame = new danfo.DataFrame(data, {
    columns: columns.map((column) => column.name),
    dtypes: forms.map((form) => form.dtype),
  });
  if (rows === 0) (frame as unknown as FrameInternals<Cell>).$dataIncolumnFormat = columns.map(() => []);
  return frame;
}

/** What a reader of the frame should know: integers given as text, columns that are no properties. Needs no frame. */
export function frameWarnings({ rows, columns }: Output): string[] {
  const asText = columns.filter(
    (column, index) => !isIdentityText(index) && isLargeInteger(column.type) && !isSafe(column, rows),
  );
  return [
    ...asText.map(
      ({ name }) =>
        `The column "${name}" has integers beyond 2^53: in the frame it is decimal text; result.table has the integers.`,
    ),
    ...hiddenColumns(columns.map((column) => column.name)).map(
      (name) =>
        `In the frame, the column "${name}" is reached as frame.column("${name}"), because frames have a member of that name.`,
    ),
  ];
}
