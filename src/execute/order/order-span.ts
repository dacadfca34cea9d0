import { countMemory } from "../rows/allocate.ts";
import { mapArrays } from "../rows/gather.ts";
import { PartItems } from "../rows/part-items.ts";
import type { OrderJob, StoredRows } from "../rows/stage-job.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { TimeSort } from "./time-sort.ts";

/** Milliseconds after which a thread that has not counted its rows is taken for gone. */
const LONGEST_WAIT = 600_000;
const FIRST_TIME = -(2n ** 63n);
const LAST_TIME = 2n ** 63n - 1n;

/**
 * Puts the result's rows between two times in order and writes them where they belong in the whole result. How many
 * rows stand before them is known once the runs for earlier times, which were started before, have counted theirs.
 */
export function orderSpan(job: OrderJob, memory: StageMemory): void {
  const { target, counts, index } = job;
  if (job.isNew) {
    mapArrays(target, target.rows, (values) => {
      countMemory(values.buffer);
      return values;
    });
  }
  const ends = new Int32Array(counts);
  const tell = (count: number) => {
    // One more than the count, so that 0 is "not counted yet".
    Atomics.store(ends, index, count + 1);
    Atomics.notify(ends, index);
  };
  let rows: SpanRows;
  try {
    rows = new SpanRows(job, memory);
  } catch (error) {
    // The query fails; nobody may wait for this count.
    tell(0);
    throw error;
  }
  tell(rows.count);
  rows.sort();
  let base = 0;
  for (let earlier = 0; earlier < index; earlier++) {
    const heard = Atomics.wait(ends, earlier, 0, LONGEST_WAIT);
    if (heard === "timed-out") throw new Error("another thread of the query engine has ended");
    base += Atomics.load(ends, earlier) - 1;
  }
  rows.writeTo(target, base);
}

class SpanRows {
  readonly #parts: readonly StoredRows[];
  readonly #items: PartItems;
  readonly #times: TimeSort;

  constructor({ parts, from, before, counts, sorter }: OrderJob, memory: StageMemory) {
    this.#parts = parts;
    memory.start(0);
    const all = parts.reduce((sum, part) => sum + part.rows, 0);
    const share = Math.min(all, Math.ceil((1.25 * all) / (counts.byteLength / 4)));
    const bounds = [
      from === undefined ? FIRST_TIME : BigInt(from),
      before === undefined ? LAST_TIME : BigInt(before) - 1n,
    ];
    this.#times = new TimeSort(sorter, memory, bounds as [bigint, bigint], share);
    const starts = [0];
    for (const { time } of parts) {
      this.#times.add(time);
      starts.push(this.#times.count);
    }
    this.#items = new PartItems(parts, starts);
  }

  get count(): number {
    return this.#times.count;
  }

  /** Sorts by time, then by rank, subsort and key hash. */
  sort(): void {
    this.#times.sort((rowOf) => {
      const identities = this.#parts.map((part) => new PartIdentity(part));
      return {
        areOrdered: (items) => areOrdered(items, rowOf, identities, this.#items),
        compare: (a, b) => {
          const [left, right] = [this.#items.partOf(a), this.#items.partOf(b)];
          return identities[left]!.compare(rowOf[a]!, identities[right]!, rowOf[b]!) || a - b;
        },
        // Signed order is that of unsigned numbers once the sign is turned.
        key: (item) => BigInt.asIntN(64, this.#parts[this.#items.partOf(item)]!.subsort[rowOf[item]!]! ^ (1n << 63n)),
      };
    });
  }

  /** Writes the rows' columns into those of `target`, from row `base` on. */
  writeTo(target: StoredRows, base: number): void {
    const place = this.#times.places(base);
    target.time.set(this.#times.times, base);
    this.#items.writeTo(target, this.#times.rowOf, place);
  }
}

/** Whether each item, of those of one time, comes after the one that stands before it. */
function areOrdered(
  items: Uint32Array,
  rowOf: Uint32Array,
  identities: readonly PartIdentity[],
  parts: PartItems,
): boolean {
  let [first, end] = [0, 0];
  let { rank, subsort, key } = identities[0]!;
  let [last, lastRank, subsortHigh, subsortLow, keyHigh, keyLow] = [-1, -1, 0, 0, 0, 0];
  for (let at = 0; at < items.length; at++) {
    const item = items[at]!;
    if (item < first || item >= end) {
      const part = parts.partOf(item);
      [first, end] = [parts.starts[part]!, parts.starts[part + 1]!];
      ({ rank, subsort, key } = identities[part]!);
    }
    const row = rowOf[item]!;
    const ownRank = rank === undefined ? 1 : rank[row]!;
    const order =
      ownRank - lastRank ||
      subsort[2 * row + 1]! - subsortHigh ||
      subsort[2 * row]! - subsortLow ||
      key[2 * row + 1]! - keyHigh ||
      key[2 * row]! - keyLow ||
      item - last;
    if (order < 0) return false;
    last = item;
    lastRank = ownRank;
    subsortHigh = subsort[2 * row + 1]!;
    subsortLow = subsort[2 * row]!;
    keyHigh = key[2 * row + 1]!;
    keyLow = key[2 * row]!;
  }
  return true;
}

/** What orders rows of one time: rank, subsort, key hash. */
class PartIdentity {
  readonly rank: Uint8Array | undefined;
  readonly subsort: Uint32Array;
  readonly key: Uint32Array;
  readonly #words: readonly Uint32Array[];

  constructor(part: StoredRows) {
    this.rank = part.rank;
    this.subsort = wordsOf(part.subsort);
    this.key = wordsOf(part.keyHash);
    this.#words = [this.subsort, this.key];
  }

  compare(row: number, other: PartIdentity, otherRow: number): number {
    const ranks = (this.rank?.[row] ?? 1) - (other.rank?.[otherRow] ?? 1);
    if (ranks !== 0) return ranks;
    for (let index = 0; index < 2; index++) {
      const [own, others] = [this.#words[index]!, other.#words[index]!];
      const high = own[2 * row + 1]! - others[2 * otherRow + 1]!;
      if (high !== 0) return high;
      const low = own[2 * row]! - others[2 * otherRow]!;
      if (low !== 0) return low;
    }
    return 0;
  }
}

function wordsOf({ buffer, byteOffset, length }: BigUint64Array): Uint32Array {
  return new Uint32Array(buffer as ArrayBuffer, byteOffset, 2 * length);
}
