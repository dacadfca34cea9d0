import type { HostValue } from "../values/host-value.ts";
import type { RowSetColumn } from "./row-set.ts";
import type { StoredRows } from "./stage-job.ts";

type Values = RowSetColumn["values"];

/** Rows in another order, or some of them. */
export function gatherRows(from: StoredRows, order: Uint32Array): StoredRows {
  return {
    rows: order.length,
    keyHash: pick(from.keyHash, order),
    time: pick(from.time, order),
    subsort: pick(from.subsort, order),
    ...(from.rank ? { rank: pick(from.rank, order) } : {}),
    ...(from.origin ? { origin: pick(from.origin, order) } : {}),
    ...(from.ordinal ? { ordinal: pick(from.ordinal, order) } : {}),
    ...(from.localKeyHash ? { localKeyHash: pick(from.localKeyHash, order) } : {}),
    ...(from.key ? { key: gatherColumn(from.key, order) } : {}),
    columns: from.columns.map((column) => gatherColumn(column, order)),
  };
}

function gatherColumn(column: RowSetColumn, order: Uint32Array): RowSetColumn {
  return {
    ...column,
    values: pick(column.values, order),
    ...(column.valid ? { valid: pick(column.valid, order) } : {}),
  };
}

function pick<T extends Values | BigUint64Array | Uint8Array>(values: T, order: Uint32Array): T {
  const picked = new (values.constructor as new (length: number) => T)(order.length);
  for (let at = 0; at < order.length; at++) picked[at] = values[order[at]!]!;
  return picked;
}

/** Rows `from` up to `to`, as views of the same memory. */
export function sliceRows(rows: StoredRows, from: number, to: number): StoredRows {
  const column = (one: RowSetColumn): RowSetColumn => ({
    ...one,
    values: one.values.subarray(from, to),
    ...(one.valid ? { valid: one.valid.subarray(from, to) } : {}),
  });
  return {
    rows: to - from,
    keyHash: rows.keyHash.subarray(from, to),
    time: rows.time.subarray(from, to),
    subsort: rows.subsort.subarray(from, to),
    ...(rows.rank ? { rank: rows.rank.subarray(from, to) } : {}),
    ...(rows.origin ? { origin: rows.origin.subarray(from, to) } : {}),
    ...(rows.ordinal ? { ordinal: rows.ordinal.subarray(from, to) } : {}),
    ...(rows.localKeyHash ? { localKeyHash: rows.localKeyHash.subarray(from, to) } : {}),
    ...(rows.key ? { key: column(rows.key) } : {}),
    columns: rows.columns.map(column),
  };
}

/** Row sets of one form, one after the other. Dictionaries are joined; equal strings get one code. */
export function concatRows(parts: readonly StoredRows[]): StoredRows {
  const first = parts[0];
  if (!first) throw new Error("no row sets to join");
  if (parts.length === 1) return first;
  const join = <T extends Values | BigUint64Array | Uint8Array>(of: (part: StoredRows) => T): T =>
    concat(parts.map(of));
  return {
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    keyHash: join((part) => part.keyHash),
    time: join((part) => part.time),
    subsort: join((part) => part.subsort),
    ...(first.rank ? { rank: join((part) => part.rank!) } : {}),
    ...(first.origin ? { origin: join((part) => part.origin!) } : {}),
    ...(first.ordinal ? { ordinal: join((part) => part.ordinal!) } : {}),
    ...(first.localKeyHash ? { localKeyHash: join((part) => part.localKeyHash!) } : {}),
    ...(first.key ? { key: concatColumns(parts.map((part) => part.key!)) } : {}),
    columns: first.columns.map((_, index) => concatColumns(parts.map((part) => part.columns[index]!))),
  };
}

function concat<T extends Values | BigUint64Array | Uint8Array>(parts: readonly T[]): T {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = new (parts[0]!.constructor as new (length: number) => T)(length);
  let at = 0;
  for (const part of parts) {
    (whole.set as (from: T, at: number) => void)(part, at);
    at += part.length;
  }
  return whole;
}

function concatColumns(parts: readonly RowSetColumn[]): RowSetColumn {
  const first = parts[0]!;
  const some = parts.some((part) => part.valid !== undefined);
  const valid = some
    ? concat(parts.map((part) => part.valid ?? new Uint8Array(part.values.length).fill(1)))
    : undefined;
  if (!first.dictionary)
    return { ...first, values: concat(parts.map((part) => part.values)), ...(valid ? { valid } : {}) };
  const dictionary: HostValue[] = [];
  const known = new Map<HostValue, number>();
  const values = concat(
    parts.map((part) => {
      const codes = part.dictionary!.map((value) => {
        const code = typeof value === "string" ? known.get(value) : undefined;
        if (code !== undefined) return code;
        const added = dictionary.push(value) - 1;
        if (typeof value === "string") known.set(value, added);
        return added;
      });
      return (part.values as Int32Array).map((code) => codes[code] ?? 0);
    }),
  );
  return { ...first, values, dictionary, ...(valid ? { valid } : {}) };
}
