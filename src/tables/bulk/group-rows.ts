import { sortedOrder } from "../prepared/sort-rows.ts";
import { inSteps } from "./kernels.ts";
import type { Scratch } from "./scratch.ts";

/** Where hashes agree in so many bits that a group is farther than that from its place, groups are sorted by comparison. */
const FAR = 64;

/** The rows of one bucket that come from one piece: how many there are, and the first. */
export interface RowRun {
  readonly first: number;
  readonly count: number;
}

/** What rows are put in order by. */
export interface RowKeys {
  /** Two halves a row. */
  readonly hashes: Uint32Array;
  readonly times: BigInt64Array;
  /** Where they are given; other rows of one time are in the order of the file. */
  readonly subsorts: BigUint64Array | null;
}

/** Rows in the order of (key hash, time, subsort), and the groups of one hash. */
export class RowOrder {
  readonly order: Int32Array;
  /** Which group a row belongs to. */
  readonly groupOfRow: Int32Array;
  private readonly firstsRoom: Int32Array;
  groups = 0;
  private at = 0;
  private readonly keys: RowKeys;
  private readonly bits: number;
  private readonly scratch: Scratch;

  /** `bits`: of hashes, which all rows of a bucket have in common. */
  constructor(rows: number, keys: RowKeys, bits: number, scratch: Scratch) {
    this.keys = keys;
    this.bits = bits;
    this.scratch = scratch;
    this.order = scratch.int32("order", rows);
    this.groupOfRow = scratch.int32("groups", rows);
    this.firstsRoom = scratch.int32("firsts", rows + 1);
  }

  /** Where groups begin, and where the last ends. */
  get firsts(): Int32Array {
    this.firstsRoom[this.groups] = this.at;
    return this.firstsRoom.subarray(0, this.groups + 1);
  }

  /** Puts the rows of the next bucket after those of the buckets before. */
  add(runs: readonly RowRun[]): void {
    const rows = this.rowsInTime(runs);
    const count = rows.length;
    const { scratch, order, groupOfRow } = this;
    const { run } = scratch;
    const groupOf = scratch.int32("group of", count);
    const hashes = scratch.uint32("group hashes", 2 * count);
    const counts = scratch.int32("group counts", count);
    const slots = scratch.int32("slots", 2 ** Math.ceil(Math.log2(Math.max(2 * count, 16)))).fill(-1);
    let groups = 0;
    inSteps(count, (from, some) => {
      groups = run.group(
        rows.byteOffset + 4 * from,
        some,
        this.keys.hashes.byteOffset,
        slots.byteOffset,
        slots.length - 1,
        hashes.byteOffset,
        counts.byteOffset,
        groupOf.byteOffset + 4 * from,
        groups,
      );
    });
    const ranked = this.rank(hashes, groups);
    const numbers = scratch.int32("numbers", groups);
    this.at = run.numberGroups(
      ranked.byteOffset,
      groups,
      counts.byteOffset,
      numbers.byteOffset,
      this.firstsRoom.byteOffset,
      this.groups,
      this.at,
    );
    this.groups += groups;
    inSteps(count, (from, some) =>
      run.placeRows(
        rows.byteOffset + 4 * from,
        some,
        groupOf.byteOffset + 4 * from,
        counts.byteOffset,
        numbers.byteOffset,
        order.byteOffset,
        groupOfRow.byteOffset,
      ),
    );
  }

  /** The rows of a bucket in the order of their times and subsorts. */
  private rowsInTime(runs: readonly RowRun[]): Int32Array {
    const { scratch } = this;
    const { times, subsorts } = this.keys;
    const size = runs.reduce((sum, { count }) => sum + count, 0);
    const rows = scratch.int32("bucket rows", size);
    let at = 0;
    let inOrder = subsorts === null;
    let last = -(2n ** 63n);
    for (const { first, count } of runs) {
      if (count === 0) continue;
      scratch.run.number(rows.byteOffset + 4 * at, count, first);
      at += count;
      inSteps(inOrder ? count : 0, (from, some) => {
        inOrder &&= scratch.run.inOrder(times.byteOffset + 8 * (first + from), some, last) !== 0;
        last = times[first + from + some - 1]!;
      });
    }
    return inOrder ? rows : this.sorted(rows);
  }

  private sorted(rows: Int32Array): Int32Array {
    const { times, subsorts } = this.keys;
    const keys = (subsorts === null ? [times] : [times, subsorts]).map((values) => {
      const own = new (values.constructor as new (length: number) => BigInt64Array)(rows.length);
      const [from, to] = [halvesOf(values), halvesOf(own)];
      gatherHalves(from, rows, to);
      return own;
    });
    const order = sortedOrder(keys, rows.length);
    const result = this.scratch.int32("sorted bucket rows", rows.length);
    for (let index = 0; index < order.length; index++) result[index] = rows[order[index]!]!;
    return result;
  }

  /** Puts the groups in the order of their hashes: by some digits after those of the bucket, then among neighbours. */
  private rank(hashes: Uint32Array, groups: number): Int32Array {
    const { bits, scratch } = this;
    const { run } = scratch;
    const width = Math.min(32 - bits, Math.max(1, Math.ceil(Math.log2(groups + 1)) + 1), 20);
    const size = 2 ** width;
    const starts = scratch.int32("digits", size + 1).fill(0);
    const ranked = scratch.int32("ranked", groups);
    const places = scratch.int32("rank places", groups).byteOffset;
    const shift = 32 - bits - width;
    const mask = size - 1;
    const [at, first, to] = [hashes.byteOffset, starts.byteOffset, ranked.byteOffset];
    inSteps(groups, (from, count) => run.count(at + 8 * from, count, shift, mask, first));
    inSteps(size + 1, (from, count) => {
      run.addUp(first + 4 * from, count, from === 0 ? 0 : starts[from - 1]!, first + 4 * from);
    });
    inSteps(groups, (from, count) => run.place(at + 8 * from, count, shift, mask, first, places + 4 * from, to, from));
    if (run.sortGroups(to, groups, at, FAR) === 0) sortByHash(ranked, hashes);
    return ranked;
  }
}

function sortByHash(groups: Int32Array, hashes: Uint32Array): void {
  const before = (a: number, b: number) => hashes[2 * a + 1]! - hashes[2 * b + 1]! || hashes[2 * a]! - hashes[2 * b]!;
  groups.set(Int32Array.from(groups).sort(before));
}

function halvesOf({ buffer, byteOffset, length }: BigInt64Array | BigUint64Array): Int32Array {
  return new Int32Array(buffer, byteOffset, 2 * length);
}

function gatherHalves(from: Int32Array, rows: Int32Array, to: Int32Array): void {
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]!;
    to[2 * index] = from[2 * row]!;
    to[2 * index + 1] = from[2 * row + 1]!;
  }
}
