import assert from "node:assert/strict";
import { ListLog } from "../../src/execute/rows/list-log.ts";
import { type ListBounds, ListWindow } from "../../src/execute/stage/list-window.ts";

/** Numbers that follow a seed. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

interface Entry {
  readonly value: number;
  readonly time: bigint;
  readonly interval: number;
}

/** The values that count, of all of an entity's. */
function naive(entries: readonly Entry[], { most, within, sliding }: ListBounds, time: bigint, interval: number) {
  const counted = entries.filter(
    (one) => (within === null || one.time > time - within) && (sliding === null || one.interval > interval - sliding),
  );
  return (most === null ? counted : counted.slice(-most)).map(({ value }) => value);
}

describe("the latest items of a log", () => {
  const bounds: ListBounds[] = [null, 1, 3].flatMap((most) => [
    { most, within: null, sliding: null },
    { most, within: 40n, sliding: null },
    { most, within: null, sliding: 1 },
    { most, within: null, sliding: 4 },
  ]);
  for (const bound of bounds) {
    const { most, within, sliding } = bound;
    it(`are those of the window: at most ${most}, within ${within}, sliding ${sliding}`, () => {
      const log = new ListLog({ kind: "i32" }, 0);
      const window = new ListWindow(log, bound);
      const next = numbersFrom(7);
      let entries: Entry[] = [];
      let [time, interval] = [0n, 0];
      for (let step = 0; step < 5000; step++) {
        time += BigInt(next(5));
        if (next(3) > 0) {
          window.add(step, time);
          entries.push({ value: step, time, interval });
        }
        const first = window.first(time);
        const list = Array.from({ length: log.length - first }, (_, item) => log.raw(first + item));
        assert.deepEqual(list, naive(entries, bound, time, interval), `step ${step}`);
        if (sliding !== null && next(4) === 0) {
          window.close();
          interval++;
        }
        if (next(1000) > 0) continue;
        window.clear();
        [entries, time, interval] = [[], 0n, 0];
      }
    });
  }
});
