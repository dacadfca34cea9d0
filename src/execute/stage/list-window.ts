import type { ListLog } from "../rows/list-log.ts";

/** What makes a window drop its oldest values. */
export interface ListBounds {
  /** How many values it has at most; null: any number. */
  readonly most: number | null;
  /** For how many nanoseconds a value counts; null: for ever. */
  readonly within: bigint | null;
  /** How many intervals it has; null: one that stays open. */
  readonly sliding: number | null;
}

/** The latest items of a log, for one entity at a time: those from `first` on. */
export class ListWindow {
  readonly #log: ListLog;
  readonly #bounds: ListBounds;
  #first = 0;
  /** Where the intervals begin, the open one at last; with `#oldest` in front are gone. */
  #intervals: number[] = [0];
  /** The items' times, from the entity's first item on, where they are needed. */
  #times = new BigInt64Array(0);
  #begin = 0;

  constructor(log: ListLog, bounds: ListBounds) {
    this.#log = log;
    this.#bounds = bounds;
    log.keepFrom(() => this.#first);
  }

  add(raw: number | bigint, time: bigint): void {
    const { most, within } = this.#bounds;
    const log = this.#log;
    log.push(raw);
    if (within !== null) this.#addTime(log.length - 1 - this.#begin, time);
    if (most !== null && log.length - this.#first > most) this.#first = log.length - most;
  }

  #addTime(at: number, time: bigint): void {
    if (at === this.#times.length) {
      const times = new BigInt64Array(2 * at + 16);
      times.set(this.#times);
      this.#times = times;
    }
    this.#times[at] = time;
  }

  /** The memory that the items take which count, about. */
  get bytes(): number {
    const { length } = this.#log;
    return (length - this.#first) * this.#log.itemBytes + this.#times.byteLength;
  }

  /** The first item that counts at a time. */
  first(time: bigint): number {
    const { within } = this.#bounds;
    if (within !== null) {
      const oldest = time - within;
      while (this.#first < this.#log.length && this.#times[this.#first - this.#begin]! <= oldest) this.#first++;
      this.#forgetTimes();
    }
    return this.#first;
  }

  #forgetTimes(): void {
    const gone = this.#first - this.#begin;
    const count = this.#log.length - this.#begin;
    if (gone < 1024 || gone < count / 2) return;
    this.#times = this.#times.slice(gone, count);
    this.#begin = this.#first;
  }

  /** Ends the open interval. */
  close(): void {
    const intervals = this.#intervals;
    intervals.push(this.#log.length);
    if (intervals.length > this.#bounds.sliding!) intervals.shift();
    this.#first = Math.max(this.#first, intervals[0]!);
  }

  clear(): void {
    this.#first = this.#log.length;
    this.#begin = this.#log.length;
    this.#times = new BigInt64Array(0);
    this.#intervals = [this.#log.length];
  }
}
