import type { HostValue } from "../values/host-value.ts";
import { type Allocate, type RowArray, shared } from "./allocate.ts";
import type { RowSetColumn, StoredRows } from "./row-set.ts";

/** Rows in another order, or some of them; null: as they are. */
export function gatherRows(from: StoredRows, order: Uint32Array | null, allocate: Allocate = shared): StoredRows {
  if (order === null) return from;
  return mapArrays(from, order.length, (values) => pick(values, order, allocate));
}

/** Rows of the same form, with other arrays. */
export function mapArrays(from: StoredRows, rows: number, map: <T extends RowArray>(values: T) => T): StoredRows {
  const column = (one: RowSetColumn): RowSetColumn => ({
    ...one,
    values: map(one.values),
    ...(one.valid ? { valid: map(one.valid) } : {}),
  });
  return {
    rows,
    keyHash: map(from.keyHash),
    time: map(from.time),
    subsort: map(from.subsort),
    ...(from.rank ? { rank: map(from.rank) } : {}),
    ...(from.origin ? { origin: map(from.origin) } : {}),
    ...(from.ordinal ? { ordinal: map(from.ordinal) } : {}),
    ...(from.localKeyHash ? { localKeyHash: map(from.localKeyHash) } : {}),
    ...(from.key ? { key: column(from.key) } : {}),
    columns: from.columns.map(column),
  };
}

function pick<T extends RowArray>(values: T, order: Uint32Array, allocate: Allocate): T {
  const picked = allocate(values, order.length);
  switch (values.BYTES_PER_ELEMENT) {
    case 1:
      pickInto(values as Uint8Array, order, picked as Uint8Array);
      break;
    case 4:
      pickFour(asInt32(values), order, asInt32(picked));
      break;
    default:
      pickEight(asInt64(values), order, asInt64(picked));
  }
  return picked;
}

function asInt32(values: RowArray): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length);
}

function asInt64(values: RowArray): BigInt64Array {
  return new BigInt64Array(values.buffer, values.byteOffset, values.length);
}

// One loop for each width, so that each is compiled for one kind of array.
function pickInto(values: Uint8Array, order: Uint32Array, picked: Uint8Array): void {
  for (let at = 0; at < order.length; at++) picked[at] = values[order[at]!]!;
}

function pickFour(values: Int32Array, order: Uint32Array, picked: Int32Array): void {
  for (let at = 0; at < order.length; at++) picked[at] = values[order[at]!]!;
}

function pickEight(values: BigInt64Array, order: Uint32Array, picked: BigInt64Array): void {
  for (let at = 0; at < order.length; at++) picked[at] = values[order[at]!]!;
}

/** Rows `from` up to `to`, as views of the same memory. */
export function sliceRows(rows: StoredRows, from: number, to: number): StoredRows {
  return mapArrays(rows, to - from, (values) => values.subarray(from, to) as typeof values);
}

/** Row sets of one form, one after the other. Dictionaries are joined; equal strings get one code. */
export function concatRows(parts: readonly StoredRows[], allocate: Allocate = shared): StoredRows {
  const first = parts[0];
  if (!first) throw new Error("no row sets to join");
  if (parts.length === 1) return first;
  const join = <T extends RowArray>(of: (part: StoredRows) => T): T => concat(parts.map(of), allocate);
  const columns = (of: (part: StoredRows) => RowSetColumn) => concatColumns(parts.map(of), allocate);
  return {
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    keyHash: join((part) => part.keyHash),
    time: join((part) => part.time),
    subsort: join((part) => part.subsort),
    ...(first.rank ? { rank: join((part) => part.rank!) } : {}),
    ...(first.origin ? { origin: join((part) => part.origin!) } : {}),
    ...(first.ordinal ? { ordinal: join((part) => part.ordinal!) } : {}),
    ...(first.localKeyHash ? { localKeyHash: join((part) => part.localKeyHash!) } : {}),
    ...(first.key ? { key: columns((part) => part.key!) } : {}),
    columns: first.columns.map((_, index) => columns((part) => part.columns[index]!)),
  };
}

function concat<T extends RowArray>(parts: readonly T[], allocate: Allocate): T {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = allocate(parts[0]!, length);
  let at = 0;
  for (const part of parts) {
    (whole.set as (from: T, at: number) => void)(part, at);
    at += part.length;
  }
  return whole;
}

function concatColumns(parts: readonly RowSetColumn[], allocate: Allocate): RowSetColumn {
  const { name, type } = parts[0]!;
  const some = parts.some((part) => part.valid !== undefined);
  const valids = some ? parts.map((part) => part.valid ?? new Uint8Array(part.values.length).fill(1)) : null;
  const joint = parts[0]!.dictionary ? jointDictionary(parts) : null;
  const values = parts.map((part, index) =>
    joint ? recoded(part.values as Int32Array, joint.codes[index]!) : part.values,
  );
  return {
    name,
    type,
    values: concat(values, allocate),
    ...(valids ? { valid: concat(valids, allocate) } : {}),
    ...(joint ? { dictionary: joint.dictionary } : {}),
  };
}

/** One dictionary for columns with their own, and for each of them its codes in the new one. Equal strings get one code. */
export function jointDictionary(parts: readonly RowSetColumn[]): { dictionary: HostValue[]; codes: Int32Array[] } {
  const dictionary: HostValue[] = [];
  const known = new Map<HostValue, number>();
  const codes = parts.map(({ dictionary: own }) =>
    Int32Array.from(own!, (value) => {
      const code = typeof value === "string" ? known.get(value) : undefined;
      if (code !== undefined) return code;
      const added = dictionary.push(value) - 1;
      if (typeof value === "string") known.set(value, added);
      return added;
    }),
  );
  return { dictionary, codes };
}

function recoded(values: Int32Array, codes: Int32Array): Int32Array {
  return values.map((code) => codes[code] ?? 0);
}
