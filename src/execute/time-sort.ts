import { scratch } from "./scratch.ts";

/** More items than these in one slot are divided by their times again. */
const FEW = 24;
const MOST_BITS = 19;

/** Tells which of two items of one time comes first. */
export type Ties = (a: number, b: number) => number;

/**
 * Sorts items by 64-bit times, given as halves: items are divided among slots by the leading bits in which they differ,
 * about one item a slot, so that times spread evenly need one pass; crowded slots are divided again.
 */
export class TimeSort {
  readonly #high: Int32Array;
  readonly #low: Uint32Array;
  #count = 0;

  constructor(most: number) {
    this.#high = scratch("times, high halves", Int32Array, most);
    this.#low = scratch("times, low halves", Uint32Array, most);
  }

  get count(): number {
    return this.#count;
  }

  add(high: number, low: number): void {
    this.#high[this.#count] = high;
    this.#low[this.#count++] = low;
  }

  /** The items in the order of their times, those of one time as `ties` has it. */
  sorted(ties: Ties): Uint32Array {
    const order = scratch("items in order of time", Uint32Array, this.#count);
    for (let item = 0; item < order.length; item++) order[item] = item;
    sortItems(order, this.#high, this.#low, ties, 0);
    return order;
  }
}

/** Sorts items whose times stand at their numbers in `high` and `low`. */
function sortItems(order: Uint32Array, high: Int32Array, low: Uint32Array, ties: Ties, depth: number): void {
  const rows = order.length;
  if (rows < 2) return;
  let [firstHigh, firstLow] = [high[order[0]!]!, low[order[0]!]!];
  let [lastHigh, lastLow] = [firstHigh, firstLow];
  for (let at = 1; at < rows; at++) {
    const item = order[at]!;
    const [itemHigh, itemLow] = [high[item]!, low[item]!];
    if (itemHigh < firstHigh || (itemHigh === firstHigh && itemLow < firstLow)) {
      firstHigh = itemHigh;
      firstLow = itemLow;
    } else if (itemHigh > lastHigh || (itemHigh === lastHigh && itemLow > lastLow)) {
      lastHigh = itemHigh;
      lastLow = itemLow;
    }
  }
  if (firstHigh === lastHigh && firstLow === lastLow) {
    sortTies(order, ties);
    return;
  }
  const bits = Math.min(MOST_BITS, Math.max(1, 32 - Math.clz32(rows)));
  const slots = new Slots(firstHigh, firstLow, lastHigh, lastLow, bits);
  const ends = scratch(`ends of slots ${depth}`, Uint32Array, (1 << bits) + 1).fill(0);
  for (let at = 0; at < rows; at++) {
    const item = order[at]!;
    ends[slots.of(high[item]!, low[item]!) + 1]!++;
  }
  for (let slot = 1; slot < ends.length; slot++) ends[slot]! += ends[slot - 1]!;
  // The times go along, so that neighbours are compared in neighbouring memory.
  const items = scratch(`items in slots ${depth}`, Uint32Array, rows);
  const highs = scratch(`high halves in slots ${depth}`, Int32Array, rows);
  const lows = scratch(`low halves in slots ${depth}`, Uint32Array, rows);
  for (let at = 0; at < rows; at++) {
    const item = order[at]!;
    const [itemHigh, itemLow] = [high[item]!, low[item]!];
    const to = ends[slots.of(itemHigh, itemLow)]!++;
    items[to] = item;
    highs[to] = itemHigh;
    lows[to] = itemLow;
  }
  // Each entry of `ends` has moved on to the end of its slot.
  let start = 0;
  for (let slot = 0; slot < 1 << bits; slot++) {
    const end = ends[slot]!;
    if (end - start > FEW) sortItems(items.subarray(start, end), high, low, ties, depth + 1);
    if (end - start > FEW) reread(items, highs, lows, start, end, high, low);
    start = end;
  }
  insert(items, highs, lows, ties);
  order.set(items);
}

function reread(
  items: Uint32Array,
  highs: Int32Array,
  lows: Uint32Array,
  from: number,
  to: number,
  high: Int32Array,
  low: Uint32Array,
): void {
  for (let at = from; at < to; at++) {
    highs[at] = high[items[at]!]!;
    lows[at] = low[items[at]!]!;
  }
}

/** Sorts items that are all near their places. */
function insert(items: Uint32Array, highs: Int32Array, lows: Uint32Array, ties: Ties): void {
  for (let at = 1; at < items.length; at++) {
    const [high, low] = [highs[at]!, lows[at]!];
    if (highs[at - 1]! < high || (highs[at - 1] === high && lows[at - 1]! < low)) continue;
    const item = items[at]!;
    let hole = at;
    for (; hole > 0; hole--) {
      const [otherHigh, otherLow] = [highs[hole - 1]!, lows[hole - 1]!];
      if (otherHigh < high || (otherHigh === high && otherLow < low)) break;
      if (otherHigh === high && otherLow === low && ties(items[hole - 1]!, item) <= 0) break;
      items[hole] = items[hole - 1]!;
      highs[hole] = otherHigh;
      lows[hole] = otherLow;
    }
    items[hole] = item;
    highs[hole] = high;
    lows[hole] = low;
  }
}

function sortTies(order: Uint32Array, ties: Ties): void {
  for (let at = 1; at < order.length; at++) {
    if (ties(order[at - 1]!, order[at]!) <= 0) continue;
    order.sort(ties);
    return;
  }
}

/** Divides times between two into 2^bits slots or somewhat fewer. */
class Slots {
  readonly #high: number;
  readonly #low: number;
  readonly #shift: number;

  constructor(firstHigh: number, firstLow: number, lastHigh: number, lastLow: number, bits: number) {
    this.#high = firstHigh;
    this.#low = firstLow;
    const high = (lastHigh - firstHigh - (lastLow < firstLow ? 1 : 0)) >>> 0;
    const low = (lastLow - firstLow) >>> 0;
    const width = high === 0 ? 32 - Math.clz32(low) : 64 - Math.clz32(high);
    this.#shift = Math.max(0, width - bits);
  }

  of(high: number, low: number): number {
    const above = (high - this.#high - (low < this.#low ? 1 : 0)) | 0;
    const below = (low - this.#low) >>> 0;
    const shift = this.#shift;
    if (shift >= 32) return above >>> (shift - 32);
    return shift === 0 ? below : ((above << (32 - shift)) | (below >>> shift)) >>> 0;
  }
}
