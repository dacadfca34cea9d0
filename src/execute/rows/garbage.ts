import { collectGarbage } from "../../tables/collect-garbage.ts";

/**
 * Shared memory that may wait for garbage collectors, which do not count it: it is given back when the last thread that
 * has seen it has collected its garbage, and idle threads have none to collect.
 */
const MOST_BYTES = 256 << 20;

/** What this thread has let go of since its garbage was collected. */
let waiting = 0;
let isDue = false;
/** Bytes of results that somebody may still hold, now and when garbage was last collected. */
let held = 0;
let heldThen = 0;
const others: (() => void)[] = [];

/** Has other threads collect their garbage when this one does. */
export function whenCollecting(tell: () => void): void {
  others.push(tell);
}

/** Counts shared memory that this thread has let go of; where it is much, garbage is collected soon. */
export function noteGarbage(bytes: number): void {
  waiting += bytes;
  collectIfDue();
}

const results = new FinalizationRegistry<number>((bytes) => {
  held -= bytes;
  heldThen = Math.min(heldThen, held);
});

/** Counts the memory of a result for as long as it is held: those of earlier queries may be garbage. */
export function watchResult(result: object, bytes: number): void {
  held += bytes;
  results.register(result, bytes, result);
  collectIfDue();
}

/** A result was given back. */
export function unwatchResult(result: object, bytes: number): void {
  if (results.unregister(result)) held -= bytes;
}

function collectIfDue(): void {
  if (waiting + Math.max(0, held - heldThen) >= MOST_BYTES) collectSoon();
}

/** Has all threads collect their garbage as soon as this one has nothing else to do; in a worker, that one. */
export function collectSoon(): void {
  if (isDue) return;
  isDue = true;
  // By then, whoever has let go of it has returned.
  setImmediate(() => {
    isDue = false;
    waiting = 0;
    heldThen = held;
    for (const tell of others) tell();
    collectGarbage();
  });
}
