import type { Data, DataType } from "apache-arrow";
import {
  Dictionary,
  Field,
  Float32,
  Float64,
  Int8,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Utf8,
  Vector,
} from "apache-arrow";
import { dictionaryValues } from "../execute/rows/dictionary.ts";
import type { RowSetColumn } from "../execute/rows/row-set.ts";
import { type FenlType, representationOf } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";
import { hostText } from "./host-text.ts";

/** The types of columns in which values travel between Spark's steps, by Spark's names. */
export type Lane = "tinyint" | "int" | "bigint" | "float" | "double" | "string";

/** The lane for values of a type: numbers as they are in memory; texts, and as text what varies in size. */
export function laneOf(type: FenlType): Lane {
  if (isText(type) || isCompound(type)) return "string";
  const lanes = { i32: "int", i64: "bigint", f32: "float", f64: "double" } as const;
  return lanes[representationOf(type)];
}

/** Whether values of a type are texts. */
export function isText(type: FenlType): boolean {
  return type.kind === "string" || type.kind === "large_string" || type.kind === "json";
}

/** Whether values of a type are made of others. */
export function isCompound(type: FenlType): boolean {
  return type.kind === "list" || type.kind === "map" || type.kind === "record";
}

/** The columns that identify a row on its way, in the order in which rows are sorted. */
export const IDENTITY = ["_h", "_t", "_k", "_s", "_g", "_l", "_o"] as const;

/**
 * A column of a row's identity: key hash, time, rank, subsort, origin, hash of the entity that the row comes from, and
 * what tells rows apart that are equal in all else. Unsigned ones are moved by 2^63, so that signed order is theirs.
 */
export type IdentityColumn = (typeof IDENTITY)[number];

/** The lanes of the identity's columns. */
export const IDENTITY_LANE: Readonly<Record<IdentityColumn, Lane>> = {
  _h: "bigint",
  _t: "bigint",
  _k: "tinyint",
  _s: "bigint",
  _g: "int",
  _l: "bigint",
  _o: "bigint",
};

/** What stands where a source's rows are all alike in a column of the identity. */
export const IDENTITY_DEFAULT: Readonly<Partial<Record<IdentityColumn, number>>> = { _k: 1, _g: 0, _l: 0, _o: 0 };

/** The other form of unsigned 64-bit numbers: signed ones in the same order, and back. */
export function flipped<T extends BigInt64Array | BigUint64Array>(
  values: BigInt64Array | BigUint64Array,
  form: new (buffer: ArrayBuffer) => T,
): T {
  const flippedValues = new Uint32Array(2 * values.length);
  const from = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
  for (let at = 0; at < from.length; at += 2) {
    flippedValues[at] = from[at]!;
    flippedValues[at + 1] = from[at + 1]! ^ 0x80000000;
  }
  return new form(flippedValues.buffer);
}

/** A named column of a batch of rows. */
export interface LaneData {
  readonly name: string;
  readonly data: Data;
}

/**
 * Values in memory of their own: Arrow's writer takes neighbours in memory for one piece, also where the second one comes
 * first, and loses bytes.
 */
function alone<T extends Int8Array | Int32Array | BigInt64Array | Float32Array | Float64Array>(values: T): T {
  return values.byteLength === values.buffer.byteLength ? values : (values.slice() as T);
}

/** A column of numbers without nulls. */
export function numbers(name: string, values: BigInt64Array | Int32Array | Int8Array): LaneData {
  const type = values instanceof BigInt64Array ? new Int64() : values instanceof Int32Array ? new Int32() : new Int8();
  return { name, data: makeData({ type, length: values.length, nullCount: 0, data: alone(values) } as never) };
}

/** A column's values in its lane. `texts` are what the codes of a column without a dictionary stand for. */
export function laneData(name: string, column: RowSetColumn, rows: number, texts?: readonly string[]): LaneData {
  const { type, values, valid } = column;
  const nulls = nullsOf(valid, rows);
  if (laneOf(type) === "string") {
    const dictionary =
      texts ?? dictionaryValues(column.dictionary ?? []).map((value) => (value === null ? "" : textOf(type, value)));
    return { name, data: textData(values as Int32Array, dictionary, rows, nulls) };
  }
  const lanes: Readonly<Record<string, DataType>> = {
    int: new Int32(),
    bigint: new Int64(),
    float: new Float32(),
    double: new Float64(),
  };
  const data = alone(values.length === rows ? values : values.subarray(0, rows));
  return { name, data: makeData({ type: lanes[laneOf(type)]!, length: rows, ...nulls, data } as never) };
}

function textOf(type: FenlType, value: HostValue): string {
  return isText(type) ? (value as string) : hostText(type, value);
}

interface Nulls {
  readonly nullCount: number;
  readonly nullBitmap?: Uint8Array;
}

function nullsOf(valid: Uint8Array | undefined, rows: number): Nulls {
  if (valid === undefined) return { nullCount: 0 };
  const nullBitmap = new Uint8Array((rows + 7) >> 3);
  let nullCount = 0;
  for (let row = 0; row < rows; row++) {
    if (valid[row] === 0) nullCount++;
    else nullBitmap[row >> 3]! |= 1 << (row & 7);
  }
  return nullCount === 0 ? { nullCount } : { nullCount, nullBitmap };
}

/** Texts by codes of a dictionary; only those that occur are sent. */
function textData(codes: Int32Array, dictionary: readonly string[], rows: number, nulls: Nulls): Data {
  const renumbered = new Int32Array(dictionary.length).fill(-1);
  const used: string[] = [];
  const own = new Int32Array(rows);
  const bits = nulls.nullBitmap;
  for (let row = 0; row < rows; row++) {
    if (bits && (bits[row >> 3]! & (1 << (row & 7))) === 0) continue;
    const code = codes[row]!;
    if (renumbered[code]! < 0) renumbered[code] = used.push(dictionary[code]!) - 1;
    own[row] = renumbered[code]!;
  }
  const offsets = new Int32Array(used.length + 1);
  let bytes = 0;
  for (let index = 0; index < used.length; index++) {
    bytes += Buffer.byteLength(used[index]!);
    if (bytes > 0x7fffffff) throw new RangeError("texts of more than 2 GiB in one piece");
    offsets[index + 1] = bytes;
  }
  const data = Buffer.from(new ArrayBuffer(bytes));
  for (let index = 0; index < used.length; index++) data.write(used[index]!, offsets[index]!);
  const texts = makeData({ type: new Utf8(), length: used.length, nullCount: 0, valueOffsets: offsets, data });
  const type = new Dictionary(new Utf8(), new Int32(), 0, false);
  return makeData({ type, length: rows, ...nulls, data: own, dictionary: new Vector([texts]) });
}

/** Columns as one batch. */
export function batchOf(columns: readonly LaneData[], rows: number): RecordBatch {
  const distinct = columns.map(({ name, data }, index) => new Field(name, numbered(data.type, index), true));
  const schema = new Schema(distinct);
  const children = columns.map(({ data }, index) => retyped(data, distinct[index]!.type));
  return new RecordBatch(schema, makeData({ type: new Struct(distinct), length: rows, nullCount: 0, children }));
}

/** Dictionaries of one batch need different ids. */
function numbered(type: DataType, id: number): DataType {
  return type instanceof Dictionary ? new Dictionary(type.dictionary, type.indices, id, false) : type;
}

function retyped(data: Data, type: DataType): Data {
  return data.type === type ? data : data.clone(type as never);
}
