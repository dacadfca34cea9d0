import { typeNamed } from "../functions/type-named.ts";
import type { TableColumn } from "../tables/table-snapshot.ts";
import { nearest } from "../text/nearest.ts";
import { typeName } from "../values/fenl-type.ts";
import { ArgumentError, type OptionRule, shownValue } from "./argument-error.ts";

/** A column and its Fenl type as text, such as `i64`, `timestamp_ms` or `list<string>`. */
export interface ColumnType {
  readonly name: string;
  readonly type: string;
}

const NAMES = [
  ...["bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f16", "f32", "f64", "string", "json"],
  ...["timestamp_s", "timestamp_ms", "timestamp_us", "timestamp_ns", "date32", "date64"],
  ...["duration_s", "duration_ms", "duration_us", "duration_ns", "list<i64>", "map<string, i64>"],
];

/** The check of a list of {@link ColumnType}; the types themselves are checked by {@link toColumns}. */
export const columnsRule: OptionRule = {
  expected: 'a list of columns: [{ name: "amount", type: "f64" }, ...]',
  holds: (value) =>
    Array.isArray(value) &&
    value.every(
      (column: unknown) =>
        typeof column === "object" &&
        column !== null &&
        Object.keys(column).every((key) => key === "name" || key === "type") &&
        typeof (column as ColumnType).name === "string" &&
        typeof (column as ColumnType).type === "string",
    ),
};

/** Columns with their types as text. */
export function columnTypes(columns: readonly TableColumn[]): ColumnType[] {
  return columns.map(({ name, type }) => ({ name, type: typeName(type) }));
}

/** Columns with their types as data. @throws ArgumentError */
export function toColumns(call: string, columns: readonly ColumnType[]): TableColumn[] {
  return columns.map(({ name, type }, index) => {
    if (columns.findIndex((other) => other.name === name) < index) {
      throw new ArgumentError(`${call}: columns names ${shownValue(name)} twice.`);
    }
    const known = typeNamed(type);
    if (known !== null) return { name, type: known };
    const near = nearest(type, NAMES, 3).join(", ");
    throw new ArgumentError(
      `${call}: column ${shownValue(name)} has the unknown type ${shownValue(type)}. Nearest: ${near}.`,
    );
  });
}
