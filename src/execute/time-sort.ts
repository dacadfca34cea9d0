/** More items than these are divided by their times again. */
const FEW = 24;
const MOST_BITS = 18;

/**
 * Sorts items by 64-bit times, given as halves: items are divided among slots by the leading bits in which they differ,
 * about one item a slot, so that times spread evenly need one pass; crowded slots are divided again.
 */
export class TimeSort {
  readonly #high: Int32Array;
  readonly #low: Uint32Array;
  #count = 0;

  constructor(most: number) {
    this.#high = new Int32Array(most);
    this.#low = new Uint32Array(most);
  }

  get count(): number {
    return this.#count;
  }

  add(high: number, low: number): void {
    this.#high[this.#count] = high;
    this.#low[this.#count++] = low;
  }

  /** The items in the order of their times, those of one time as `ties` has it. */
  sorted(ties: (a: number, b: number) => number): Uint32Array {
    const order = new Uint32Array(this.#count);
    for (let item = 0; item < order.length; item++) order[item] = item;
    this.#sort(order, new Uint32Array(order.length), 0, order.length, ties);
    return order;
  }

  #sort(order: Uint32Array, spare: Uint32Array, from: number, to: number, ties: Ties): void {
    if (to - from <= FEW) {
      this.#insert(order, from, to, ties);
      return;
    }
    const [high, low] = [this.#high, this.#low];
    let first = order[from]!;
    let last = first;
    for (let at = from; at < to; at++) {
      const item = order[at]!;
      if (high[item]! < high[first]! || (high[item] === high[first] && low[item]! < low[first]!)) first = item;
      if (high[item]! > high[last]! || (high[item] === high[last] && low[item]! > low[last]!)) last = item;
    }
    if (high[first] === high[last] && low[first] === low[last]) {
      sortTies(order, from, to, ties);
      return;
    }
    const bits = Math.min(MOST_BITS, Math.max(1, 31 - Math.clz32(to - from)));
    const slots = new Slots(high[first]!, low[first]!, high[last]!, low[last]!, bits);
    const ends = new Uint32Array((1 << bits) + 1);
    for (let at = from; at < to; at++) {
      const item = order[at]!;
      ends[slots.of(high[item]!, low[item]!) + 1]!++;
    }
    for (let slot = 1; slot < ends.length; slot++) ends[slot]! += ends[slot - 1]!;
    for (let at = from; at < to; at++) {
      const item = order[at]!;
      spare[from + ends[slots.of(high[item]!, low[item]!)]!++] = item;
    }
    order.set(spare.subarray(from, to), from);
    // Each entry of `ends` has moved on to the end of its slot.
    let start = from;
    for (let slot = 0; slot < 1 << bits; slot++) {
      const end = from + ends[slot]!;
      if (end - start > 1) this.#sort(order, spare, start, end, ties);
      start = end;
    }
  }

  #insert(order: Uint32Array, from: number, to: number, ties: Ties): void {
    const [high, low] = [this.#high, this.#low];
    for (let at = from + 1; at < to; at++) {
      const item = order[at]!;
      const [itemHigh, itemLow] = [high[item]!, low[item]!];
      let hole = at;
      for (; hole > from; hole--) {
        const other = order[hole - 1]!;
        if (high[other]! < itemHigh) break;
        if (high[other] === itemHigh) {
          if (low[other]! < itemLow) break;
          if (low[other] === itemLow && ties(other, item) <= 0) break;
        }
        order[hole] = other;
      }
      order[hole] = item;
    }
  }
}

type Ties = (a: number, b: number) => number;

function sortTies(order: Uint32Array, from: number, to: number, ties: Ties): void {
  for (let at = from + 1; at < to; at++) {
    if (ties(order[at - 1]!, order[at]!) <= 0) continue;
    order.subarray(from, to).sort(ties);
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
    const above = high - this.#high - (low < this.#low ? 1 : 0);
    const below = (low - this.#low) >>> 0;
    const shift = this.#shift;
    if (shift >= 32) return above >>> (shift - 32);
    return shift === 0 ? below : ((above << (32 - shift)) | (below >>> shift)) >>> 0;
  }
}
