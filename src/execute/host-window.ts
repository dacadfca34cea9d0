import type { AggregateCall, HostAggregateEvaluation } from "../functions/define.ts";
import type { HostValue } from "../values/host-value.ts";

/** The values of one entity in a window that drops the oldest ones, for an aggregation held in TypeScript. */
export interface HostWindow {
  add(time: bigint, value: HostValue): void;
  /** Ends the open interval. */
  close(): void;
  /** The state of the values that count at a time. */
  state(time: bigint): unknown;
  clear(): void;
}

/** The window of a call: of true time, of the last intervals, or null for one that keeps all values. */
export function windowOf(
  evaluation: HostAggregateEvaluation,
  call: AggregateCall,
  within: bigint | null,
  sliding: number | null,
): HostWindow | null {
  if (within === null && sliding === null) return null;
  const { remove } = evaluation;
  if (remove === undefined) return recomputed(evaluation, call, within, sliding);
  return new RemovingWindow({ ...evaluation, remove }, call, within, sliding);
}

interface Entry {
  readonly time: bigint;
  readonly interval: number;
  readonly value: HostValue;
}

/** Keeps one state and takes old values out of it. */
class RemovingWindow implements HostWindow {
  readonly #evaluation: HostAggregateEvaluation & Required<Pick<HostAggregateEvaluation, "remove">>;
  readonly #call: AggregateCall;
  readonly #within: bigint | null;
  readonly #sliding: number;
  #state: unknown;
  #entries: Entry[] = [];
  #first = 0;
  #interval = 0;

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
    this.#entries.push({ time, interval: this.#interval, value });
    this.#evaluation.update(this.#state, value, this.#call);
  }

  close(): void {
    this.#interval++;
    this.#drop((entry) => entry.interval <= this.#interval - this.#sliding);
  }

  state(time: bigint): unknown {
    const within = this.#within;
    if (within !== null) this.#drop((entry) => entry.time <= time - within);
    return this.#state;
  }

  clear(): void {
    this.#state = this.#evaluation.start(this.#call);
    this.#entries = [];
    this.#first = 0;
    this.#interval = 0;
  }

  #drop(isOld: (entry: Entry) => boolean): void {
    while (this.#first < this.#entries.length && isOld(this.#entries[this.#first]!)) {
      this.#evaluation.remove(this.#state, this.#entries[this.#first]!.value, this.#call);
      this.#first++;
    }
    if (this.#first > 1024 && this.#first > this.#entries.length / 2) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }
}

/** For aggregations that cannot forget: the state is made anew from the intervals, or the values, that count. */
function recomputed(
  evaluation: HostAggregateEvaluation,
  call: AggregateCall,
  within: bigint | null,
  sliding: number | null,
): HostWindow {
  let parts: { readonly time: bigint; readonly state: unknown }[] = [];
  let open = evaluation.start(call);
  return {
    add(time, value) {
      evaluation.update(open, value, call);
      if (within === null) return;
      parts.push({ time, state: open });
      open = evaluation.start(call);
    },
    close() {
      parts.push({ time: 0n, state: open });
      if (parts.length >= sliding!) parts.shift();
      open = evaluation.start(call);
    },
    state(time) {
      if (within !== null) parts = parts.filter((part) => part.time > time - within);
      const total = evaluation.start(call);
      for (const part of parts) evaluation.combine(total, part.state, call);
      evaluation.combine(total, open, call);
      return total;
    },
    clear() {
      parts = [];
      open = evaluation.start(call);
    },
  };
}
