import type { Data, DataType, Dictionary } from "apache-arrow";
import {
  Bool,
  DateDay,
  DateMillisecond,
  Dictionary as DictionaryType,
  DurationMicrosecond,
  DurationMillisecond,
  DurationNanosecond,
  DurationSecond,
  Field,
  Float16,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  Map_,
  makeData,
  Struct,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
  Vector,
} from "apache-arrow";
import type { FenlType, ScalarKind } from "../../values/fenl-type.ts";
import { f16Bits } from "../../values/half-float.ts";
import type { HostValue } from "../../values/host-value.ts";
import type { ColumnData } from "../column-data.ts";
import { columnOf } from "../column-data.ts";

const SCALAR_TYPES: Readonly<Partial<Record<ScalarKind, () => DataType>>> = {
  bool: () => new Bool(),
  i8: () => new Int8(),
  i16: () => new Int16(),
  i32: () => new Int32(),
  i64: () => new Int64(),
  u8: () => new Uint8(),
  u16: () => new Uint16(),
  u32: () => new Uint32(),
  u64: () => new Uint64(),
  f16: () => new Float16(),
  f32: () => new Float32(),
  f64: () => new Float64(),
  timestamp_s: () => new TimestampSecond(),
  timestamp_ms: () => new TimestampMillisecond(),
  timestamp_us: () => new TimestampMicrosecond(),
  timestamp_ns: () => new TimestampNanosecond(),
  date32: () => new DateDay(),
  date64: () => new DateMillisecond(),
  duration_s: () => new DurationSecond(),
  duration_ms: () => new DurationMillisecond(),
  duration_us: () => new DurationMicrosecond(),
  duration_ns: () => new DurationNanosecond(),
  interval_days: () => new Int32(),
  interval_months: () => new Int32(),
  null: () => new Int32(),
};

/** A bit per row from a byte per row. */
function packBits(bytes: Uint8Array | Int32Array): Uint8Array {
  const bits = new Uint8Array((bytes.length + 7) >> 3);
  for (let row = 0; row < bytes.length; row++) if (bytes[row] !== 0) bits[row >> 3]! |= 1 << (row & 7);
  return bits;
}

function countNulls(valid: Uint8Array | undefined): number {
  let nulls = 0;
  if (valid !== undefined) for (let row = 0; row < valid.length; row++) nulls += 1 - valid[row]!;
  return nulls;
}

function storedValues(
  type: FenlType,
  values: ColumnData["values"],
): ArrayLike<number> | BigInt64Array | BigUint64Array {
  switch (type.kind) {
    case "bool":
      return packBits(values as Int32Array);
    case "i8":
      return Int8Array.from(values as Int32Array);
    case "i16":
      return Int16Array.from(values as Int32Array);
    case "u8":
      return Uint8Array.from(values as Int32Array);
    case "u16":
      return Uint16Array.from(values as Int32Array);
    case "u32":
      return new Uint32Array(values.buffer, values.byteOffset, values.length);
    case "u64":
      return new BigUint64Array(values.buffer, values.byteOffset, values.length);
    case "f16":
      return Uint16Array.from(values as Float32Array, f16Bits);
    default:
      return values as Int32Array;
  }
}

/** Distinct texts as Arrow's offsets and bytes. */
function textData(texts: readonly string[]): Data<Utf8> {
  const offsets = new Int32Array(texts.length + 1);
  let units = 0;
  for (const text of texts) units += text.length;
  let bytes = new Uint8Array(units + 64);
  const encoder = new TextEncoder();
  let at = 0;
  for (const [index, text] of texts.entries()) {
    if (bytes.length - at < text.length * 3) {
      const grown = new Uint8Array(Math.max(bytes.length * 2, at + text.length * 3));
      grown.set(bytes.subarray(0, at));
      bytes = grown;
    }
    at += encoder.encodeInto(text, bytes.subarray(at)).written;
    offsets[index + 1] = at;
  }
  return makeData({
    type: new Utf8(),
    length: texts.length,
    nullCount: 0,
    valueOffsets: offsets,
    data: bytes.subarray(0, at),
  });
}

function isText(type: FenlType): boolean {
  return type.kind === "string" || type.kind === "large_string" || type.kind === "json";
}

/** Numbers the dictionaries of one file. */
export interface DictionaryIds {
  next: number;
}

interface Nulls {
  readonly length: number;
  readonly nullCount: number;
  readonly nullBitmap: Uint8Array | undefined;
}

function nullsOf(valid: Uint8Array | undefined, length: number): Nulls {
  const nullCount = countNulls(valid);
  return { length, nullCount, nullBitmap: nullCount === 0 ? undefined : packBits(valid!) };
}

function codedData(codes: Int32Array, nulls: Nulls, texts: Data<Utf8>, ids: DictionaryIds): Data {
  const type: Dictionary<Utf8, Int32> = new DictionaryType(new Utf8(), new Int32(), ids.next++, false);
  return makeData({ type, ...nulls, data: codes, dictionary: new Vector([texts]) });
}

/** Codes of texts as Arrow data; the texts are UTF-8, cut by offsets of which there is one more. */
export function textColumnData(
  codes: Int32Array,
  valid: Uint8Array | undefined,
  texts: { readonly offsets: Int32Array; readonly bytes: Uint8Array },
  ids: DictionaryIds,
): Data {
  const { offsets, bytes } = texts;
  const length = offsets.length - 1;
  const data = makeData({ type: new Utf8(), length, nullCount: 0, valueOffsets: offsets, data: bytes });
  return codedData(codes, nullsOf(valid, codes.length), data, ids);
}

/** Bools as Arrow data, from a bit a row. */
export function bitData(bits: Uint8Array, valid: Uint8Array | undefined, rows: number): Data<Bool> {
  return makeData({ type: new Bool(), ...nullsOf(valid, rows), data: bits });
}

/** A column as Arrow data of `rows` rows. Texts are dictionary-encoded with an id of `ids`, without it plain. */
export function arrowData(column: ColumnData, rows: number, ids: DictionaryIds | null): Data {
  const { type, valid } = column;
  const nulls = nullsOf(valid, rows);
  if (isText(type)) {
    const texts = column.dictionary as readonly string[];
    const codes = column.values as Int32Array;
    if (ids === null) {
      const text = textData(Array.from(codes, (code, row) => (valid?.[row] === 0 ? "" : texts[code]!)));
      return makeData({ type: new Utf8(), ...nulls, valueOffsets: text.valueOffsets, data: text.values });
    }
    return codedData(codes, nulls, textData(texts), ids);
  }
  switch (type.kind) {
    case "record": {
      const children = column.fields!.map((field) => arrowData(field, rows, ids));
      const fields = children.map((child, index) => new Field(column.fields![index]!.name, child.type, true));
      return makeData({ type: new Struct(fields), ...nulls, children });
    }
    case "list": {
      const { offsets, items } = flatten(column, rows);
      const child = arrowData(columnOf(type.item, items), items.length, null);
      return makeData({ type: new List(new Field("item", child.type, true)), ...nulls, valueOffsets: offsets, child });
    }
    case "map": {
      const { offsets, items } = flatten(column, rows);
      const entries = items as readonly (readonly HostValue[])[];
      const keys = arrowData(
        columnOf(
          type.key,
          entries.map((entry) => entry[0]!),
        ),
        entries.length,
        null,
      );
      const values = arrowData(
        columnOf(
          type.value,
          entries.map((entry) => entry[1]!),
        ),
        entries.length,
        null,
      );
      const struct = new Struct<{ key: DataType; value: DataType }>([
        new Field("key", keys.type, false),
        new Field("value", values.type, true),
      ]);
      const child = makeData({ type: struct, length: entries.length, nullCount: 0, children: [keys, values] });
      return makeData({ type: new Map_(new Field("entries", struct, false)), ...nulls, valueOffsets: offsets, child });
    }
    default: {
      const make = SCALAR_TYPES[type.kind];
      if (make === undefined) throw new TypeError(`no column of type ${type.kind} can be stored`);
      return makeData({ type: make(), ...nulls, data: storedValues(type, column.values) } as never);
    }
  }
}

function flatten(column: ColumnData, rows: number): { offsets: Int32Array; items: HostValue[] } {
  const offsets = new Int32Array(rows + 1);
  const items: HostValue[] = [];
  const codes = column.values as Int32Array;
  for (let row = 0; row < rows; row++) {
    if (column.valid === undefined || column.valid[row] === 1) {
      for (const item of column.dictionary![codes[row]!] as readonly HostValue[]) items.push(item);
    }
    offsets[row + 1] = items.length;
  }
  return { offsets, items };
}
