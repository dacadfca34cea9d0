import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | undefined;

/** Collects this thread's garbage now: collectors do not count shared memory, and idle threads have nothing to collect. */
export function collectGarbage(): void {
  collect ??= collector();
  collect();
}

/** V8's own collection, which a context has that is made after the flag was set. */
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  try {
    return runInNewContext("gc") as () => void;
  } finally {
    setFlagsFromString("--no-expose-gc");
  }
}
