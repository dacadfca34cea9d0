import { countMemory, type RowArray } from "./allocate.ts";
import { mapArrays } from "./gather.ts";
import type { RowSetColumn } from "./row-set.ts";
import { scratch } from "./scratch.ts";
import type { OrderJob, StoredRows } from "./stage-job.ts";
import { TimeSort } from "./time-sort.ts";

/** Milliseconds after which a thread that has not counted its rows is taken for gone. */
const LONGEST_WAIT = 600_000;

/**
 * Puts the result's rows between two times in order and writes them where they belong in the whole result. How many
 * rows stand before them is known once the runs for earlier times, which were started before, have counted theirs.
 */
export function orderSpan(job: OrderJob): void {
  const { parts, target, counts, index } = job;
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
    rows = new SpanRows(parts, job.from, job.before);
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
  readonly #rowOf: Uint32Array;
  readonly #times: TimeSort;
  #order: Uint32Array = new Uint32Array(0);

  constructor(parts: readonly StoredRows[], from: string | undefined, before: string | undefined) {
    this.#parts = parts;
    const most = parts.reduce((sum, part) => sum + part.rows, 0);
    this.#rowOf = scratch("rows of items", Uint32Array, most);
    this.#times = new TimeSort(most);
    const [first, end] = [bound(from), bound(before)];
    for (const { time, rows } of parts) {
      this.#starts.push(this.#times.count);
      const halves = new Int32Array(time.buffer, time.byteOffset, 2 * rows);
      this.#select(halves, rows, first, end);
    }
    this.#starts.push(this.#times.count);
  }

  get count(): number {
    return this.#times.count;
  }

  #select(halves: Int32Array, rows: number, first: Bound | null, end: Bound | null): void {
    const times = this.#times;
    for (let row = 0; row < rows; row++) {
      const low = halves[2 * row]! >>> 0;
      const high = halves[2 * row + 1]!;
      if (first !== null && (high < first.high || (high === first.high && low < first.low))) continue;
      if (end !== null && (high > end.high || (high === end.high && low >= end.low))) continue;
      this.#rowOf[times.count] = row;
      times.add(high, low);
    }
  }

  /** Sorts by time, then by rank, subsort and key hash. */
  sort(): void {
    const identities = this.#parts.map((part) => new PartIdentity(part));
    this.#order = this.#times.sorted((a, b) => {
      const [left, right] = [this.#partOf(a), this.#partOf(b)];
      return identities[left]!.compare(this.#rowOf[a]!, identities[right]!, this.#rowOf[b]!) || a - b;
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
    const place = scratch("places of items", Uint32Array, this.count);
    for (let at = 0; at < place.length; at++) place[this.#order[at]!] = base + at;
    for (const [index, part] of this.#parts.entries()) {
      const from = this.#starts[index]!;
      const to = this.#starts[index + 1]!;
      if (from === to) continue;
      const rows = this.#rowOf.subarray(from, to);
      const places = place.subarray(from, to);
      const write = (values: RowArray | undefined, into: RowArray | undefined) => {
        if (values && into) scatter(values, rows, into, places);
      };
      const column = (one: RowSetColumn, into: RowSetColumn) => {
        write(one.values, into.values);
        if (one.valid) write(one.valid, into.valid);
        else if (into.valid) for (let at = 0; at < places.length; at++) into.valid[places[at]!] = 1;
      };
      for (const name of ["keyHash", "time", "subsort", "rank"] as const) write(part[name], target[name]);
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

interface Bound {
  readonly high: number;
  readonly low: number;
}

function bound(text: string | undefined): Bound | null {
  if (text === undefined) return null;
  const time = BigInt(text);
  return { high: Number(time >> 32n), low: Number(time & 0xffffffffn) };
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
