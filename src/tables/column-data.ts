import type { FenlType } from "../values/fenl-type.ts";
import { isHostType, representationOf } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";

/** One column's values in columnar form, one per row. */
export interface ColumnData {
  readonly type: FenlType;
  /**
   * i32 representations (bools as 0 and 1, small integers widened, u32 by bits), 64-bit integers (u64 by bits), floats.
   * Strings, json, lists and maps: codes of `dictionary`. Records: empty, see `fields`. What stands at a null row is
   * not specified, but for host types it is a code of the dictionary, or 0.
   */
  readonly values: Int32Array | BigInt64Array | Float32Array | Float64Array;
  /** A byte per row, 0 or 1; absent: all valid. */
  readonly valid?: Uint8Array;
  /** For strings and json: the distinct texts. For lists and maps: values, not necessarily distinct. */
  readonly dictionary?: readonly string[] | readonly HostValue[];
  /** For records: the fields in order, with as many rows. */
  readonly fields?: readonly NamedColumn[];
}

/** A column with its name. */
export interface NamedColumn extends ColumnData {
  readonly name: string;
}

/** The value of a row. */
export function valueAt(column: ColumnData, row: number): HostValue {
  if (column.valid !== undefined && column.valid[row] === 0) return null;
  const { type } = column;
  if (type.kind === "record") return column.fields!.map((field) => valueAt(field, row));
  if (type.kind === "null" || type.kind === "error") return null;
  if (column.dictionary !== undefined) return column.dictionary[column.values[row] as number]!;
  const value = column.values[row]!;
  if (type.kind === "bool") return value !== 0;
  if (type.kind === "u64") return BigInt.asUintN(64, value as bigint);
  if (type.kind === "u32") return (value as number) >>> 0;
  return value;
}

/** An array for `rows` values of a type, in its representation. */
export function valuesArray(type: FenlType, rows: number): ColumnData["values"] {
  switch (representationOf(type)) {
    case "i64":
      return new BigInt64Array(rows);
    case "f64":
      return new Float64Array(rows);
    case "f32":
      return new Float32Array(rows);
    default:
      return new Int32Array(rows);
  }
}

/** A column of values of a type. */
export function columnOf(type: FenlType, rows: readonly HostValue[]): ColumnData {
  const valid = rows.includes(null) ? Uint8Array.from(rows, (value) => (value === null ? 0 : 1)) : undefined;
  if (type.kind === "record") {
    const fields = type.fields.map((field, index) => ({
      name: field.name,
      ...columnOf(
        field.type,
        rows.map((row) => (row === null ? null : (row as readonly HostValue[])[index]!)),
      ),
    }));
    return { type, values: new Int32Array(0), valid, fields };
  }
  const values = valuesArray(type, rows.length);
  if (isHostType(type)) {
    const codes = values as Int32Array;
    const dictionary: HostValue[] = [];
    if (type.kind === "list" || type.kind === "map") {
      for (const [row, value] of rows.entries()) codes[row] = value === null ? 0 : dictionary.push(value) - 1;
    } else {
      const known = new Map<HostValue, number>();
      for (const [row, value] of rows.entries()) {
        if (value === null) continue;
        let code = known.get(value);
        if (code === undefined) {
          code = dictionary.push(value) - 1;
          known.set(value, code);
        }
        codes[row] = code;
      }
    }
    return { type, values, valid, dictionary };
  }
  for (const [row, value] of rows.entries()) {
    if (value !== null) values[row] = (type.kind === "bool" ? Number(value) : value) as never;
  }
  return { type, values, valid };
}
