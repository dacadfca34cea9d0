import type { FenlType } from "../../values/fenl-type.ts";
import { typeName } from "../../values/fenl-type.ts";
import { shown, TableError } from "../table-error.ts";
import type { SourceTable } from "./source-table.ts";

/** What integers of a time column count since 1970. */
export type TimeUnit = "s" | "ms" | "us" | "ns";

/** A source whose time column, of integers, is times of a unit. */
export function inTimeUnit(source: SourceTable, timeColumn: string, unit: TimeUnit): SourceTable {
  const column = source.columns.find(({ name }) => name === timeColumn);
  if (column === undefined) return source;
  if (!/^[iu](8|16|32|64)$/.test(column.type.kind)) {
    const message = `${source.label}, column ${shown(timeColumn)} is of type ${typeName(column.type)}; expected integers, as a time unit is given`;
    throw new TableError("column", message, { file: source.label, column: timeColumn });
  }
  const unsigned = column.type.kind === "u32";
  const values =
    column.values instanceof BigInt64Array
      ? column.values
      : BigInt64Array.from(column.values as Int32Array, (value) => BigInt(unsigned ? value >>> 0 : value));
  const type: FenlType = { kind: `timestamp_${unit}` };
  return {
    ...source,
    columns: source.columns.map((one) => (one === column ? { ...one, type, values } : one)),
  };
}
