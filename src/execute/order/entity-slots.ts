import type { WasmModule } from "../../values/web-assembly.ts";
import type { Recoding } from "../rows/copy-values.ts";
import type { RowComparison } from "../rows/row-order.ts";
import type { StoredRows } from "../rows/row-set.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { movesOf, recodingTables } from "./order-slots.ts";
import type { Segment } from "./order-texts.ts";
import { MOST_BY_TIME } from "./sent-order-wat.ts";
import { ENDS_BYTES, FEW, sortExports, sortTied, type Ties } from "./time-sort.ts";

/** Rows that were sent to one range of entities. */
export interface SentRows {
  /** Without dictionaries; those that are divided among slots of key hashes are put in order slot by slot. */
  readonly parts: readonly StoredRows[];
  /** For columns of codes: for each part how these become codes of the joint dictionary. */
  readonly recodings: readonly (readonly Recoding[])[];
  /** What orders the rows of one entity and time, for each part. */
  readonly identities: readonly RowComparison[];
}

/**
 * Writes rows to `target` in the order of entities and times, and those of one time by their identity. A slot has so few
 * rows that it stays in the processor's cache while it is sorted and its columns are moved, one at a time.
 * @returns from which row up to which there are rows of one entity and time, in pairs
 */
export function orderEntities(
  { parts, recodings, identities }: SentRows,
  target: StoredRows,
  sorter: WasmModule,
  memory: StageMemory,
): number[] {
  const starts = commonSlots(parts);
  const slots = starts[0]!.length - 1;
  const most = mostInSlot(starts);
  memory.start(0);
  const [keys, items, others] = [memory.allocate(8 * most), memory.allocate(4 * most), memory.allocate(8 * most)];
  const room = [memory.allocate(8 * most), memory.allocate(4 * most), memory.allocate(ENDS_BYTES)] as const;
  const [tied, places] = [memory.allocate(4 * most), memory.allocate(4 * most)];
  const [column, ordered] = [memory.allocate(8 * most), memory.allocate(8 * most)];
  const tables = recodingTables(recodings, memory);
  const { buffer } = memory.memory;
  const run = sortExports(sorter, memory);
  const moves = movesOf({ parts, target, recodings, texts: [] }, run, new Map(), {
    buffer,
    tables,
    column,
    ordered,
    places,
  });
  const hashesAt = (address: number) => new BigUint64Array(buffer, address, most);
  const timesAt = (address: number) => new BigInt64Array(buffer, address, most);
  const [keysAsHashes, keysAsTimes] = [hashesAt(keys), timesAt(keys)];
  const [othersAsHashes, othersAsTimes] = [hashesAt(others), timesAt(others)];
  // Rows of several stages have several forms: code that asks for their columns in a loop is compiled again for each.
  const [hashesOf, timesOf] = [parts.map(({ keyHash }) => keyHash), parts.map(({ time }) => time)];
  const read = (segments: readonly Segment[], hashes: BigUint64Array, times: BigInt64Array) => {
    for (let at = 0; at < segments.length; at++) {
      const { part, from, to, item } = segments[at]!;
      hashes.set(hashesOf[part]!.subarray(from, to), item);
      times.set(timesOf[part]!.subarray(from, to), item);
    }
  };
  /** Items of one entity and time are found where there may be some. */
  const sort = (segments: readonly Segment[], rows: number): number => {
    if (rows <= MOST_BY_TIME) {
      read(segments, othersAsHashes, keysAsTimes);
      const longest = run.sortTimes(keys, items, ...room, rows);
      if (run.byHash(keys, items, others, ...room, rows)) {
        return longest > 1 ? run.tied(keys, items, others, rows, tied) : 0;
      }
    }
    read(segments, keysAsHashes, othersAsTimes);
    run.signed(keys, rows);
    run.number(items, rows);
    run.sort(keys, items, ...room, rows);
    return run.within(keys, items, others, ...room, rows, tied);
  };
  const ties: number[] = [];
  const sortTies = (segments: readonly Segment[], rows: number, count: number, base: number) => {
    const bounds = new Uint32Array(buffer, tied, 2 * count).slice();
    const order = new Uint32Array(buffer, items, rows);
    const compared = tiesOf(segments, parts, identities);
    for (let tie = 0; tie < bounds.length; tie += 2) {
      const [from, to] = [bounds[tie]!, bounds[tie + 1]!];
      // What is here is not needed any more.
      const room64 = new BigInt64Array(buffer, others, to - from > FEW ? to - from : 0);
      sortTied(order.subarray(from, to), compared, room64, () =>
        run.sort(others, items + 4 * from, ...room, to - from),
      );
      ties.push(base + from, base + to);
    }
  };
  // Loops over slots are compiled while they run: iterators made that take 160 ms, again and again.
  let base = 0;
  for (let slot = 0; slot < slots; slot++) {
    const segments: Segment[] = [];
    let rows = 0;
    for (let part = 0; part < starts.length; part++) {
      const from = starts[part]![slot]!;
      const to = starts[part]![slot + 1]!;
      if (from === to) continue;
      segments.push({ part, from, to, item: rows });
      rows += to - from;
    }
    if (rows === 0) continue;
    const count = sort(segments, rows);
    if (count > 0) sortTies(segments, rows, count, base);
    target.time.set(keysAsTimes.subarray(0, rows), base);
    run.place(items, rows, places, 0);
    for (let at = 0; at < moves.length; at++) moves[at]!(segments, rows, base);
    base += rows;
  }
  return ties;
}

/** Where each part's rows of a slot begin, in slots that all parts have: those of the part that has the fewest, or one. */
export function commonSlots(parts: readonly StoredRows[]): Uint32Array[] {
  const slotsOf = ({ slotStarts }: StoredRows) => (slotStarts ? slotStarts.length - 1 : 1);
  const full = parts.filter(({ rows }) => rows > 0);
  const slots = full.length === 0 ? 1 : Math.min(...full.map(slotsOf));
  return parts.map((part) => {
    const starts = new Uint32Array(slots + 1);
    if (part.rows === 0) return starts;
    const step = slotsOf(part) / slots;
    for (let slot = 0; slot < slots; slot++) starts[slot] = part.slotStarts?.[slot * step] ?? 0;
    starts[slots] = part.rows;
    return starts;
  });
}

/** How many rows the largest of the parts' common slots has. */
export function mostInSlot(starts: readonly Uint32Array[]): number {
  let most = 0;
  for (let slot = 0; slot < starts[0]!.length - 1; slot++) {
    const rows = starts.reduce((sum, own) => sum + own[slot + 1]! - own[slot]!, 0);
    most = Math.max(most, rows);
  }
  return most;
}

/** The order of a slot's items of one entity and time. */
function tiesOf(
  segments: readonly Segment[],
  parts: readonly StoredRows[],
  identities: readonly RowComparison[],
): Ties {
  const segmentOf = (item: number) => segments.findLast((segment) => segment.item <= item)!;
  return {
    compare(a, b) {
      const [left, right] = [segmentOf(a), segmentOf(b)];
      const [own, other] = [identities[left.part]!, identities[right.part]!];
      return own.compare(left.from + a - left.item, right.from + b - right.item, other) || a - b;
    },
    // Signed order is that of unsigned numbers once the sign is turned.
    key(item) {
      const { part, from, item: first } = segmentOf(item);
      return BigInt.asIntN(64, parts[part]!.subsort[from + item - first]! ^ (1n << 63n));
    },
  };
}
