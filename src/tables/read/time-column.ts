import { plainText } from "../../values/csv-text.ts";
import { typeName } from "../../values/fenl-type.ts";
import { fitsNanoseconds, readTime, writeInt64 } from "../../values/timestamp.ts";
import { valueAt } from "../column-data.ts";
import { describePlace, shown, TableError } from "../table-error.ts";
import type { SourceColumn, SourceTable } from "./source-table.ts";

const RANGE = "a time from 1677-09-21 to 2262-04-11";
const TEXT_FORM =
  "YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS, with an optional fraction and zone (Z or +HH:MM), such as 2022-01-31T08:30:00Z";

const INTEGER = /^-?[0-9]+$/;

/** An error about the value of a row. */
export function valueError(
  table: SourceTable,
  column: SourceColumn,
  row: number,
  role: string,
  expected: string,
): TableError {
  const place = table.placeOf(row, column.name);
  const value = valueAt(column, row);
  const found =
    value === null || value === "" ? "the cell is empty" : `${shown(plainText(column.type, value))} is not ${role}`;
  return new TableError("value", `${describePlace(place)}: ${found}; expected ${expected}`, place);
}

/** Fails at the first row without a value. */
export function requireValues(table: SourceTable, column: SourceColumn, role: string): void {
  const row = column.undetermined && table.rows > 0 ? 0 : (column.valid?.indexOf(0) ?? -1);
  if (row >= 0) throw valueError(table, column, row, role, `${role}: every row needs one`);
}

/** A time column's values in nanoseconds since 1970. */
export function timesInNanoseconds(table: SourceTable, column: SourceColumn): BigInt64Array {
  const { type, values } = column;
  switch (type.kind) {
    case "string":
    case "large_string":
      return textTimes(table, column);
    case "timestamp_ns":
    case "i64":
      requireValues(table, column, "a time");
      return values as BigInt64Array;
    case "u64": {
      requireValues(table, column, "a time");
      const halves = new Int32Array(values.buffer, values.byteOffset, 2 * table.rows);
      for (let row = 0; row < table.rows; row++) {
        if (halves[2 * row + 1]! < 0) throw valueError(table, column, row, "a time", RANGE);
      }
      return values as BigInt64Array;
    }
    case "i8":
    case "i16":
    case "i32":
    case "u8":
    case "u16":
      return scaled(table, column, 1e9);
    case "u32": {
      const unsigned = Float64Array.from(values as Int32Array, (value) => value >>> 0);
      return scaled(table, column, 1e9, unsigned);
    }
    case "date32":
      return scaled(
        table,
        column,
        1,
        Float64Array.from(values as Int32Array, (days) => days * 86400),
      );
    case "timestamp_s":
      return scaled(table, column, 1);
    case "timestamp_ms":
    case "date64":
      return scaled(table, column, 1e3);
    case "timestamp_us":
      return scaled(table, column, 1e6);
    default: {
      const place = { file: table.label, column: column.name };
      const message = `${describePlace(place)} is of type ${typeName(type)} and cannot be the time column; expected a timestamp, a date, an integer (nanoseconds since 1970) or text such as 2022-01-31T08:30:00Z`;
      throw new TableError("column", message, place);
    }
  }
}

/** Times given in `perSecond` units a second. */
function scaled(
  table: SourceTable,
  column: SourceColumn,
  perSecond: number,
  values: SourceColumn["values"] = column.values,
): BigInt64Array {
  requireValues(table, column, "a time");
  const { rows } = table;
  const result = new BigInt64Array(rows);
  const to = new Int32Array(result.buffer);
  const wide = values instanceof BigInt64Array ? new Int32Array(values.buffer, values.byteOffset, 2 * rows) : null;
  const nanosPerUnit = 1e9 / perSecond;
  if (wide !== null && nanosPerUnit <= 1e6) {
    for (let row = 0; row < rows; row++) {
      const low = (wide[2 * row]! >>> 0) * nanosPerUnit;
      const high = wide[2 * row + 1]! * nanosPerUnit + Math.floor(low / 4294967296);
      if (high !== (high | 0)) throw valueError(table, column, row, "a time", RANGE);
      to[2 * row] = Math.imul(wide[2 * row]!, nanosPerUnit);
      to[2 * row + 1] = high;
    }
    return result;
  }
  for (let row = 0; row < rows; row++) {
    let value: number;
    if (wide === null) value = values[row] as number;
    else {
      const high = wide[2 * row + 1]!;
      if (high < -0x200000 || high >= 0x200000) {
        const whole = values[row] as bigint;
        const ns = whole * BigInt(nanosPerUnit);
        if (BigInt.asIntN(64, ns) !== ns) throw valueError(table, column, row, "a time", RANGE);
        result[row] = ns;
        continue;
      }
      value = high * 4294967296 + (wide[2 * row]! >>> 0);
    }
    let seconds = Math.floor(value / perSecond);
    let units = value - seconds * perSecond;
    if (units < 0) {
      units += perSecond;
      seconds--;
    }
    const nanos = units * nanosPerUnit;
    if (!fitsNanoseconds(seconds, nanos)) throw valueError(table, column, row, "a time", RANGE);
    writeInt64(to, row, seconds, 1e9, nanos);
  }
  return result;
}

/** Times in text; each distinct text is read once. */
function textTimes(table: SourceTable, column: SourceColumn): BigInt64Array {
  requireValues(table, column, "a time");
  const texts = column.dictionary as readonly string[];
  const codes = column.values as Int32Array;
  const distinct = new BigInt64Array(texts.length);
  const halves = new Int32Array(distinct.buffer);
  const bad = new Uint8Array(texts.length);
  const time = { seconds: 0, nanos: 0, digits: 0 };
  for (const [code, text] of texts.entries()) {
    if (!readTime(text, time)) bad[code] = 1;
    else if (!fitsNanoseconds(time.seconds, time.nanos)) bad[code] = 2;
    else writeInt64(halves, code, time.seconds, 1e9, time.nanos);
  }
  const result = new BigInt64Array(table.rows);
  const to = new Int32Array(result.buffer);
  const integers = texts.filter((text) => INTEGER.test(text)).length;
  if (integers > texts.length / 2) {
    const row = codes.findIndex((code) => !INTEGER.test(texts[code]!));
    const expected = "an integer that fits 64 bits (nanoseconds since 1970), as in other rows";
    throw valueError(table, column, Math.max(0, row), "a time", expected);
  }
  for (let row = 0; row < table.rows; row++) {
    const code = codes[row]!;
    if (bad[code] !== 0) throw valueError(table, column, row, "a time", bad[code] === 2 ? RANGE : TEXT_FORM);
    to[2 * row] = halves[2 * code]!;
    to[2 * row + 1] = halves[2 * code + 1]!;
  }
  return result;
}
