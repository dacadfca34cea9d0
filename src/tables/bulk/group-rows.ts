import { sortedOrder } from "../sort-rows.ts";

/** Runs of this many entities that agree in the digits by which they were placed are sorted by comparison. */
const LONG_RUN = 48;

/**
 * Puts the rows of one bucket in the order of (key hash, time, subsort), equal ones in the order given: rows are grouped
 * by hash, and only the distinct hashes are sorted. Arrays are kept from bucket to bucket.
 */
export class RowGrouper {
  private slots = new Int32Array(0);
  private groupOf = new Int32Array(0);
  private lows = new Uint32Array(0);
  private highs = new Uint32Array(0);
  private counts = new Int32Array(0);
  private ranked = new Int32Array(0);
  private numbers = new Int32Array(0);
  private digits = new Int32Array(0);

  /**
   * Writes the places of rows to `order` from `at` on. `rows` are their places in `hashes` (two halves a row); `keys` are
   * the times and subsorts of these rows, in the same order. `firsts` takes where each group begins in `order`, and
   * `groupOfRow` which of those a row belongs to.
   */
  order(
    rows: Int32Array,
    hashes: Uint32Array,
    bits: number,
    keys: readonly (BigInt64Array | BigUint64Array)[],
    order: Int32Array,
    at: number,
    firsts: number[],
    groupOfRow: Int32Array,
  ): void {
    this.reserve(rows.length);
    const inTime = sortedOrder(keys, rows.length);
    const groups = this.group(rows, inTime, hashes);
    this.rank(groups, bits);
    this.number(groups, at, firsts);
    this.place(rows, inTime, order, groupOfRow);
  }

  /** Turns the groups' counts into the places where they begin. */
  private number(groups: number, at: number, firsts: number[]): void {
    const { ranked, counts, numbers } = this;
    let next = at;
    for (let rank = 0; rank < groups; rank++) {
      const group = ranked[rank]!;
      numbers[group] = firsts.push(next) - 1;
      const size = counts[group]!;
      counts[group] = next;
      next += size;
    }
  }

  private place(rows: Int32Array, inTime: Uint32Array, order: Int32Array, groupOfRow: Int32Array): void {
    const { counts, groupOf, numbers } = this;
    for (let index = 0; index < rows.length; index++) {
      const group = groupOf[index]!;
      const row = rows[inTime[index]!]!;
      order[counts[group]!++] = row;
      groupOfRow[row] = numbers[group]!;
    }
  }

  private reserve(count: number): void {
    if (count > this.groupOf.length) {
      const size = Math.ceil(count * 1.25);
      this.groupOf = new Int32Array(size);
      this.lows = new Uint32Array(size);
      this.highs = new Uint32Array(size);
      this.counts = new Int32Array(size);
      this.ranked = new Int32Array(size);
      this.numbers = new Int32Array(size);
      this.slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * size)));
    }
  }

  private group(rows: Int32Array, inTime: Uint32Array, hashes: Uint32Array): number {
    const { groupOf, lows, highs, counts } = this;
    const slots = this.slots.subarray(0, 2 ** Math.ceil(Math.log2(Math.max(2 * rows.length, 16))));
    const mask = slots.length - 1;
    slots.fill(-1);
    let groups = 0;
    for (let index = 0; index < rows.length; index++) {
      const row = rows[inTime[index]!]!;
      const low = hashes[2 * row]!;
      const high = hashes[2 * row + 1]!;
      let slot = (low ^ (low >>> 15)) & mask;
      for (;;) {
        const group = slots[slot]!;
        if (group < 0) {
          slots[slot] = groups;
          lows[groups] = low;
          highs[groups] = high;
          counts[groups] = 1;
          groupOf[index] = groups++;
          break;
        }
        if (lows[group] === low && highs[group] === high) {
          counts[group]!++;
          groupOf[index] = group;
          break;
        }
        slot = (slot + 1) & mask;
      }
    }
    return groups;
  }

  /** Puts the groups in the order of their hashes: by some digits after those of the bucket, then within those. */
  private rank(groups: number, bits: number): void {
    const { highs, ranked } = this;
    const width = Math.min(32 - bits, Math.max(1, Math.ceil(Math.log2(groups + 1)) + 1), 20);
    const size = 2 ** width;
    if (this.digits.length < size + 1) this.digits = new Int32Array(size + 1);
    const starts = this.digits.subarray(0, size + 1);
    starts.fill(0);
    const shift = 32 - bits - width;
    const mask = size - 1;
    countDigits(highs, groups, shift, mask, starts);
    placeByDigits(highs, groups, shift, mask, starts, ranked);
    this.rankRuns(groups, shift, mask);
  }

  /** Sorts what agrees in the digits. */
  private rankRuns(groups: number, shift: number, mask: number): void {
    const { lows, highs, ranked } = this;
    const before = (a: number, b: number) => highs[a]! - highs[b]! || lows[a]! - lows[b]!;
    let from = 0;
    for (let to = 1; to <= groups; to++) {
      const digit = (highs[ranked[from]!]! >>> shift) & mask;
      if (to < groups && ((highs[ranked[to]!]! >>> shift) & mask) === digit) continue;
      if (to - from > LONG_RUN) ranked.subarray(from, to).sort(before);
      else {
        for (let index = from + 1; index < to; index++) {
          const group = ranked[index]!;
          let place = index;
          for (; place > from && before(ranked[place - 1]!, group) > 0; place--) ranked[place] = ranked[place - 1]!;
          ranked[place] = group;
        }
      }
      from = to;
    }
  }
}

/** Counts into each digit's successor, and adds up: where the numbers of each digit begin. */
function countDigits(numbers: Uint32Array, count: number, shift: number, mask: number, starts: Int32Array): void {
  for (let index = 0; index < count; index++) starts[((numbers[index]! >>> shift) & mask) + 1]!++;
  for (let digit = 1; digit < starts.length; digit++) starts[digit]! += starts[digit - 1]!;
}

function placeByDigits(
  numbers: Uint32Array,
  count: number,
  shift: number,
  mask: number,
  starts: Int32Array,
  to: Int32Array,
): void {
  for (let index = 0; index < count; index++) to[starts[(numbers[index]! >>> shift) & mask]!++] = index;
}
