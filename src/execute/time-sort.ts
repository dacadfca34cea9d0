import { scratch } from "./scratch.ts";

/** More items than these in one slot are divided by their times again. */
const FEW = 24;
/** Items that are divided among about as many slots; more are first divided among 2^`BITS_OF_MANY`. */
const ITEMS_IN_CACHE = 1 << 12;
const BITS_OF_MANY = 9;

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
    const rows = this.#count;
    const order = scratch("items in order of time", Uint32Array, rows);
    for (let item = 0; item < rows; item++) order[item] = item;
    const timed = { items: order, high: this.#high, low: this.#low };
    const spare = {
      items: scratch("spare items", Uint32Array, rows),
      high: scratch("spare high halves", Int32Array, rows),
      low: scratch("spare low halves", Uint32Array, rows),
    };
    sortSpan(timed, spare, 0, rows, ties, 0);
    return order;
  }
}

/** Items with their times, which move along so that neighbours are compared in neighbouring memory. */
interface TimedItems {
  readonly items: Uint32Array;
  readonly high: Int32Array;
  readonly low: Uint32Array;
}

function sortSpan(timed: TimedItems, spare: TimedItems, from: number, to: number, ties: Ties, depth: number): void {
  const rows = to - from;
  if (rows <= FEW) {
    insert(timed, from, to, ties);
    return;
  }
  const { items, high, low } = timed;
  let [firstHigh, firstLow] = [high[from]!, low[from]!];
  let [lastHigh, lastLow] = [firstHigh, firstLow];
  for (let at = from + 1; at < to; at++) {
    const [ownHigh, ownLow] = [high[at]!, low[at]!];
    if (ownHigh < firstHigh || (ownHigh === firstHigh && ownLow < firstLow)) {
      firstHigh = ownHigh;
      firstLow = ownLow;
    } else if (ownHigh > lastHigh || (ownHigh === lastHigh && ownLow > lastLow)) {
      lastHigh = ownHigh;
      lastLow = ownLow;
    }
  }
  if (firstHigh === lastHigh && firstLow === lastLow) {
    sortTies(items.subarray(from, to), ties);
    return;
  }
  // Few slots for many items: the ends of all slots stay in the processor's cache, and so does each slot afterwards.
  const many = rows > ITEMS_IN_CACHE;
  const bits = many ? BITS_OF_MANY : 32 - Math.clz32(rows);
  const shift = slotShift(firstHigh, firstLow, lastHigh, lastLow, bits);
  const ends = scratch(`ends of slots ${depth}`, Uint32Array, (1 << bits) + 1).fill(0);
  for (let at = from; at < to; at++) ends[slotOf(high[at]!, low[at]!, firstHigh, firstLow, shift) + 1]!++;
  for (let slot = 1; slot < ends.length; slot++) ends[slot]! += ends[slot - 1]!;
  const { items: spareItems, high: spareHigh, low: spareLow } = spare;
  for (let at = from; at < to; at++) {
    const [ownHigh, ownLow] = [high[at]!, low[at]!];
    const place = from + ends[slotOf(ownHigh, ownLow, firstHigh, firstLow, shift)]!++;
    spareItems[place] = items[at]!;
    spareHigh[place] = ownHigh;
    spareLow[place] = ownLow;
  }
  items.set(spareItems.subarray(from, to), from);
  high.set(spareHigh.subarray(from, to), from);
  low.set(spareLow.subarray(from, to), from);
  // Each entry of `ends` has moved on to the end of its slot.
  let start = from;
  for (let slot = 0; slot < 1 << bits; slot++) {
    const end = from + ends[slot]!;
    if (many || end - start > FEW) sortSpan(timed, spare, start, end, ties, depth + 1);
    start = end;
  }
  if (!many) insert(timed, from, to, ties);
}

/** Sorts items that are all near their places. */
function insert({ items, high, low }: TimedItems, from: number, to: number, ties: Ties): void {
  for (let at = from + 1; at < to; at++) {
    const [ownHigh, ownLow] = [high[at]!, low[at]!];
    if (high[at - 1]! < ownHigh || (high[at - 1] === ownHigh && low[at - 1]! < ownLow)) continue;
    const item = items[at]!;
    let hole = at;
    for (; hole > from; hole--) {
      const [otherHigh, otherLow] = [high[hole - 1]!, low[hole - 1]!];
      if (otherHigh < ownHigh || (otherHigh === ownHigh && otherLow < ownLow)) break;
      if (otherHigh === ownHigh && otherLow === ownLow && ties(items[hole - 1]!, item) <= 0) break;
      items[hole] = items[hole - 1]!;
      high[hole] = otherHigh;
      low[hole] = otherLow;
    }
    items[hole] = item;
    high[hole] = ownHigh;
    low[hole] = ownLow;
  }
}

function sortTies(items: Uint32Array, ties: Ties): void {
  for (let at = 1; at < items.length; at++) {
    if (ties(items[at - 1]!, items[at]!) <= 0) continue;
    items.sort(ties);
    return;
  }
}

/** By how much times above the first are shifted, so that those up to the last have `bits` bits. */
function slotShift(firstHigh: number, firstLow: number, lastHigh: number, lastLow: number, bits: number): number {
  const high = (lastHigh - firstHigh - (lastLow < firstLow ? 1 : 0)) >>> 0;
  const low = (lastLow - firstLow) >>> 0;
  const width = high === 0 ? 32 - Math.clz32(low) : 64 - Math.clz32(high);
  return Math.max(0, width - bits);
}

function slotOf(high: number, low: number, firstHigh: number, firstLow: number, shift: number): number {
  const above = (high - firstHigh - (low < firstLow ? 1 : 0)) | 0;
  const below = (low - firstLow) >>> 0;
  if (shift >= 32) return above >>> (shift - 32);
  return shift === 0 ? below : ((above << (32 - shift)) | (below >>> shift)) >>> 0;
}
