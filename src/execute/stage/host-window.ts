import type { AggregateCall, HostAggregateEvaluation } from "../../functions/define.ts";
import type { HostValue } from "../../values/host-value.ts";

/** The values of one entity in a window that drops the oldest ones, for an aggregation held in TypeScript. */
export interface HostWindow {
  add(time: bigint, value: HostValue): void;
  /** Ends the open interval. */
  close(): void;
  /** The state of the values that count at a time. */
  state(time: bigint): unknown;
  clear(): void;
  /** The memory that it takes, about. */
  readonly bytes: number;
}

/** What an array takes for a value of 64 bits, about. */
const BYTES_PER_ENTRY = 24;
/** What a text takes beside its characters, about. */
const BYTES_PER_TEXT = 24;

/** The window of a call: of true time, of the last intervals, or null for one that keeps all values. */
export function windowOf(
  evaluation: HostAggregateEvaluation,
  call: AggregateCall,
  within: bigint | null,
  sliding: number | null,
): HostWindow | null {
  if (within === null && sliding === null) return null;
  const { remove } = evaluation;
  if (remove === undefined) return new CombiningWindow(evaluation, call, within, sliding);
  return new RemovingWindow({ ...evaluation, remove }, call, within, sliding);
}

/** Keeps one state and takes old values out of it. */
class RemovingWindow implements HostWindow {
  readonly #evaluation: HostAggregateEvaluation & Required<Pick<HostAggregateEvaluation, "remove">>;
  readonly #call: AggregateCall;
  readonly #within: bigint | null;
  readonly #sliding: number;
  #state: unknown;
  /** The values, from number `#gone` on, with their times where these are needed. Those before `#first` do not count. */
  #values: HostValue[] = [];
  #times = new BigInt64Array(0);
  #gone = 0;
  #first = 0;
  /** Of the texts among the values that count. */
  #textBytes = 0;
  /** With which values the intervals begin, the open one at last. */
  #intervals: number[] = [0];

  constructor(
    evaluation: HostAggregateEvaluation & Required<Pick<HostAggregateEvaluation, "remove">>,
    call: AggregateCall,
    within: bigint | null,
    sliding: number | null,
  ) {
    this.#evaluation = evaluation;
    this.#call = call;
    this.#within = within;
    this.#sliding = sliding ?? Number.POSITIVE_INFINITY;
    this.#state = evaluation.start(call);
  }

  add(time: bigint, value: HostValue): void {
    const at = this.#values.push(value) - 1;
    if (this.#within !== null) {
      if (at === this.#times.length) {
        const times = new BigInt64Array(2 * at + 16);
        times.set(this.#times);
        this.#times = times;
      }
      this.#times[at] = time;
    }
    this.#textBytes += textBytes(value);
    this.#evaluation.update(this.#state, value, this.#call);
  }

  close(): void {
    const intervals = this.#intervals;
    intervals.push(this.#gone + this.#values.length);
    if (intervals.length <= this.#sliding) return;
    intervals.shift();
    while (this.#gone + this.#first < intervals[0]!) this.#drop();
    this.#forget();
  }

  state(time: bigint): unknown {
    const within = this.#within;
    if (within !== null) {
      const oldest = time - within;
      while (this.#first < this.#values.length && this.#times[this.#first]! <= oldest) this.#drop();
      this.#forget();
    }
    return this.#state;
  }

  clear(): void {
    this.#state = this.#evaluation.start(this.#call);
    this.#values = [];
    this.#times = new BigInt64Array(0);
    this.#gone = 0;
    this.#first = 0;
    this.#textBytes = 0;
    this.#intervals = [0];
  }

  get bytes(): number {
    const entries = BYTES_PER_ENTRY * this.#values.length + this.#textBytes + this.#times.byteLength;
    return this.#evaluation.bytes(this.#state) + entries;
  }

  #drop(): void {
    const value = this.#values[this.#first]!;
    this.#evaluation.remove(this.#state, value, this.#call);
    this.#textBytes -= textBytes(value);
    this.#first++;
  }

  #forget(): void {
    if (this.#first < 1024 || this.#first < this.#values.length / 2) return;
    this.#values = this.#values.slice(this.#first);
    this.#times = this.#times.slice(this.#first);
    this.#gone += this.#first;
    this.#first = 0;
  }
}

function textBytes(value: HostValue): number {
  return typeof value === "string" ? BYTES_PER_TEXT + value.length : 0;
}

/**
 * For aggregations that cannot forget: states of the intervals, or of the values, in a queue that gives the state of all
 * of them at constant cost a row ("two stacks"). The oldest ones hold the state of themselves and all after them up to
 * the middle; from there on each holds its own, and `#back` that of them together.
 */
class CombiningWindow implements HostWindow {
  readonly #evaluation: HostAggregateEvaluation;
  readonly #call: AggregateCall;
  readonly #within: bigint | null;
  readonly #sliding: number | null;
  #items: { readonly time: bigint; state: unknown }[] = [];
  #first = 0;
  #middle = 0;
  #back: unknown;
  #open: unknown;

  constructor(evaluation: HostAggregateEvaluation, call: AggregateCall, within: bigint | null, sliding: number | null) {
    this.#evaluation = evaluation;
    this.#call = call;
    this.#within = within;
    this.#sliding = sliding;
    this.#back = evaluation.start(call);
    this.#open = evaluation.start(call);
  }

  add(time: bigint, value: HostValue): void {
    this.#evaluation.update(this.#open, value, this.#call);
    if (this.#within !== null) this.#push(time);
  }

  close(): void {
    this.#push(0n);
    while (this.#items.length - this.#first >= this.#sliding!) this.#drop();
  }

  state(time: bigint): unknown {
    const within = this.#within;
    if (within !== null) {
      while (this.#first < this.#items.length && this.#items[this.#first]!.time <= time - within) this.#drop();
    }
    const total = this.#evaluation.start(this.#call);
    if (this.#first < this.#middle) this.#combine(total, this.#items[this.#first]!.state);
    this.#combine(total, this.#back);
    this.#combine(total, this.#open);
    return total;
  }

  clear(): void {
    this.#items = [];
    this.#first = 0;
    this.#middle = 0;
    this.#back = this.#evaluation.start(this.#call);
    this.#open = this.#evaluation.start(this.#call);
  }

  get bytes(): number {
    const { bytes } = this.#evaluation;
    const items = this.#items.slice(this.#first).reduce((sum, { state }) => sum + BYTES_PER_ENTRY + bytes(state), 0);
    return items + bytes(this.#back) + bytes(this.#open);
  }

  #combine(into: unknown, from: unknown): void {
    this.#evaluation.combine(into, from, this.#call);
  }

  /** Puts the open interval into the queue. */
  #push(time: bigint): void {
    this.#items.push({ time, state: this.#open });
    this.#combine(this.#back, this.#open);
    this.#open = this.#evaluation.start(this.#call);
  }

  #drop(): void {
    const items = this.#items;
    if (this.#first === this.#middle) {
      for (let index = items.length - 2; index >= this.#middle; index--) {
        this.#combine(items[index]!.state, items[index + 1]!.state);
      }
      this.#middle = items.length;
      this.#back = this.#evaluation.start(this.#call);
    }
    this.#first++;
    if (this.#first < 1024 || this.#first < items.length / 2) return;
    this.#items = items.slice(this.#first);
    this.#middle -= this.#first;
    this.#first = 0;
  }
}
