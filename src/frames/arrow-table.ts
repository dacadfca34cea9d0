import {
  Bool,
  type Data,
  type DataType,
  DateDay,
  DateMillisecond,
  Dictionary,
  Duration,
  Field,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  Map_,
  makeData,
  Null,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Timestamp,
  TimeUnit,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
  Vector,
} from "apache-arrow";
import { owned } from "../execute/rows/allocate.ts";
import { dictionaryReader, dictionarySize, isListed, pickRows, selectCodes } from "../execute/rows/dictionary.ts";
import { type CodedTexts, type EncodedTexts, encodeTexts } from "../execute/rows/encoded-texts.ts";
import type { Dictionary as Codes, ListParts, RowSetColumn } from "../execute/rows/row-set.ts";
import { firstEqual, MOST_TEXT_BYTES, type TextBytes } from "../execute/rows/text-bytes.ts";
import { type FenlType, isText } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";
import { copyBytes } from "../values/text-table.ts";
import { isValid, type Output } from "./output.ts";

const UNITS: Readonly<Record<string, TimeUnit>> = {
  s: TimeUnit.SECOND,
  ms: TimeUnit.MILLISECOND,
  us: TimeUnit.MICROSECOND,
  ns: TimeUnit.NANOSECOND,
};

/** The Arrow type that holds a Fenl type's values exactly. Half floats are widened to single ones. */
export function arrowType(type: FenlType): DataType {
  switch (type.kind) {
    case "bool":
      return new Bool();
    case "i8":
      return new Int8();
    case "i16":
      return new Int16();
    case "i32":
    case "interval_days":
    case "interval_months":
      return new Int32();
    case "i64":
      return new Int64();
    case "u8":
      return new Uint8();
    case "u16":
      return new Uint16();
    case "u32":
      return new Uint32();
    case "u64":
      return new Uint64();
    case "f16":
    case "f32":
      return new Float32();
    case "f64":
      return new Float64();
    case "date32":
      return new DateDay();
    case "date64":
      return new DateMillisecond();
    case "timestamp_s":
    case "timestamp_ms":
    case "timestamp_us":
    case "timestamp_ns":
      return new Timestamp(UNITS[type.kind.slice("timestamp_".length)]!);
    case "duration_s":
    case "duration_ms":
    case "duration_us":
    case "duration_ns":
      return new Duration(UNITS[type.kind.slice("duration_".length)]!);
    case "string":
    case "large_string":
    case "json":
      return new Utf8();
    case "list":
      return new List(new Field("item", arrowType(type.item), true));
    case "map": {
      const entry = new Struct<{ key: DataType; value: DataType }>([
        new Field("key", arrowType(type.key), false),
        new Field("value", arrowType(type.value), true),
      ]);
      return new Map_(new Field("entries", entry, false));
    }
    case "record":
      return new Struct(type.fields.map((field) => new Field(field.name, arrowType(field.type), true)));
    case "null":
    case "window":
    case "error":
      return new Null();
  }
}

interface Validity {
  readonly nullCount: number;
  readonly nullBitmap: Uint8Array | undefined;
}

function validity(length: number, present: (row: number) => boolean): Validity {
  const nullBitmap = new Uint8Array((length + 7) >> 3);
  let nullCount = 0;
  for (let row = 0; row < length; row++) {
    if (present(row)) nullBitmap[row >> 3]! |= 1 << (row & 7);
    else nullCount++;
  }
  return nullCount === 0 ? { nullCount, nullBitmap: undefined } : { nullCount, nullBitmap };
}

function columnValidity(column: RowSetColumn, rows: number): Validity {
  const { valid, dictionary } = column;
  if (dictionary !== undefined) return validity(rows, (row) => isValid(column, row));
  if (valid === undefined) return { nullCount: 0, nullBitmap: undefined };
  const nullBitmap = new Uint8Array((rows + 7) >> 3);
  let nullCount = rows;
  for (let row = 0; row < rows; row++) {
    if (valid[row] === 0) continue;
    nullBitmap[row >> 3]! |= 1 << (row & 7);
    nullCount--;
  }
  return nullCount === 0 ? { nullCount, nullBitmap: undefined } : { nullCount, nullBitmap };
}

function bits(length: number, isSet: (row: number) => boolean): Uint8Array {
  const packed = new Uint8Array((length + 7) >> 3);
  for (let row = 0; row < length; row++) if (isSet(row)) packed[row >> 3]! |= 1 << (row & 7);
  return packed;
}

function textData(texts: readonly HostValue[]): Data<Utf8> {
  const present = validity(texts.length, (index) => texts[index] !== null);
  return utf8Data(encodeTexts(texts), present);
}

function utf8Data({ offsets, bytes }: EncodedTexts, present: Validity): Data<Utf8> {
  return makeData({ type: new Utf8(), length: offsets.length - 1, valueOffsets: offsets, data: bytes, ...present });
}

/** An Arrow array of codes and the texts that they stand for. */
function codedTextData({ codes, texts, nullCount, nullBitmap }: CodedTexts): Data {
  const dictionary = new Vector<Utf8>([utf8Data(texts, { nullCount: 0, nullBitmap: undefined })]);
  const type: Dictionary<Utf8, Int32> = new Dictionary(new Utf8(), new Int32());
  return makeData({ type, length: codes.length, data: codes, dictionary, nullCount, nullBitmap });
}

/** The typed array that Arrow keeps values of a type in. */
function storage(type: FenlType, length: number): ArrayBufferView & { [index: number]: number | bigint } {
  switch (type.kind) {
    case "i8":
      return new Int8Array(length);
    case "i16":
      return new Int16Array(length);
    case "u8":
      return new Uint8Array(length);
    case "u16":
      return new Uint16Array(length);
    case "u32":
      return new Uint32Array(length);
    case "u64":
      return new BigUint64Array(length);
    case "f16":
    case "f32":
      return new Float32Array(length);
    case "f64":
      return new Float64Array(length);
    case "i32":
    case "date32":
    case "interval_days":
    case "interval_months":
      return new Int32Array(length);
    default:
      return new BigInt64Array(length);
  }
}

/** An Arrow array of values of any type, one per element. */
export function arrowArray(type: FenlType, values: readonly HostValue[]): Data {
  const length = values.length;
  const present = validity(length, (row) => values[row] !== null);
  switch (type.kind) {
    case "null":
    case "window":
    case "error":
      return makeData({ type: new Null(), length });
    case "bool":
      return makeData({ type: new Bool(), length, data: bits(length, (row) => values[row] === true), ...present });
    case "string":
    case "large_string":
    case "json":
      return textData(values);
    case "record": {
      const children = type.fields.map((field, index) =>
        arrowArray(
          field.type,
          values.map((value) => (value === null ? null : ((value as readonly HostValue[])[index] ?? null))),
        ),
      );
      return makeData({ type: arrowType(type) as Struct, length, children, ...present });
    }
    case "list":
    case "map": {
      const valueOffsets = new Int32Array(length + 1);
      const items: HostValue[] = [];
      for (let row = 0; row < length; row++) {
        for (const item of (values[row] as readonly HostValue[] | null) ?? []) items.push(item);
        valueOffsets[row + 1] = items.length;
      }
      if (type.kind === "list") {
        const child = arrowArray(type.item, items);
        return makeData({ type: arrowType(type) as List, length, valueOffsets, child, ...present });
      }
      const mapType = arrowType(type) as Map_;
      const pairs = items as readonly (readonly HostValue[])[];
      const children = [
        arrowArray(
          type.key,
          pairs.map((pair) => pair[0] ?? null),
        ),
        arrowArray(
          type.value,
          pairs.map((pair) => pair[1] ?? null),
        ),
      ];
      const child = makeData({
        type: mapType.children[0]!.type as Struct,
        length: pairs.length,
        nullCount: 0,
        children,
      });
      return makeData({ type: mapType, length, valueOffsets, child, ...present });
    }
    default: {
      const data = storage(type, length);
      for (let row = 0; row < length; row++) {
        const value = values[row];
        if (value !== null && value !== undefined) data[row] = value as number | bigint;
      }
      return makeData({ type: arrowType(type), length, data, ...present } as Parameters<typeof makeData>[0]) as Data;
    }
  }
}

/** The codes that occur, renumbered by first occurrence, and what they stand for. */
function compacted(column: RowSetColumn, rows: number): { codes: Int32Array; distinct: Codes } {
  const dictionary = column.dictionary!;
  // Equal texts get one code.
  const isPacked = !isListed(dictionary) && dictionary.kind === "texts";
  const same = isPacked && !dictionary.areDistinct ? firstEqual(dictionary) : null;
  const renumbered = new Int32Array(dictionarySize(dictionary)).fill(-1);
  const used = new Int32Array(Math.min(renumbered.length, rows));
  const codes = new Int32Array(rows);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    if (!isValid(column, row)) continue;
    const code = same === null ? (column.values[row] as number) : same[column.values[row] as number]!;
    if (renumbered[code]! < 0) {
      used[count] = code;
      renumbered[code] = count++;
    }
    codes[row] = renumbered[code]!;
  }
  return { codes, distinct: selectCodes(dictionary, used.subarray(0, count)) };
}

/** Texts of rows, one after the other, by their codes. */
export function plainTextData(
  column: RowSetColumn,
  texts: Pick<TextBytes, "offsets" | "bytes">,
  rows: number,
): Data<Utf8> {
  const codes = column.values as Int32Array;
  const valueOffsets = new Int32Array(rows + 1);
  let size = 0;
  for (let row = 0; row < rows; row++) {
    if (isValid(column, row)) size += texts.offsets[codes[row]! + 1]! - texts.offsets[codes[row]!]!;
    if (size > MOST_TEXT_BYTES) throw new RangeError("a text column of more than 2 GiB does not fit an Arrow table");
    valueOffsets[row + 1] = size;
  }
  const data = new Uint8Array(size);
  for (let row = 0; row < rows; row++) {
    if (valueOffsets[row + 1]! === valueOffsets[row]!) continue;
    copyBytes(texts.bytes, texts.offsets[codes[row]!]!, texts.offsets[codes[row]! + 1]!, data, valueOffsets[row]!);
  }
  return makeData({ type: new Utf8(), length: rows, valueOffsets, data, ...columnValidity(column, rows) });
}

/** Lists of rows, the items of each by themselves. */
function listData(column: RowSetColumn, lists: ListParts, rows: number, present: Validity): Data<List> {
  const codes = column.values as Int32Array;
  const valueOffsets = new Int32Array(rows + 1);
  let size = 0;
  for (let row = 0; row < rows; row++) {
    if (isValid(column, row)) size += lists.ends[codes[row]!]! - lists.starts[codes[row]!]!;
    if (size > 0x7fffffff) throw new RangeError("lists of more than 2^31 items do not fit an Arrow table");
    valueOffsets[row + 1] = size;
  }
  const places = new Uint32Array(size);
  for (let row = 0; row < rows; row++) {
    let item = lists.starts[codes[row]!]!;
    for (let at = valueOffsets[row]!; at < valueOffsets[row + 1]!; at++) places[at] = item++;
  }
  const child = columnData(pickRows(lists.items, places, owned), size, "plain");
  const type = new List(new Field("item", child.type, true));
  return makeData({ type, length: rows, valueOffsets, child, ...present });
}

/** A column as an Arrow array. */
export function columnData(column: RowSetColumn, rows: number, texts: Texts): Data {
  const { type, values } = column;
  if (type.kind === "null") return makeData({ type: new Null(), length: rows });
  const present = columnValidity(column, rows);
  if (column.dictionary !== undefined) {
    const { dictionary } = column;
    if (!isListed(dictionary) && dictionary.kind === "lists") return listData(column, dictionary, rows, present);
    if (texts === "coded" && isText(type)) {
      const { codes, distinct } = compacted(column, rows);
      const own = isListed(distinct) ? encodeTexts(distinct) : (distinct as TextBytes);
      return codedTextData({ codes, texts: own, ...present });
    }
    if (!isListed(dictionary)) return plainTextData(column, dictionary, rows);
    const read = dictionaryReader(dictionary);
    const code = values as Int32Array;
    return arrowArray(
      type,
      Array.from({ length: rows }, (_, row) => (isValid(column, row) ? read(code[row]!) : null)),
    );
  }
  if (type.kind === "bool") {
    return makeData({ type: new Bool(), length: rows, data: bits(rows, (row) => values[row] !== 0), ...present });
  }
  const data = storage(type, 0);
  const Stored = data.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => typeof data;
  const sameWidth = values.BYTES_PER_ELEMENT === (data as Int8Array).BYTES_PER_ELEMENT;
  const stored = sameWidth
    ? new Stored(values.buffer, values.byteOffset, rows)
    : (Stored as unknown as { from(values: ArrayLike<number>): typeof data }).from(values as Int32Array);
  return makeData({ type: arrowType(type), length: rows, data: stored, ...present } as Parameters<
    typeof makeData
  >[0]) as Data;
}

/** How texts are kept: as codes of a dictionary, or one after the other. */
export type Texts = "coded" | "plain";

/**
 * The output as an Arrow table, exact for every type: `_time` is `Timestamp<ns>`, 64-bit integers are 64-bit, strings
 * are `Dictionary<Utf8, Int32>` (`Utf8` where texts are to be plain), records, lists and maps are structs, lists and maps.
 */
export function toArrowTable(output: Output, texts: Texts = "coded"): Table {
  const children = output.columns.map((column) => columnData(column, output.rows, texts));
  return new Table([
    recordBatch(
      output.columns.map(({ name }) => name),
      children,
      output.rows,
    ),
  ]);
}

/** Arrow arrays under names. */
export function recordBatch(names: readonly string[], children: readonly Data[], rows: number): RecordBatch {
  const fields = children.map(({ type }, index) => new Field(names[index]!, type, true));
  const data = makeData({ type: new Struct(fields), length: rows, nullCount: 0, children: [...children] });
  return new RecordBatch(new Schema(fields), data);
}
