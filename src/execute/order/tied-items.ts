import type { PartItems } from "../rows/part-items.ts";
import type { StoredRows } from "../rows/stage-job.ts";
import type { TimeTies } from "./time-sort.ts";

/**
 * The order of items of one time: by rank, subsort and key hash, then as they came. Items lie here and there in memory,
 * so that what can be told of neighbouring rows is found out from the first row to the last one.
 */
export class TiedItems implements TimeTies {
  readonly #items: PartItems;
  readonly #rowOf: Uint32Array;
  readonly #identities: readonly PartIdentity[];
  /** A bit for each item: whether it comes after the one with the number before it, whose time it has. */
  readonly #follows: Uint8Array;

  constructor(parts: readonly StoredRows[], items: PartItems, rowOf: Uint32Array) {
    this.#items = items;
    this.#rowOf = rowOf;
    this.#identities = parts.map((part) => new PartIdentity(part));
    this.#follows = new Uint8Array((rowOf.length + 7) >>> 3);
    for (const [index, part] of this.#identities.entries()) {
      markFollowers(part, rowOf, items.starts[index]!, items.starts[index + 1]!, this.#follows);
    }
  }

  compare(a: number, b: number): number {
    const [left, right] = [this.#items.partOf(a), this.#items.partOf(b)];
    return this.#identities[left]!.compare(this.#rowOf[a]!, this.#identities[right]!, this.#rowOf[b]!) || a - b;
  }

  key(item: number): bigint {
    const { subsort } = this.#identities[this.#items.partOf(item)]!;
    const row = this.#rowOf[item]!;
    // Signed order is that of unsigned numbers once the sign is turned.
    return (BigInt((subsort[2 * row + 1]! ^ 0x80000000) | 0) << 32n) | BigInt(subsort[2 * row]!);
  }

  firstUnordered(times: Int32Array, items: Uint32Array, from: number): number {
    const { starts } = this.#items;
    const follows = this.#follows;
    const rowOf = this.#rowOf;
    let [first, end] = [0, 0];
    let { rank, subsort, key } = this.#identities[0]!;
    /** The item whose identity is at hand. */
    let known = -1;
    let [knownRank, subsortHigh, subsortLow, keyHigh, keyLow] = [0, 0, 0, 0, 0];
    let start = from;
    for (let at = from + 1; at < items.length; at++) {
      if (times[2 * at] !== times[2 * at - 2] || times[2 * at + 1] !== times[2 * at - 1]) {
        start = at;
        continue;
      }
      const [before, item] = [items[at - 1]!, items[at]!];
      if (item === before + 1 && ((follows[item >>> 3]! >>> (item & 7)) & 1) !== 0) continue;
      for (let one = known === before ? item : before; ; one = item) {
        if (one < first || one >= end) {
          const part = this.#items.partOf(one);
          [first, end] = [starts[part]!, starts[part + 1]!];
          ({ rank, subsort, key } = this.#identities[part]!);
        }
        const row = rowOf[one]!;
        const ownRank = rank === undefined ? 1 : rank[row]!;
        if (one === item) {
          const order =
            ownRank - knownRank ||
            subsort[2 * row + 1]! - subsortHigh ||
            subsort[2 * row]! - subsortLow ||
            key[2 * row + 1]! - keyHigh ||
            key[2 * row]! - keyLow ||
            item - before;
          if (order < 0) return start;
        }
        known = one;
        knownRank = ownRank;
        subsortHigh = subsort[2 * row + 1]!;
        subsortLow = subsort[2 * row]!;
        keyHigh = key[2 * row + 1]!;
        keyLow = key[2 * row]!;
        if (one === item) break;
      }
    }
    return items.length;
  }
}

/** Whether rows of one time are in order as they stand: all equal in rank and subsort, and by key hash from part to part. */
export function areInOrder(parts: readonly StoredRows[]): boolean {
  const full = parts.filter(({ rows }) => rows > 0).map((part) => new PartIdentity(part));
  const first = full[0];
  return first === undefined || full.every((part, index) => part.continues(full[index - 1] ?? null, first));
}

function markFollowers(
  { rank, subsort, key, time }: PartIdentity,
  rowOf: Uint32Array,
  from: number,
  to: number,
  follows: Uint8Array,
): void {
  for (let item = from + 1; item < to; item++) {
    const row = rowOf[item]!;
    const before = rowOf[item - 1]!;
    if (time[2 * row] !== time[2 * before] || time[2 * row + 1] !== time[2 * before + 1]) continue;
    const order =
      (rank === undefined ? 0 : rank[row]! - rank[before]!) ||
      subsort[2 * row + 1]! - subsort[2 * before + 1]! ||
      subsort[2 * row]! - subsort[2 * before]! ||
      key[2 * row + 1]! - key[2 * before + 1]! ||
      key[2 * row]! - key[2 * before]!;
    if (order >= 0) follows[item >>> 3]! |= 1 << (item & 7);
  }
}

/** What orders the rows of a part: numbers by their halves, low before high. */
class PartIdentity {
  readonly rank: Uint8Array | undefined;
  readonly subsort: Uint32Array;
  readonly key: Uint32Array;
  readonly time: Uint32Array;

  constructor(part: StoredRows) {
    this.rank = part.rank;
    this.subsort = wordsOf(part.subsort);
    this.key = wordsOf(part.keyHash);
    this.time = wordsOf(part.time);
  }

  compare(row: number, other: PartIdentity, otherRow: number): number {
    return (
      (this.rank?.[row] ?? 1) - (other.rank?.[otherRow] ?? 1) ||
      this.subsort[2 * row + 1]! - other.subsort[2 * otherRow + 1]! ||
      this.subsort[2 * row]! - other.subsort[2 * otherRow]! ||
      this.compareKeys(row, other, otherRow)
    );
  }

  compareKeys(row: number, other: PartIdentity, otherRow: number): number {
    return this.key[2 * row + 1]! - other.key[2 * otherRow + 1]! || this.key[2 * row]! - other.key[2 * otherRow]!;
  }

  /** Whether the rows are equal in rank and subsort to a part's first row, and by key hash after those of the part before. */
  continues(before: PartIdentity | null, first: PartIdentity): boolean {
    if (before !== null && this.compareKeys(0, before, before.key.length / 2 - 1) < 0) return false;
    const { rank, subsort, key } = this;
    const [low, high, firstRank] = [first.subsort[0]!, first.subsort[1]!, first.rank?.[0] ?? 1];
    for (let at = 0; at < subsort.length; at += 2) {
      if (subsort[at] !== low || subsort[at + 1] !== high) return false;
      if (at > 0 && (key[at + 1]! < key[at - 1]! || (key[at + 1] === key[at - 1] && key[at]! < key[at - 2]!)))
        return false;
    }
    if (rank === undefined) return firstRank === 1;
    for (let row = 0; row < rank.length; row++) if (rank[row] !== firstRank) return false;
    return true;
  }
}

function wordsOf({ buffer, byteOffset, length }: BigUint64Array | BigInt64Array): Uint32Array {
  return new Uint32Array(buffer as ArrayBuffer, byteOffset, 2 * length);
}
