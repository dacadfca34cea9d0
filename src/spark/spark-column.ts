import { type Data, Type } from "apache-arrow";
import { type ColumnData, columnOf, valueAt } from "../tables/column-data.ts";
import { fenlTypeOf } from "../tables/read/arrow-type.ts";
import { columnFromData } from "../tables/read/read-arrow.ts";
import { type FenlType, isUnsigned, representationOf, sameType } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";
import { isCompound, isText } from "./lanes.ts";

/** Spark's timestamps are microseconds. */
const MICROSECONDS_PER: Readonly<Record<string, bigint>> = {
  timestamp_s: 1_000_000n,
  timestamp_ms: 1000n,
  timestamp_us: 1n,
};

/** A column as Spark hands it to Python, as a column of the Fenl type that the file's own type stands for. */
export function columnFromSpark(type: FenlType, data: Data): ColumnData {
  const valid = validBytes(data);
  if (isText(type)) return textColumn(type, data, valid);
  if (isCompound(type)) return compoundColumn(type, data);
  const { length } = data;
  const values = data.values as ArrayLike<number> & ArrayBufferView;
  switch (representationOf(type)) {
    case "f32":
      return { type, values: (values as unknown as Float32Array).subarray(0, length), valid };
    case "f64":
      return { type, values: (values as unknown as Float64Array).subarray(0, length), valid };
    case "i64": {
      const wide = (values as unknown as BigInt64Array).subarray(0, length);
      const unit = data.typeId === Type.Timestamp ? MICROSECONDS_PER[type.kind] : undefined;
      return { type, values: unit === undefined || unit === 1n ? wide : wide.map((one) => floor(one, unit)), valid };
    }
    default:
      return { type, values: smallNumbers(data, length), valid };
  }
}

function floor(value: bigint, unit: bigint): bigint {
  const quotient = value / unit;
  return value < 0n && quotient * unit !== value ? quotient - 1n : quotient;
}

/** Numbers of up to 32 bits; Spark holds unsigned ones in the next wider type. */
function smallNumbers(data: Data, length: number): Int32Array {
  if (data.typeId === Type.Bool) {
    const bits = data.values as Uint8Array;
    return Int32Array.from({ length }, (_, row) => (bits[(data.offset + row) >> 3]! >> ((data.offset + row) & 7)) & 1);
  }
  const values = data.values as Int32Array | BigInt64Array | Int16Array;
  if (values instanceof BigInt64Array) {
    const halves = new Int32Array(values.buffer, values.byteOffset, 2 * length);
    return Int32Array.from({ length }, (_, row) => halves[2 * row]!);
  }
  return values instanceof Int32Array ? values.subarray(0, length) : Int32Array.from(values.subarray(0, length));
}

/** A byte per row, 1 where there is a value; undefined where all have one. */
export function validBytes(data: Data): Uint8Array | undefined {
  const { nullBitmap, length, offset } = data;
  if (data.nullCount === 0 || nullBitmap === undefined || nullBitmap.length === 0) return undefined;
  const valid = new Uint8Array(length);
  for (let row = 0; row < length; row++) valid[row] = (nullBitmap[(offset + row) >> 3]! >> ((offset + row) & 7)) & 1;
  return valid;
}

/** Texts come dictionary-encoded, each text once. */
function textColumn(type: FenlType, data: Data, valid: Uint8Array | undefined): ColumnData {
  if (data.typeId !== Type.Dictionary) return { ...columnFromData({ kind: "string" }, data), type };
  const codes = (data.values as Int32Array).subarray(0, data.length);
  return { type, values: codes, valid, dictionary: textsOf(data) };
}

/** The texts of a dictionary-encoded column. */
export function textsOf(data: Data): string[] {
  const texts: string[] = [];
  for (const chunk of data.dictionary?.data ?? []) {
    const { valueOffsets, values, length } = chunk as Data & { valueOffsets: Int32Array; values: Uint8Array };
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    for (let row = 0; row < length; row++) {
      texts.push(bytes.toString("utf8", Number(valueOffsets[row]!), Number(valueOffsets[row + 1]!)));
    }
  }
  return texts;
}

function compoundColumn(type: FenlType, data: Data): ColumnData {
  const mapping = fenlTypeOf(data.type);
  if (mapping.type === null) throw new TypeError(`Spark gives ${data.type} for a column of another type`);
  const from = mapping.type;
  const column = columnFromData(from, data);
  if (sameType(from, type)) return column;
  const values = Array.from({ length: data.length }, (_, row) => converted(valueAt(column, row), from, type));
  return columnOf(type, values);
}

/** A value inside a list, map or record: Spark has other integers for unsigned ones. */
function converted(value: HostValue, from: FenlType, to: FenlType): HostValue {
  if (value === null) return null;
  if (to.kind === "list" && from.kind === "list") {
    return (value as readonly HostValue[]).map((item) => converted(item, from.item, to.item));
  }
  if (to.kind === "map" && from.kind === "map") {
    return (value as readonly (readonly HostValue[])[]).map(([key, item]) => [
      converted(key!, from.key, to.key),
      converted(item!, from.value, to.value),
    ]);
  }
  if (to.kind === "record" && from.kind === "record") {
    return (value as readonly HostValue[]).map((field, index) =>
      converted(field, from.fields[index]!.type, to.fields[index]!.type),
    );
  }
  if (typeof value === "bigint" && representationOf(to) !== "i64") return Number(value);
  if (typeof value === "number" && isUnsigned(to) && representationOf(to) === "i64") return BigInt(value);
  return value;
}
