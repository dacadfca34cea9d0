import type { StoredRows, TimeSlots } from "../rows/stage-job.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { CodeNumbers } from "./code-numbers.ts";
import { type SortExports, sortExports } from "./time-sort.ts";

/** About so many rows in a slot, so that they are sorted in one pass and a column of them stays in the processor's cache. */
const ROWS_A_SLOT = 1 << 12;
const SLOTS_BITS = [6, 10] as const;
/** Fewer rows are not worth dividing. */
const FEWEST_ROWS = 1 << 16;

/** Slots of time for at most about `rows` rows between two times; null where there are few rows or times. */
export function slotsBetween(first: bigint, last: bigint, rows: number): Omit<TimeSlots, "sorter"> | null {
  if (rows < FEWEST_ROWS || last <= first) return null;
  const [fewest, most] = SLOTS_BITS;
  const wanted = Math.max(fewest, Math.min(most, Math.ceil(Math.log2(rows / ROWS_A_SLOT))));
  const shift = Math.max(0, (last - first).toString(2).length - wanted);
  return { first, shift, count: Number((last - first) >> BigInt(shift)) + 1 };
}

/** Divides rows by time while they are copied out of a worker's memory. */
export class TimeDivision extends CodeNumbers {
  readonly #slots: TimeSlots;
  readonly #memory: StageMemory;
  readonly #run: SortExports;
  readonly #ends: number;
  /** The place of each row, and room for a column in that order. */
  #places = 0;
  #column = 0;
  #capacity = 0;

  constructor(slots: TimeSlots, memory: StageMemory) {
    const run = sortExports(slots.sorter, memory);
    super(run, memory);
    this.#slots = slots;
    this.#memory = memory;
    this.#run = run;
    this.#ends = memory.allocate(4 * slots.count);
  }

  /** Finds the rows' places by their times, at an address. @returns where each slot's rows begin, and the number of all */
  divide(times: number, rows: number): Uint32Array {
    const { first, shift, count } = this.#slots;
    if (rows > this.#capacity) {
      this.#places = this.#memory.allocate(4 * rows);
      this.#column = this.#memory.allocate(8 * rows);
      this.#capacity = rows;
    }
    this.#run.divide(times, rows, first, BigInt(shift), count, this.#ends, this.#places);
    const starts = new Uint32Array(count + 1);
    starts.set(new Uint32Array(this.#memory.memory.buffer, this.#ends, count), 1);
    return starts;
  }

  protected override get places(): number {
    return this.#places;
  }

  /** The address of values in their places, until others are put there. */
  placed(values: number, rows: number, width: number): number {
    if (width === 1) this.#run.scatter1(values, this.#places, rows, this.#column);
    else if (width === 4) this.#run.scatter4(values, this.#places, rows, this.#column, 0);
    else this.#run.scatter8(values, this.#places, rows, this.#column);
    return this.#column;
  }
}

/** From which slot up to which there is a thread's share of the rows, and how many rows are before it. */
export interface SlotShare {
  readonly from: number;
  readonly to: number;
  readonly before: number;
}

/** A slot with more than this part of a thread's rows keeps threads from having equal shares. */
const LARGEST_PART = 1 / 4;

/** Divides slots among threads; null where the parts are not divided by time, or most rows are in few slots. */
export function slotShares(parts: readonly StoredRows[], rows: number, threads: number): SlotShare[] | null {
  const slots = (parts[0]!.slotStarts?.length ?? 0) - 1;
  if (slots < 1 || parts.some(({ slotStarts }) => slotStarts?.length !== slots + 1)) return null;
  const shares: SlotShare[] = [];
  let [from, before, start] = [0, 0, 0];
  for (let slot = 0; slot < slots; slot++) {
    const own = parts.reduce((sum, { slotStarts }) => sum + slotStarts![slot + 1]! - slotStarts![slot]!, 0);
    if (own > (rows / threads) * LARGEST_PART) return null;
    before += own;
    if (before === start || (before < (rows * (shares.length + 1)) / threads && slot < slots - 1)) continue;
    shares.push({ from, to: slot + 1, before: start });
    [from, start] = [slot + 1, before];
  }
  return shares;
}
