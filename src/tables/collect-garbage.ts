import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | undefined;

/** Collects this thread's garbage now: collectors do not count shared memory, and idle threads have nothing to collect. */
export function collectGarbage(): void {
  collect ??= collector();
  collect();
}

/**
 * V8's own collection, which a context has that is made after the flag was set; the flag is that of all threads, and is
 * left as it is, as others may be at the same point. Where a Node has none, garbage waits for the usual collections.
 */
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("globalThis.gc ?? (() => {})") as () => void;
}
