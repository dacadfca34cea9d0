import { owned, ownedCopy, type RowArray, shared } from "./allocate.ts";
import { concatRows, gatherRows, mapArrays } from "./gather.ts";
import { orderRows, RowComparison, type SortKey } from "./row-order.ts";
import type { Releases } from "./sink-memory.ts";
import { type HashSlice, inSlice } from "./slice.ts";
import { recycleHere } from "./spare-memory.ts";
import type { ExchangeJob, StoredRows } from "./stage-job.ts";

/** Rows that moved in time within their entities, in the order of their new times and numbered anew. */
export function shiftedRows(rows: StoredRows): StoredRows {
  const moved = gatherRows(rows, orderRows(rows.rows, [{ values: rows.keyHash }, { values: rows.time }]));
  const subsort = shared(moved.subsort, moved.rows).fill(0n);
  const low = new Uint32Array(subsort.buffer);
  const instants = new RowComparison([{ values: moved.time }, { values: moved.keyHash }]);
  for (let row = 1; row < moved.rows; row++) {
    if (instants.compare(row, row - 1) === 0) low[2 * row] = low[2 * row - 2]! + 1;
  }
  if (moved !== rows) recycleHere(rows);
  return { ...moved, subsort };
}

/** Rows of shift_until carry the number of their group as time until it is known when the group was released. */
export function releasedRows(part: StoredRows, { group, time }: Releases): StoredRows {
  const kept = new Uint32Array(part.rows);
  const times = new BigInt64Array(part.rows);
  let count = 0;
  let release = 0;
  for (let row = 0; row < part.rows; row++) {
    while (release < group.length && group[release]! < part.time[row]!) release++;
    if (release === group.length) break;
    if (group[release] !== part.time[row]) continue;
    times[row] = time[release]!;
    kept[count++] = row;
  }
  return gatherRows({ ...part, time: times }, kept.subarray(0, count));
}

/** The last time of some rows. */
export function lastTime({ time }: StoredRows): bigint {
  const later = new RowComparison([{ values: time }]);
  let last = 0;
  for (let row = 1; row < time.length; row++) if (later.compare(row, last) > 0) last = row;
  return time[last]!;
}

/** Rows that were sent to one range of entities, in the order in which the next stage reads them. */
export function exchangedRows({ parts, rekeyed }: ExchangeJob): StoredRows {
  const all = concatRows(parts);
  const rows = rekeyed?.slice ? entitiesOf(all, rekeyed.slice) : all;
  const order = orderRows(rows.rows, byTime(rows), byIdentity(rows, rekeyed !== null));
  const sorted = gatherRows(rows, order);
  // The parts' memory is used again.
  const own = sorted === parts[0] ? mapArrays(sorted, sorted.rows, copied) : sorted;
  if (all !== parts[0] && all !== own) recycleHere(all);
  return rekeyed === null ? own : numbered(own);
}

function copied<T extends RowArray>(values: T): T {
  const copy = shared(values, values.length);
  (copy.set as (from: T) => void)(values);
  return copy;
}

function entitiesOf(rows: StoredRows, slice: HashSlice): StoredRows {
  const chosen = new Uint32Array(rows.rows);
  let count = 0;
  for (let row = 0; row < rows.rows; row++) if (inSlice(slice, rows.keyHash[row]!)) chosen[count++] = row;
  return gatherRows(rows, chosen.subarray(0, count));
}

/** Rows under new entities that are equal in all else are numbered by the entity they come from. */
function numbered(rows: StoredRows): StoredRows {
  const { localKeyHash: _old, ...sorted } = rows;
  const ordinal = shared(new Int32Array(0), sorted.rows).fill(0);
  const identity = new RowComparison([...byTime(sorted), ...byIdentity({ ...sorted, ordinal: undefined }, false)]);
  for (let row = 1; row < sorted.rows; row++) {
    if (identity.compare(row, row - 1) === 0) ordinal[row] = ordinal[row - 1]! + 1;
  }
  return { ...sorted, ordinal };
}

function byTime(rows: StoredRows) {
  return [{ values: rows.keyHash }, { values: rows.time }];
}

/** Rank, subsort, origin, (old entity,) ordinal. */
function byIdentity(rows: StoredRows, byOldEntity: boolean): SortKey[] {
  const { rank, subsort, origin, localKeyHash, ordinal } = rows;
  return [rank, subsort, origin, byOldEntity ? localKeyHash : undefined, ordinal].flatMap((values) =>
    values === undefined ? [] : [{ values }],
  );
}

/** Result rows in (time, rank, subsort, key hash) order. */
export function resultRows(parts: readonly StoredRows[]): StoredRows {
  const rows = concatRows(parts, owned);
  const ties = [rows.rank, rows.subsort, rows.keyHash].flatMap((values) => (values === undefined ? [] : [{ values }]));
  return ownedRows(gatherRows(rows, orderRows(rows.rows, [{ values: rows.time }], ties), owned));
}

/** Rows in arrays that own their buffers. */
function ownedRows(rows: StoredRows): StoredRows {
  const isOwned = (values: RowArray) =>
    values.buffer instanceof ArrayBuffer && values.byteLength === values.buffer.byteLength;
  return mapArrays(rows, rows.rows, (values) => (isOwned(values) ? values : ownedCopy(values)));
}

/** Final results: one row an entity, all stamped with one time. */
export function finalRows(parts: readonly StoredRows[], stamp: bigint): StoredRows {
  const rows = ownedRows(concatRows(parts, owned));
  return {
    ...rows,
    time: new BigInt64Array(rows.rows).fill(stamp),
    subsort: new BigUint64Array(rows.rows).fill(0xffffffffffffffffn),
  };
}
