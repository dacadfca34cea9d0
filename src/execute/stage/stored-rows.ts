import { isTextKey } from "../../compile/stage-layout.ts";
import { type Allocate, copyOf, countedShared, owned, ownedCopy, type RowArray, shared } from "../rows/allocate.ts";
import { numbersFrom } from "../rows/copy-values.ts";
import { concatRows, gatherRows, mapArrays } from "../rows/gather.ts";
import { orderRows, RowComparison, type SortKey } from "../rows/row-order.ts";
import type { RowSetColumn } from "../rows/row-set.ts";
import { type HashSlice, inSlice } from "../rows/slice.ts";
import { recycleHere } from "../rows/spare-memory.ts";
import type { ExchangeJob, StoredRows } from "../rows/stage-job.ts";
import { concatTexts, type TextBytes } from "../rows/text-bytes.ts";
import { type RowOrder, sorted } from "../spill/merge-runs.ts";
import type { Releases } from "./sink-memory.ts";

/** Rows that moved in time within their entities, in the order of their new times and numbered anew. */
export function shiftedRows(rows: StoredRows): StoredRows {
  const moved = sorted(rows, SHIFT_ORDER);
  const numbered = withSubsorts(moved, null);
  if (moved !== rows) recycleHere(rows);
  return numbered;
}

/** The order of moved rows. */
export const SHIFT_ORDER: RowOrder = { keys: byTime, ties: () => [] };

/** Moved rows in order, numbered anew among those of one entity and time; `before` are those in front of them. */
export function withSubsorts(moved: StoredRows, before: StoredRows | null): StoredRows {
  const subsort = shared(moved.subsort, moved.rows).fill(0n);
  if (moved.rows === 0) return { ...moved, subsort };
  const low = new Uint32Array(subsort.buffer);
  if (before !== null && followsEqual(before, moved, byTime)) low[0] = Number(before.subsort.at(-1)! + 1n);
  numberInstants(halvesOf(moved.time), halvesOf(moved.keyHash), low, moved.rows);
  return { ...moved, subsort };
}

/** Numbers the rows of each entity and time; the first row has its number. */
function numberInstants(time: Int32Array, key: Int32Array, low: Uint32Array, rows: number): void {
  for (let at = 2; at < 2 * rows; at += 2) {
    if (
      time[at] === time[at - 2] &&
      time[at + 1] === time[at - 1] &&
      key[at] === key[at - 2] &&
      key[at + 1] === key[at - 1]
    ) {
      low[at] = low[at - 2]! + 1;
    }
  }
}

function halvesOf({ buffer, byteOffset, length }: BigInt64Array | BigUint64Array): Int32Array {
  return new Int32Array(buffer as ArrayBuffer, byteOffset, 2 * length);
}

/** Whether the first of some rows equals the last of those in front of them. */
function followsEqual(before: StoredRows, rows: StoredRows, of: (rows: StoredRows) => readonly SortKey[]): boolean {
  const others = of(before);
  return of(rows).every(({ values }, index) => values[0] === others[index]!.values[before.rows - 1]);
}

/** Rows of shift_until carry the number of their group as time until it is known when the group was released. */
export function releasedRows(part: StoredRows, { group, time }: Releases): StoredRows {
  const kept = new Uint32Array(part.rows);
  const times = new BigInt64Array(part.rows);
  const count = release(halvesOf(part.time), halvesOf(group), halvesOf(time), halvesOf(times), kept);
  const timed = { ...part, time: times };
  return count === part.rows
    ? mapArrays(timed, count, (values) => copyOf(values, shared))
    : gatherRows(timed, kept.subarray(0, count));
}

/** Writes the times of the rows whose groups were released, and their numbers; returns how many they are. */
function release(
  groupOf: Int32Array,
  group: Int32Array,
  time: Int32Array,
  times: Int32Array,
  kept: Uint32Array,
): number {
  let count = 0;
  let next = 0;
  for (let start = 0; start < groupOf.length; ) {
    const own = numberAt(groupOf, start);
    const [low, high] = [groupOf[start]!, groupOf[start + 1]!];
    let end = start + 2;
    while (end < groupOf.length && groupOf[end] === low && groupOf[end + 1] === high) end += 2;
    while (next < group.length && numberAt(group, next) < own) next += 2;
    if (next === group.length) break;
    if (numberAt(group, next) === own) {
      const [early, late] = [time[next]!, time[next + 1]!];
      for (let at = start; at < end; at += 2) {
        times[at] = early;
        times[at + 1] = late;
        kept[count++] = at >>> 1;
      }
    }
    start = end;
  }
  return count;
}

/** A 64-bit number from 0 up to 2^53, of which the halves are at hand. */
function numberAt(halves: Int32Array, at: number): number {
  return (halves[at]! >>> 0) + halves[at + 1]! * 2 ** 32;
}

/** The last time of some rows. */
export function lastTime({ time }: StoredRows): bigint {
  const later = new RowComparison([{ values: time }]);
  let last = 0;
  for (let row = 1; row < time.length; row++) if (later.compare(row, last) > 0) last = row;
  return time[last]!;
}

/** Rows that were sent to one range of entities, in the order in which the next stage reads them. */
export function exchangedRows(parts: readonly StoredRows[], rekeyed: ExchangeJob["rekeyed"]): StoredRows {
  const all = concatRows(parts);
  const rows = rekeyed?.slice ? entitiesOf(all, rekeyed.slice) : all;
  const ordered = sorted(rows, exchangeOrder(rekeyed !== null));
  // The parts' memory is used again.
  const own = ordered === parts[0] ? mapArrays(ordered, ordered.rows, (values) => copyOf(values, shared)) : ordered;
  if (all !== parts[0] && all !== own) recycleHere(all);
  if (rekeyed === null) return own;
  const { ordinal, ...numbered } = withOrdinals(own, null);
  return ordinal!.some((number) => number !== 0) ? { ...numbered, ordinal } : numbered;
}

/** The order of rows that come from other entities. */
export function exchangeOrder(rekeyed: boolean): RowOrder {
  return { keys: byTime, ties: (rows) => byIdentity(rows, rekeyed) };
}

/** The rows of some entities. */
export function entitiesOf(rows: StoredRows, slice: HashSlice): StoredRows {
  const chosen = new Uint32Array(rows.rows);
  let count = 0;
  for (let row = 0; row < rows.rows; row++) if (inSlice(slice, rows.keyHash[row]!)) chosen[count++] = row;
  return gatherRows(rows, chosen.subarray(0, count));
}

/**
 * Rows under new entities that are equal in all else are numbered by the entity they come from; `before` are the rows in
 * front of them.
 */
export function withOrdinals(rows: StoredRows, before: StoredRows | null): StoredRows {
  const { localKeyHash: _old, ...known } = rows;
  const ordinal = shared(new Int32Array(0), known.rows).fill(0);
  const identityOf = (some: StoredRows) => [...byTime(some), ...byIdentity({ ...some, ordinal: undefined }, false)];
  const identity = new RowComparison(identityOf(known));
  if (known.rows > 0 && before !== null && followsEqual(before, known, identityOf)) {
    ordinal[0] = before.ordinal!.at(-1)! + 1;
  }
  for (let row = 1; row < known.rows; row++) {
    if (identity.compare(row, row - 1) === 0) ordinal[row] = ordinal[row - 1]! + 1;
  }
  return { ...known, ordinal };
}

/**
 * Where rows are that are equal in hash and time is known: they are numbered by the entity they come from. Without
 * numbers where all are 0.
 */
export function withOrdinalsIn(rows: StoredRows, ties: readonly number[]): StoredRows {
  let ordinal: Int32Array | undefined;
  const identity = new RowComparison(byIdentity({ ...rows, ordinal: undefined }, false));
  for (let tie = 0; tie < ties.length; tie += 2) {
    for (let row = ties[tie]! + 1; row < ties[tie + 1]!; row++) {
      if (identity.compare(row, row - 1) !== 0) continue;
      ordinal ??= shared(new Int32Array(0), rows.rows).fill(0);
      ordinal[row] = ordinal[row - 1]! + 1;
    }
  }
  return ordinal === undefined ? rows : { ...rows, ordinal };
}

function byTime(rows: StoredRows) {
  return [{ values: rows.keyHash }, { values: rows.time }];
}

/** Rank, subsort, origin, (old entity,) ordinal. */
export function byIdentity(rows: StoredRows, byOldEntity: boolean): SortKey[] {
  const { rank, subsort, origin, localKeyHash, ordinal } = rows;
  return [rank, subsort, origin, byOldEntity ? localKeyHash : undefined, ordinal].flatMap((values) =>
    values === undefined ? [] : [{ values }],
  );
}

/** Result rows in (time, rank, subsort, key hash) order. */
export function resultRows(parts: readonly StoredRows[]): StoredRows {
  const rows = concatRows(parts, owned);
  const order = orderRows(rows.rows, RESULT_ORDER.keys(rows), RESULT_ORDER.ties(rows));
  return ownedRows(gatherRows(rows, order, owned));
}

/** The order of a result. */
export const RESULT_ORDER: RowOrder = {
  keys: (rows) => [{ values: rows.time }],
  ties: ({ rank, subsort, keyHash }) =>
    [rank, subsort, keyHash].flatMap((values) => (values === undefined ? [] : [{ values }])),
};

/** Rows in arrays that own their buffers. */
export function ownedRows(rows: StoredRows): StoredRows {
  const isOwned = (values: RowArray) =>
    values.buffer instanceof ArrayBuffer && values.byteLength === values.buffer.byteLength;
  return mapArrays(rows, rows.rows, (values) => (isOwned(values) ? values : ownedCopy(values)));
}

/** Fewer rows have arrays of their own; those of many are in memory that is used again. */
const MANY_ROWS = 1 << 14;

/** Final results: one row an entity, all stamped with one time. */
export function finalRows(parts: readonly StoredRows[], stamp: bigint): StoredRows {
  const count = parts.reduce((sum, { rows }) => sum + rows, 0);
  const allocate = count < MANY_ROWS ? owned : countedShared;
  // Their own times and subsorts are not asked for.
  const rows = joinedRows(
    parts.map((part) => ({ ...part, time: NO_TIME, subsort: NO_SUBSORT })),
    allocate,
  );
  return { ...(count < MANY_ROWS ? ownedRows(rows) : rows), ...finalTimes(count, stamp, allocate) };
}

/**
 * The same, each part as it is, where all are of many rows, and the parts can be joined when they are asked for as a whole;
 * else null.
 */
export function finalParts(parts: readonly StoredRows[], stamp: bigint): StoredRows[] | null {
  const isPart = ({ rows, key, hasKeyTexts }: StoredRows) =>
    rows >= MANY_ROWS && (hasKeyTexts || key === undefined || !isTextKey(key.type));
  if (parts.length < 2 || !parts.every(isPart)) return null;
  const { time, subsort } = finalTimes(Math.max(...parts.map(({ rows }) => rows)), stamp, countedShared);
  return parts.map((part) => ({
    ...part,
    time: time.subarray(0, part.rows),
    subsort: subsort.subarray(0, part.rows),
  }));
}

/** What stands in the identity of final results behind all rows of a time. */
function finalTimes(count: number, stamp: bigint, allocate: Allocate): Pick<StoredRows, "time" | "subsort"> {
  return {
    time: allocate(NO_TIME, count).fill(stamp),
    subsort: allocate(NO_SUBSORT, count).fill(0xffffffffffffffffn),
  };
}

/** Final results of several ranges of entities, one after the other: no key is in two of them. */
export function joinedRows(parts: readonly StoredRows[], allocate: Allocate): StoredRows {
  const key = jointKeys(parts, allocate);
  const { hasKeyTexts: _own, ...rows } = concatRows(key ? parts.map(withoutKey) : parts, allocate);
  return key ? { ...rows, key } : rows;
}

function withoutKey({ key: _key, ...rows }: StoredRows): StoredRows {
  return rows;
}

/** The keys of parts that have texts for these: all are different. Null where there is nothing to join, or they have none. */
function jointKeys(parts: readonly StoredRows[], allocate: Allocate): RowSetColumn | null {
  if (parts.length < 2 || !parts.every(({ hasKeyTexts }) => hasKeyTexts)) return null;
  const texts = concatTexts(
    parts.map(({ key }) => key!.dictionary as TextBytes),
    allocate,
  );
  if (texts === null) return null;
  const { name, type, values } = parts[0]!.key!;
  const count = texts.offsets.length - 1;
  const numbers = numbersFrom(0, allocate(values as Int32Array, count));
  return { name, type, values: numbers, dictionary: { ...texts, areDistinct: true } };
}

const NO_TIME = new BigInt64Array(0);
const NO_SUBSORT = new BigUint64Array(0);
