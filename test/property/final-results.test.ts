import type { OracleOptions } from "../oracle/oracle.ts";
import { assertAgreement, assertLongAgreement } from "./random-agreement.ts";

const NOON = 1640991600000000000n;

const WAYS: readonly OracleOptions[] = [
  { resultBehavior: "final-results" },
  { resultBehavior: "final-results" },
  { resultBehavior: "final-results", finalTime: NOON },
  { resultBehavior: "final-results", changedSince: NOON },
];

/** Of some all rows count and all values stand, so that they are handed out at the end of an entity; of others not. */
const QUERIES = [
  "{ n: count(A), s: sum(A.x), l: last(A.s), m: max(A.s), first: first(A.i) }",
  "{ a: count(A), b: sum(B.x), c: last(B.s), d: mean(A.x) }",
  "{ a: count(A), b: last(B.i), now: A.i }",
  "{ a: count(A, window=since(A.b)), b: sum(B.x, window=since(B.b)), c: count(A, window=sliding(2, A.b)) }",
  "{ a: count(A, window=since(daily())), b: count(B) }",
  "let w = A | when(A.b) in { a: count(A, window=since(hourly())), b: count(A, window=since(daily())), c: count(A, window=since(monthly())), d: count(B, window=since(hourly())), e: count(B, window=since(daily())), f: count(B, window=since(monthly())), g: count(w, window=since(hourly())), h: count(w, window=since(daily())), i: count(w, window=since(monthly())) }",
  "{ a: count(A), b: sum(B.x) } | when(A.b)",
  "{ a: collect(A.s, max=3), b: concat(last(A.s), last(B.s)) }",
  "{ a: last(A | shift_by(hours(1))) | $input.i, b: count(B) }",
  "{ a: sum(A.x), b: 1, c: 'text', d: last(A.s) }",
  "{ a: count(A) + count(B), b: sum(A.x) + sum(B.x), c: coalesce(last(A.i), 7), d: is_valid(last(B.s)) }",
  "{ a: sum(A.x, window=within(days(1))), t: last(time_of(A)), b: max(B.s), c: mean(A.i) }",
  "{ a: mean(sum(A.x)), b: count(A | when(A.b)), c: sum(A.x | when(count(A) > 1)), d: if(count(A) > 1, count(B)) }",
  "{ a: coalesce(count(A) + count(B), 0), b: coalesce(last(A.s), last(B.s), 'none'), c: count_distinct(B.s) }",
  "{ a: count(A), b: count(A, window=since(B.b)), c: first(B.x) }",
  "let k = A | with_key($input.s) in { n: count(k), s: sum(k.i) }",
];

describe("final results", () => {
  for (const query of QUERIES) {
    it(`are those of the plain evaluator: ${query}`, async function () {
      this.timeout(120_000);
      await assertAgreement(query, WAYS);
      await assertLongAgreement(query, WAYS);
    });
  }
});
