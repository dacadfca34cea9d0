import { concatRows, gatherRows } from "./gather.ts";
import { compare, orderRows } from "./row-order.ts";
import type { StoredRows } from "./stage-job.ts";

/** Rows that `shift_to` or `shift_until` moved, in the order of their new times and numbered anew. */
export function shiftedRows(parts: readonly StoredRows[]): StoredRows {
  const rows = concatRows(parts.map(released));
  const order = orderRows(rows.rows, [
    { values: rows.keyHash, signed: false },
    { values: rows.time, signed: true },
  ]);
  const moved = gatherRows(rows, order);
  const subsort = new BigUint64Array(moved.rows);
  for (let row = 1; row < moved.rows; row++) {
    const same = moved.keyHash[row] === moved.keyHash[row - 1] && moved.time[row] === moved.time[row - 1];
    if (same) subsort[row] = subsort[row - 1]! + 1n;
  }
  return { ...moved, subsort };
}

/** Rows of shift_until carry the number of their group as time until it is known when the group was released. */
function released(part: StoredRows): StoredRows {
  if (!part.releases) return part;
  const { group, time } = part.releases;
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
  const { releases: _done, ...rows } = part;
  return gatherRows({ ...rows, time: times }, kept.subarray(0, count));
}

/** Rows under their new entities; rows that are equal in all else are numbered by the entity they came from. */
export function rekeyedRows(parts: readonly StoredRows[], keep: (keyHash: bigint) => boolean): StoredRows {
  const all = concatRows(parts);
  const chosen = Uint32Array.from({ length: all.rows }, (_, row) => row).filter((row) => keep(all.keyHash[row]!));
  const rows = chosen.length === all.rows ? all : gatherRows(all, chosen);
  const order = orderRows(rows.rows, identityKeys(rows), (a, b) => compareIdentity(rows, a, b, true));
  const { localKeyHash: _old, ...sorted } = gatherRows(rows, order);
  const ordinal = new Int32Array(sorted.rows);
  for (let row = 1; row < sorted.rows; row++) {
    const same =
      sorted.keyHash[row] === sorted.keyHash[row - 1] &&
      sorted.time[row] === sorted.time[row - 1] &&
      sorted.rank![row] === sorted.rank![row - 1] &&
      sorted.subsort[row] === sorted.subsort[row - 1] &&
      sorted.origin![row] === sorted.origin![row - 1];
    if (same) ordinal[row] = ordinal[row - 1]! + 1;
  }
  return { ...sorted, ordinal };
}

/** Requests in the order of the entities that are asked, or answers in the order of those who asked. */
export function exchangedRows(parts: readonly StoredRows[]): StoredRows {
  const rows = concatRows(parts);
  return gatherRows(
    rows,
    orderRows(rows.rows, identityKeys(rows), (a, b) => compareIdentity(rows, a, b, false)),
  );
}

function identityKeys(rows: StoredRows) {
  return [
    { values: rows.keyHash, signed: false },
    { values: rows.time, signed: true },
  ];
}

/** Rank, subsort, origin, (old entity,) ordinal. */
function compareIdentity(rows: StoredRows, a: number, b: number, byOldEntity: boolean): number {
  const local = rows.localKeyHash;
  return (
    compare(rows.rank?.[a] ?? 1, rows.rank?.[b] ?? 1) ||
    compare(rows.subsort[a]!, rows.subsort[b]!) ||
    compare(rows.origin?.[a] ?? 0, rows.origin?.[b] ?? 0) ||
    (byOldEntity && local ? compare(local[a]!, local[b]!) : 0) ||
    compare(rows.ordinal?.[a] ?? 0, rows.ordinal?.[b] ?? 0)
  );
}

/** Result rows in (time, rank, subsort, key hash) order over all entities. */
export function resultRows(parts: readonly StoredRows[]): StoredRows {
  const rows = concatRows(parts);
  const order = orderRows(rows.rows, [{ values: rows.time, signed: true }], (a, b) => {
    const byRank = compare(rows.rank?.[a] ?? 1, rows.rank?.[b] ?? 1);
    return byRank || compare(rows.subsort[a]!, rows.subsort[b]!) || compare(rows.keyHash[a]!, rows.keyHash[b]!);
  });
  return gatherRows(rows, order);
}

/** Final results: one row an entity, all stamped with one time. */
export function finalRows(parts: readonly StoredRows[], stamp: bigint): StoredRows {
  const rows = concatRows(parts);
  const sorted = gatherRows(rows, orderRows(rows.rows, [{ values: rows.keyHash, signed: false }]));
  return {
    ...sorted,
    time: new BigInt64Array(sorted.rows).fill(stamp),
    subsort: new BigUint64Array(sorted.rows).fill(0xffffffffffffffffn),
  };
}
