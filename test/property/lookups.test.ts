import type { OracleOptions } from "../oracle/oracle.ts";
import { assertAgreement, assertLongAgreement } from "./random-agreement.ts";

const NOON = 1640991600000000000n;

const WAYS: readonly OracleOptions[] = [
  { resultBehavior: "all-results" },
  { resultBehavior: "final-results" },
  { resultBehavior: "final-results", finalTime: NOON },
  { resultBehavior: "final-results", changedSince: NOON },
];

/** Lookups whose answers show on the last row only, and others that look like them; new keys; moved rows in both. */
const QUERIES = [
  "{ m: lookup(A.s, max(B.x)), n: lookup(A.s, count(B)) }",
  "let v = lookup(A.s, last(B.i)) in { v, plus: v + 1, there: is_valid(v), other: v | else(0) }",
  "{ s: sum(lookup(A.s, last(B.i))), l: last(lookup(A.s, B.i)), own: A.i }",
  "{ now: lookup(A.s, B.i), then: lookup(A.s, last(B.i)), n: count(A) }",
  "{ v: lookup(A.s, last(B.i)) } | when(A.b)",
  "{ v: lookup(A.s, last(B.i)), b: last(B.b) }",
  "{ a: lookup(lookup(A.s, last(B.s)), count(B)), b: lookup(A.s, last(B.s)) }",
  "let k = B | with_key($input.s) in { m: lookup(A.s, mean(k.x)), n: lookup(A.s, k.i) }",
  "let k = A | with_key($input.s) in { n: count(k), m: sum(k.i), l: last(k.b) }",
  "let k = A | when(A.b) | shift_by(minutes(10)) | with_key($input.s) in { n: count(k), m: last(k.i), c: count(k, window=since(k.b)) }",
  "let k = { i: A.i, s: A.s } | shift_until(A.b) in { n: lookup(k.s, count(B)), i: k.i }",
  "let k = { i: A.i, s: B.s } | with_key($input.s) in { n: count(k), l: k | with_key($input.i as string) | count() }",
  "{ n: lookup(A.s, count(A | shift_by(hours(1)))), c: count(A, window=since(hourly())) }",
];

describe("lookups and new keys", () => {
  for (const query of QUERIES) {
    it(`give what the plain evaluator gives: ${query}`, async function () {
      this.timeout(120_000);
      await assertAgreement(query, WAYS);
      await assertLongAgreement(query, WAYS);
    });
  }
});
