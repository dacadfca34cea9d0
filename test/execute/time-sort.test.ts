import assert from "node:assert/strict";
import { TimeSort } from "../../src/execute/time-sort.ts";

function sortedItems(times: readonly bigint[]): number[] {
  const sort = new TimeSort(times.length);
  for (const time of times) sort.add(Number(time >> 32n), Number(time & 0xffffffffn));
  return [...sort.sorted((a, b) => a - b)];
}

function expected(times: readonly bigint[]): number[] {
  return times
    .map((time, item) => ({ time, item }))
    .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.item - b.item))
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
    ["times about a multiple of 2^32", Array.from({ length: 3000 }, () => 2n ** 40n + BigInt(random(2000)) - 1000n)],
  ];
  for (const [name, times] of cases) {
    it(`orders ${name}`, () => assert.deepEqual(sortedItems(times), expected(times)));
  }
});
