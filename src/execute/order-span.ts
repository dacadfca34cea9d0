import { countMemory, type RowArray } from "./allocate.ts";
import { mapArrays } from "./gather.ts";
import type { RowSetColumn } from "./row-set.ts";
import type { OrderJob, StoredRows } from "./stage-job.ts";
import type { StageMemory } from "./stage-memory.ts";
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
  mapArrays(target, target.rows, (values) => {
    countMemory(values.buffer);
    return values;
  });
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
  /** The first item of each part, and the number of all. */
  readonly #starts: number[] = [];
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
    for (const { time } of parts) {
      this.#starts.push(this.#times.count);
      this.#times.add(time);
    }
    this.#starts.push(this.#times.count);
  }

  get count(): number {
    return this.#times.count;
  }

  /** Sorts by time, then by rank, subsort and key hash. */
  sort(): void {
    this.#times.sort((rowOf) => {
      const identities = this.#parts.map((part) => new PartIdentity(part));
      return {
        compare: (a, b) => {
          const [left, right] = [this.#partOf(a), this.#partOf(b)];
          return identities[left]!.compare(rowOf[a]!, identities[right]!, rowOf[b]!) || a - b;
        },
        // Signed order is that of unsigned numbers once the sign is turned.
        key: (item) => BigInt.asIntN(64, this.#parts[this.#partOf(item)]!.subsort[rowOf[item]!]! ^ (1n << 63n)),
      };
    });
  }

  #partOf(item: number): number {
    let from = 0;
    let to = this.#parts.length - 1;
    while (from < to) {
      const middle = (from + to + 1) >>> 1;
      if (this.#starts[middle]! <= item) from = middle;
      else to = middle - 1;
    }
    return from;
  }

  /** Writes the rows' columns into those of `target`, from row `base` on. */
  writeTo(target: StoredRows, base: number): void {
    const place = this.#times.places(base);
    const rowOf = this.#times.rowOf;
    target.time.set(this.#times.times, base);
    for (const [index, part] of this.#parts.entries()) {
      const from = this.#starts[index]!;
      const to = this.#starts[index + 1]!;
      if (from === to) continue;
      const rows = rowOf.subarray(from, to);
      const places = place.subarray(from, to);
      const write = (values: RowArray | undefined, into: RowArray | undefined) => {
        if (values && into) scatter(values, rows, into, places);
      };
      const column = (one: RowSetColumn, into: RowSetColumn) => {
        write(one.values, into.values);
        if (one.valid) write(one.valid, into.valid);
        else if (into.valid) for (let at = 0; at < places.length; at++) into.valid[places[at]!] = 1;
      };
      for (const name of ["keyHash", "subsort", "rank"] as const) write(part[name], target[name]);
      for (const [at, one] of part.columns.entries()) column(one, target.columns[at]!);
      if (part.key && target.key) column(part.key, target.key);
    }
  }
}

/** What orders rows of one time: rank, subsort, key hash. */
class PartIdentity {
  readonly #rank: Uint8Array | undefined;
  readonly #words: readonly Uint32Array[];

  constructor(part: StoredRows) {
    this.#rank = part.rank;
    this.#words = [part.subsort, part.keyHash].map(
      ({ buffer, byteOffset, length }) => new Uint32Array(buffer as ArrayBuffer, byteOffset, 2 * length),
    );
  }

  compare(row: number, other: PartIdentity, otherRow: number): number {
    const ranks = (this.#rank?.[row] ?? 1) - (other.#rank?.[otherRow] ?? 1);
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

function scatter(values: RowArray, rows: Uint32Array, into: RowArray, places: Uint32Array): void {
  switch (values.BYTES_PER_ELEMENT) {
    case 1:
      scatterOne(values as Uint8Array, rows, into as Uint8Array, places);
      break;
    case 4:
      scatterFour(as(Int32Array, values), rows, as(Int32Array, into), places);
      break;
    default:
      scatterEight(as(BigInt64Array, values), rows, as(BigInt64Array, into), places);
  }
}

function as<T>(type: new (buffer: ArrayBufferLike, offset: number, length: number) => T, values: RowArray): T {
  return new type(values.buffer, values.byteOffset, values.length);
}

// One loop for each width, so that each is compiled for one kind of array.
function scatterOne(values: Uint8Array, rows: Uint32Array, into: Uint8Array, places: Uint32Array): void {
  for (let at = 0; at < rows.length; at++) into[places[at]!] = values[rows[at]!]!;
}

function scatterFour(values: Int32Array, rows: Uint32Array, into: Int32Array, places: Uint32Array): void {
  for (let at = 0; at < rows.length; at++) into[places[at]!] = values[rows[at]!]!;
}

function scatterEight(values: BigInt64Array, rows: Uint32Array, into: BigInt64Array, places: Uint32Array): void {
  for (let at = 0; at < rows.length; at++) into[places[at]!] = values[rows[at]!]!;
}
