import type { FenlType, ScalarKind } from "../../values/fenl-type.ts";
import { f16Bits } from "../../values/half-float.ts";
import type { HostValue } from "../../values/host-value.ts";
import type { ColumnData } from "../column-data.ts";
import { columnOf } from "../column-data.ts";
import { ARROW_TYPES, type ArrowData, type ArrowField, type ArrowType, bytesOf, intType } from "./arrow-file.ts";
import { flatNumber } from "./flatbuffer.ts";

/** A type whose unit or precision is told. */
function unitType(id: number, unit: number): ArrowType {
  return { id, slots: [flatNumber(2, unit)] };
}

const { bool, float, date, timestamp, duration } = ARROW_TYPES;
const UTF8: ArrowType = { id: ARROW_TYPES.utf8, slots: [] };
const STRUCT: ArrowType = { id: ARROW_TYPES.struct, slots: [] };
const LIST: ArrowType = { id: ARROW_TYPES.list, slots: [] };
const MAP: ArrowType = { id: ARROW_TYPES.map, slots: [flatNumber(1, 0)] };
/** Lists of none, of which there may be any number. */
const NO_ITEMS: ArrowType = { id: ARROW_TYPES.fixedSizeList, slots: [flatNumber(4, 0)] };

/** Units: of dates days and milliseconds, of others from seconds to nanoseconds; precisions from 16 bits to 64. */
const SCALAR_TYPES: Readonly<Partial<Record<ScalarKind, ArrowType>>> = {
  bool: { id: bool, slots: [] },
  i8: intType(8, true),
  i16: intType(16, true),
  i32: intType(32, true),
  i64: intType(64, true),
  u8: intType(8, false),
  u16: intType(16, false),
  u32: intType(32, false),
  u64: intType(64, false),
  f16: unitType(float, 0),
  f32: unitType(float, 1),
  f64: unitType(float, 2),
  timestamp_s: unitType(timestamp, 0),
  timestamp_ms: unitType(timestamp, 1),
  timestamp_us: unitType(timestamp, 2),
  timestamp_ns: unitType(timestamp, 3),
  date32: unitType(date, 0),
  date64: unitType(date, 1),
  duration_s: unitType(duration, 0),
  duration_ms: unitType(duration, 1),
  duration_us: unitType(duration, 2),
  duration_ns: unitType(duration, 3),
  interval_days: intType(32, true),
  interval_months: intType(32, true),
  null: intType(32, true),
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

function storedValues(type: FenlType, values: ColumnData["values"]): ArrayBufferView {
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
function textData(texts: readonly string[]): ArrowData {
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
  return textsOf(offsets, bytes.subarray(0, at), WITHOUT_NULLS);
}

function isText(type: FenlType): boolean {
  return type.kind === "string" || type.kind === "large_string" || type.kind === "json";
}

/** Numbers the dictionaries of one file. */
export interface DictionaryIds {
  next: number;
}

interface Nulls {
  readonly nullCount: number;
  readonly validity: Uint8Array;
}

const WITHOUT_NULLS: Nulls = { nullCount: 0, validity: new Uint8Array(0) };

function nullsOf(valid: Uint8Array | undefined): Nulls {
  const nullCount = countNulls(valid);
  return nullCount === 0 ? WITHOUT_NULLS : { nullCount, validity: packBits(valid!) };
}

function textsOf(offsets: Int32Array, bytes: Uint8Array, { nullCount, validity }: Nulls): ArrowData {
  const buffers = [validity, bytesOf(offsets), bytes];
  return { type: UTF8, length: offsets.length - 1, nullCount, buffers, children: [] };
}

/** Values of one size. */
function fixedData(
  type: ArrowType,
  length: number,
  values: ArrayBufferView,
  { nullCount, validity }: Nulls,
): ArrowData {
  return { type, length, nullCount, buffers: [validity, bytesOf(values)], children: [] };
}

function codedData(codes: Int32Array, nulls: Nulls, values: ArrowData, ids: DictionaryIds): ArrowData {
  return { ...fixedData(UTF8, codes.length, codes, nulls), dictionary: { id: ids.next++, values } };
}

/** What is told of a type's own values where there are none of them, but for their children's. */
function nestedData(
  type: ArrowType,
  length: number,
  { nullCount, validity }: Nulls,
  offsets: Int32Array | null,
  children: readonly ArrowField[],
): ArrowData {
  return { type, length, nullCount, buffers: offsets === null ? [validity] : [validity, bytesOf(offsets)], children };
}

/** Values of one size without nulls, of a type that is not nested. */
export function denseData(kind: ScalarKind, values: ArrayBufferView & { readonly length: number }): ArrowData {
  return fixedData(SCALAR_TYPES[kind]!, values.length, values, WITHOUT_NULLS);
}

/** Lists of none, a row each, whose items have these fields; `length`: how many items there are all the same. */
export function aside(fields: readonly ArrowField[], length: number, rows: number): ArrowData {
  const data = nestedData(STRUCT, length, WITHOUT_NULLS, null, fields);
  return nestedData(NO_ITEMS, rows, WITHOUT_NULLS, null, [{ name: "entity", nullable: false, data }]);
}

/** Codes of texts as Arrow data; the texts are UTF-8, cut by offsets of which there is one more. */
export function textColumnData(
  codes: Int32Array,
  valid: Uint8Array | undefined,
  texts: { readonly offsets: Int32Array; readonly bytes: Uint8Array },
  ids: DictionaryIds,
): ArrowData {
  return codedData(codes, nullsOf(valid), textsOf(texts.offsets, texts.bytes, WITHOUT_NULLS), ids);
}

/** Bools as Arrow data, from a bit a row. */
export function bitData(bits: Uint8Array, valid: Uint8Array | undefined, rows: number): ArrowData {
  return fixedData(SCALAR_TYPES.bool!, rows, bits, nullsOf(valid));
}

/** A column as Arrow data of `rows` rows. Texts are dictionary-encoded with an id of `ids`, without it plain. */
export function arrowData(column: ColumnData, rows: number, ids: DictionaryIds | null): ArrowData {
  const { type, valid } = column;
  const nulls = nullsOf(valid);
  if (isText(type)) {
    const texts = column.dictionary as readonly string[];
    const codes = column.values as Int32Array;
    if (ids !== null) return codedData(codes, nulls, textData(texts), ids);
    const text = textData(Array.from(codes, (code, row) => (valid?.[row] === 0 ? "" : texts[code]!)));
    const { nullCount, validity } = nulls;
    return { ...text, nullCount, buffers: [validity, ...text.buffers.slice(1)] };
  }
  switch (type.kind) {
    case "record": {
      const children = column.fields!.map(
        (field): ArrowField => ({ name: field.name, nullable: true, data: arrowData(field, rows, ids) }),
      );
      return nestedData(STRUCT, rows, nulls, null, children);
    }
    case "list": {
      const { offsets, items } = flatten(column, rows);
      const data = arrowData(columnOf(type.item, items), items.length, null);
      return nestedData(LIST, rows, nulls, offsets, [{ name: "item", nullable: true, data }]);
    }
    case "map": {
      const { offsets, items } = flatten(column, rows);
      const entries = items as readonly (readonly HostValue[])[];
      const part = (type: FenlType, index: number) => {
        const values = columnOf(
          type,
          entries.map((entry) => entry[index]!),
        );
        return arrowData(values, entries.length, null);
      };
      const children: ArrowField[] = [
        { name: "key", nullable: false, data: part(type.key, 0) },
        { name: "value", nullable: true, data: part(type.value, 1) },
      ];
      const data = nestedData(STRUCT, entries.length, WITHOUT_NULLS, null, children);
      return nestedData(MAP, rows, nulls, offsets, [{ name: "entries", nullable: false, data }]);
    }
    default: {
      const own = SCALAR_TYPES[type.kind];
      if (own === undefined) throw new TypeError(`no column of type ${type.kind} can be stored`);
      return fixedData(own, rows, storedValues(type, column.values), nulls);
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
