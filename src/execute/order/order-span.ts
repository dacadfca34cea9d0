import { countMemory } from "../rows/allocate.ts";
import { mapArrays } from "../rows/gather.ts";
import { PartItems } from "../rows/part-items.ts";
import type { OrderJob, StoredRows } from "../rows/stage-job.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { areInOrder, TiedItems } from "./tied-items.ts";
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
    const parts = this.#parts;
    this.#times.sort((rowOf) => (areInOrder(parts) ? null : new TiedItems(parts, this.#items, rowOf)));
  }

  /** Writes the rows' columns into those of `target`, from row `base` on. */
  writeTo(target: StoredRows, base: number): void {
    const place = this.#times.places(base);
    target.time.set(this.#times.times, base);
    this.#items.writeTo(target, this.#times.rowOf, place);
  }
}
