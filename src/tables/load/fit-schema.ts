import { plainText } from "../../values/csv-text.ts";
import type { FenlType } from "../../values/fenl-type.ts";
import { sameType, typeName } from "../../values/fenl-type.ts";
import { readTime } from "../../values/timestamp.ts";
import { columnOf, valueAt } from "../column-data.ts";
import type { SourceColumn, SourceTable } from "../read/source-table.ts";
import type { TablePlace } from "../table-error.ts";
import { describePlace, shown, TableError } from "../table-error.ts";
import type { TableColumn } from "../table-snapshot.ts";
import { schemaMismatch } from "./schema-mismatch.ts";

const UNITS_PER_SECOND: Readonly<Record<string, bigint>> = {
  timestamp_s: 1n,
  timestamp_ms: 1_000n,
  timestamp_us: 1_000_000n,
  timestamp_ns: 1_000_000_000n,
};

/**
 * A file's columns as those of a table that has data. The names must be the same; types too, but that a CSV file may
 * happen to have columns without any value, whole numbers where the table has decimals, or times in a coarser unit.
 */
export function fitSchema(columns: readonly TableColumn[], source: SourceTable, tableName: string): SourceTable {
  const byName = new Map(source.columns.map((column) => [column.name, column]));
  const fitted: SourceColumn[] = [];
  let place: TablePlace = { file: source.label };
  let hint = "";
  for (const { name, type } of columns) {
    const column = byName.get(name);
    const fit = column && fitColumn(type, column, source);
    if (fit) fitted.push(fit);
    const row = column && !fit ? firstMisfit(type, column, source) : -1;
    if (column && row >= 0 && hint === "") {
      place = source.placeOf(row, name);
      hint = `; ${describePlace(place)}: ${shown(plainText(column.type, valueAt(column, row)))} is not of type ${typeName(type)}`;
    }
  }
  if (fitted.length !== columns.length || byName.size !== columns.length) {
    const names = new Set(fitted.map(({ name }) => name));
    const message = schemaMismatch({ label: `table ${shown(tableName)}`, columns }, source, (name) => names.has(name));
    throw new TableError("schema", message + hint, place);
  }
  return { ...source, columns: fitted };
}

const SPELLING: Readonly<Partial<Record<FenlType["kind"], (text: string) => boolean>>> = {
  bool: (text) => /^(?:true|false)$/i.test(text),
  i64: (text) => /^-?[0-9]{1,18}$/.test(text),
  f64: (text) => text.trim() === text && Number.isFinite(Number(text)),
  date32: (text) => isTime(text) && text.length === 10,
  timestamp_s: isTime,
  timestamp_ms: isTime,
  timestamp_us: isTime,
  timestamp_ns: isTime,
};

function isTime(text: string): boolean {
  return readTime(text, { seconds: 0, nanos: 0, digits: 0 });
}

/** The first row of a column of text whose value is not written as one of a type; -1 where there is none. */
function firstMisfit(type: FenlType, column: SourceColumn, source: SourceTable): number {
  const spelled = SPELLING[type.kind];
  if (!source.inferred || column.type.kind !== "string" || spelled === undefined) return -1;
  const misfits = (column.dictionary as readonly string[]).map((text) => text !== "" && !spelled(text));
  return (column.values as Int32Array).findIndex((code) => misfits[code] === true);
}

function fitColumn(type: FenlType, column: SourceColumn, source: SourceTable): SourceColumn | null {
  if (sameType(type, column.type)) return column;
  const { name, values, valid } = column;
  if (!source.inferred) return null;
  if (column.undetermined) return { name, ...columnOf(type, new Array<null>(source.rows).fill(null)) };
  if (type.kind === "f64" && column.type.kind === "i64") {
    return { name, type, values: Float64Array.from(values as BigInt64Array, Number), valid };
  }
  const [from, to] = [UNITS_PER_SECOND[column.type.kind], UNITS_PER_SECOND[type.kind]];
  if (from === undefined || to === undefined || from > to) return null;
  const scale = to / from;
  const scaled = BigInt64Array.from(values as BigInt64Array, (value) => value * scale);
  const fits = (values as BigInt64Array).every((value, row) => valid?.[row] === 0 || scaled[row] === value * scale);
  return fits ? { name, type, values: scaled, valid } : null;
}
