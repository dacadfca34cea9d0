import assert from "node:assert/strict";
import fc from "fast-check";
import { type Loads, randomLoads, refreshes } from "./incremental.ts";

/** Of each construct a number of runs that must have been over some entities only. */
const CONSTRUCTS = ["aggregate", "tick", "since", "sliding", "within", "shift", "lookup", "with_key", "lag", "collect"];

/** Queries whose results change where it is least expected, with how many of ten refreshes may need all entities. */
const QUERIES: readonly (readonly [query: string, mostFull: number])[] = [
  ["{ n: count(A, window=since(hourly())) } | when(hourly())", 6],
  ["{ n: count(A, window=sliding(2, hourly())), m: sum(A.i, window=since(hourly())) } | when(hourly())", 6],
  ["{ a: count(A, window=since(hourly())), b: count(B, window=since(hourly())) } | when(hourly())", 9],
  ["{ a: count(A, window=since(hourly())), b: count(A, window=since(daily())) } | when(hourly() or daily())", 9],
  ["{ n: count(hourly()), i: last(A.i) }", 9],
  ["{ i: last(A.i) } | when(finished())", 10],
  ["A | shift_to(first(A.t))", 5],
  ["A | shift_by(minutes(first(A.i)))", 5],
  ["A | shift_until(hourly())", 10],
  ["{ n: count(A | shift_by(minutes(30)), window=since(hourly())) }", 10],
  ['A | with_key(A.f, grouping="h") | { n: count($input), s: sum($input.i) }', 2],
  ['A | with_key(last(A.f), grouping="h") | { n: count($input) } | when(is_valid($input.n))', 2],
  ['C | with_key(C.k, grouping="g") | { n: count($input), foreign: lookup(last($input.i), last(C.i)) }', 3],
  ["{ own: A.i, other: lookup(A.f, sum(C.i)), last: lookup(last(A.f), last(C.s)) }", 2],
  ["{ n: lookup(A.f, count(C | when(C.i > 0), window=since(hourly()))) } | when(hourly())", 10],
  ["{ n: lookup(A.f, lookup(last(C.k), sum(A.i))) }", 2],
  ['{ n: lookup(A.f, count(A | with_key(A.f, grouping="h"))) }', 3],
  ['let x = A | with_key(A.f, grouping="h") in { n: count(x), m: sum(x.i | shift_by(minutes(20))), o: sum(C.i) }', 4],
];

describe("final results that are brought up to date", function () {
  this.timeout(180_000);

  async function agree(loads: Loads, count: (some: number, all: number) => void): Promise<void> {
    const outcome = await refreshes(loads);
    if (outcome === null) return;
    assert.deepEqual(outcome.differences, [], loads.query);
    count(outcome.some, outcome.all);
  }

  it("are those of a run over everything, whatever is asked and loaded", async () => {
    const incremental = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(randomLoads(), async (loads) => {
        await agree(loads, (some) => {
          for (const name of loads.constructs) incremental.set(name, (incremental.get(name) ?? 0) + some);
        });
      }),
      { numRuns: 120, seed: 20261127 },
    );
    for (const name of CONSTRUCTS) assert.ok((incremental.get(name) ?? 0) >= 10, `${name}: ${incremental.get(name)}`);
  });

  for (const [query, mostFull] of QUERIES) {
    it(`are those of a run over everything, for ${query}`, async () => {
      let [some, all] = [0, 0];
      await fc.assert(
        fc.asyncProperty(randomLoads(query), async (loads) => {
          await agree(loads, (someRuns, allRuns) => {
            some += someRuns;
            all += allRuns;
          });
        }),
        { numRuns: 25, seed: 7 },
      );
      assert.ok(some + all > 0);
      assert.ok(all <= (mostFull / 10) * (some + all), `${all} of ${some + all} refreshes were over everything`);
    });
  }
});
