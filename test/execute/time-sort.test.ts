import assert from "node:assert/strict";
import { assemble } from "../../src/compile/assemble.ts";
import { ENDS_BYTES, sortExports, TimeSort } from "../../src/execute/order/time-sort.ts";
import { TIME_SORT_WAT } from "../../src/execute/order/time-sort-wat.ts";
import { StageMemory } from "../../src/execute/rows/stage-memory.ts";

const ENDS_OF_TIME = [-(2n ** 63n), 2n ** 63n - 1n] as const;

async function sortOf(times: readonly bigint[], bounds: readonly [bigint, bigint] = ENDS_OF_TIME): Promise<TimeSort> {
  const memory = new StageMemory();
  memory.start(0);
  const sort = new TimeSort(await assemble(TIME_SORT_WAT), memory, bounds, 10);
  const half = times.length >> 1;
  for (const part of [times.slice(0, half), times.slice(half)]) sort.add(BigInt64Array.from(part));
  return sort;
}

/** The items in order, those of one time as a comparison has it, which looks at `item % 7` first. */
async function sortedItems(times: readonly bigint[], compare: (a: number, b: number) => number): Promise<number[]> {
  const sort = await sortOf(times);
  sort.sort(() => ({
    compare,
    key: (item) => BigInt(item % 7),
    firstUnordered(halves, items, from) {
      const isSame = (a: number, b: number) =>
        halves[2 * a] === halves[2 * b] && halves[2 * a + 1] === halves[2 * b + 1];
      for (let start = from; start < items.length; ) {
        let end = start + 1;
        while (end < items.length && isSame(start, end)) end++;
        for (let at = start + 1; at < end; at++) if (compare(items[at - 1]!, items[at]!) > 0) return start;
        start = end;
      }
      return items.length;
    },
  }));
  const order = [...sort.order];
  assert.deepEqual(
    [...sort.times],
    order.map((item) => times[item]),
  );
  const places = sort.places(100);
  assert.ok(order.every((item, at) => places[item] === 100 + at));
  return order;
}

/** The items of one slot in order, those of one time as they came. */
async function itemsOfSlot(times: readonly bigint[]): Promise<number[]> {
  const memory = new StageMemory();
  memory.start(0);
  const rows = times.length;
  const keys = memory.write(BigInt64Array.from(times));
  const items = memory.allocate(4 * rows);
  const room = [memory.allocate(8 * rows), memory.allocate(4 * rows), memory.allocate(ENDS_BYTES)] as const;
  const run = sortExports(await assemble(TIME_SORT_WAT), memory);
  const longest = run.sortTimes(keys, items, ...room, rows);
  const order = [...new Uint32Array(memory.memory.buffer, items, rows)];
  const sorted = [...new BigInt64Array(memory.memory.buffer, keys, rows)];
  assert.deepEqual(
    sorted,
    order.map((item) => times[item]),
  );
  const runs = new Map<bigint, number>();
  for (const time of times) runs.set(time, (runs.get(time) ?? 0) + 1);
  assert.equal(longest, Math.max(0, ...runs.values()));
  return order;
}

function expected(times: readonly bigint[], compare: (a: number, b: number) => number): number[] {
  return times
    .map((time, item) => ({ time, item }))
    .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : compare(a.item, b.item)))
    .map(({ item }) => item);
}

/** Numbers that look random, the same ones on each run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe("the sort by time", () => {
  const random = randomNumbers(7);
  const wide = () => (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32));
  const cases: [string, readonly bigint[]][] = [
    ["no items", []],
    ["one item", [5n]],
    ["the ends of time", [2n ** 63n - 1n, -(2n ** 63n), 0n, -1n, 1n, 2n ** 32n, 2n ** 32n - 1n]],
    ["spread times", Array.from({ length: 5000 }, () => BigInt.asIntN(64, wide()))],
    [
      "times within a day",
      Array.from({ length: 5000 }, () => 1_700_000_000_000_000_000n + BigInt(random(86_400_000)) * 1_000_000n),
    ],
    ["many equal times", Array.from({ length: 5000 }, () => BigInt(random(7)))],
    ["one time only", Array.from({ length: 3000 }, () => 42n)],
    ["an outlier", [-(2n ** 62n), ...Array.from({ length: 3000 }, () => BigInt(random(1000)))]],
    ["times of a slot", Array.from({ length: 7000 }, () => 2n ** 60n + (BigInt(random(2 ** 32)) << 13n))],
    [
      "whole milliseconds of a quarter, odd by some nanoseconds",
      Array.from({ length: 5000 }, () => 1_700_000_000_000_000_003n + BigInt(random(7_776_000_000)) * 1_000_000n),
    ],
    [
      "times whose trailing bits are one another's, but for the first one, which is not the least",
      [2n ** 60n + 2n ** 50n + 5n, ...Array.from({ length: 3000 }, () => 2n ** 60n + (BigInt(random(2 ** 30)) << 11n))],
    ],
    ["an outlier beside many", [2n ** 45n, ...Array.from({ length: 7000 }, () => BigInt(random(100_000)))]],
    ["times about a multiple of 2^32", Array.from({ length: 3000 }, () => 2n ** 40n + BigInt(random(2000)) - 1000n)],
  ];
  for (const [name, times] of cases) {
    it(`orders ${name} of one slot`, async () => {
      assert.deepEqual(
        await itemsOfSlot(times),
        expected(times, (a, b) => a - b),
      );
    });
    for (const way of [1, -1]) {
      const compare = (a: number, b: number) => (a % 7) - (b % 7) || way * (a - b);
      it(`orders ${name}, those of one time ${way === 1 ? "as they came" : "the other way round"}`, async () => {
        assert.deepEqual(await sortedItems(times, compare), expected(times, compare));
      });
    }
  }

  it("takes the rows between two times, both included", async () => {
    const sort = await sortOf([5n, -3n, 9n, 4n, 10n, 6n], [4n, 9n]);
    assert.deepEqual([...sort.rowOf], [0, 2, 0, 2]);
    sort.sort(() => assert.fail("no times are equal"));
    assert.deepEqual([...sort.times], [4n, 5n, 6n, 9n]);
    assert.deepEqual([...sort.order], [2, 0, 3, 1]);
  });
});
