import { typeName } from "../../values/fenl-type.ts";
import type { SourceColumn, SourceTable } from "../read/source-table.ts";
import { requireValues, valueError } from "../read/time-column.ts";
import { describePlace, TableError } from "../table-error.ts";

/** Subsorts from a column of integers: unsigned as they are, signed moved up so that their order is kept. */
export function subsortsOf(table: SourceTable, column: SourceColumn): BigUint64Array {
  const { type, values } = column;
  const { rows } = table;
  const result = new BigUint64Array(rows);
  const halves = new Uint32Array(result.buffer);
  const shift = { i8: 2 ** 7, i16: 2 ** 15, i32: 2 ** 31, u8: 0, u16: 0, u32: 0 }[type.kind as "i8"];
  if (table.rows > 0 && (column.undetermined || type.kind === "string")) {
    requireValues(table, column, "a subsort");
    const texts = column.dictionary as readonly string[];
    const row = (values as Int32Array).findIndex((code) => !/^-?[0-9]{1,18}$/.test(texts[code]!));
    throw valueError(table, column, Math.max(0, row), "a subsort", "an integer that fits 64 bits, as in every row");
  }
  if (shift === undefined && type.kind !== "i64" && type.kind !== "u64") {
    const place = { file: table.label, column: column.name };
    const message = `${describePlace(place)} is of type ${typeName(type)} and cannot be the subsort column; expected integers`;
    throw new TableError("column", message, place);
  }
  requireValues(table, column, "a subsort");
  if (shift !== undefined) {
    for (let row = 0; row < rows; row++) halves[2 * row] = (values[row] as number) + shift;
    return result;
  }
  result.set(new BigUint64Array(values.buffer, values.byteOffset, rows));
  if (type.kind === "i64") for (let row = 0; row < rows; row++) halves[2 * row + 1]! ^= 0x80000000;
  return result;
}

/** Subsorts for rows without a column of them: `first`, then one more a row, modulo 2^64. */
export function generatedSubsorts(first: bigint, rows: number): BigUint64Array {
  const result = new BigUint64Array(rows);
  const halves = new Uint32Array(result.buffer);
  let low = Number(first & 0xffffffffn);
  let high = Number(first >> 32n);
  for (let row = 0; row < rows; row++) {
    halves[2 * row] = low;
    halves[2 * row + 1] = high;
    if (low === 0xffffffff) {
      low = 0;
      high = high === 0xffffffff ? 0 : high + 1;
    } else {
      low++;
    }
  }
  return result;
}
