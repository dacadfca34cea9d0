import { assertAgreement, assertDistinctAgreement } from "./random-agreement.ts";

/** Rows of one table that ask what stands of another by then: all of them, few, or rows that were moved or sent. */
const QUERIES = [
  "{ n: count(B), s: sum(A.x) } | when(A.b)",
  "{ n: count(B), m: count(B | when(B.b)), s: sum(A.i) } | when(is_valid(A))",
  "{ s: sum(B.x), l: last(B.s), m: max(B.s), f: first(B.i), t: last(time_of(B)) } | when(A.b)",
  "{ n: count(B, window=since(B.b)), w: sum(B.x, window=sliding(3, B.b)), d: count(B, window=within(hours(1))) } | when(A.b)",
  "let w = B | when(B.b) in { n: count(w), s: sum(w.x), m: mean(w.x) } | when(is_valid(A))",
  "{ d: count(A) - count(B), e: coalesce(last(A.s), last(B.s)), v: is_valid(last(B.s)), i: if(count(B) > 1, sum(A.x)) } | when(A.b)",
  "{ n: count(A), m: count(B) } | when(is_valid(A) and (count(B) >= 0))",
  "{ m: mean(count(B) | when(A.b)), s: sum(count(B) | when(is_valid(A))) } | when(A.b)",
  "{ n: count(B), l: collect(B.s, max=3), c: concat(A.s, last(B.s)), d: count_distinct(B.s) } | when(A.b)",
  "{ a: A.i, n: count(B) } | when(is_valid(A)) | shift_until(A.b)",
  "{ a: A.i, s: A.s, n: count(B), l: last(B.s) } | when(A.b) | shift_by(hours(1))",
  "let e = { at: time_of(A), n: count(B) } | when(A.b) | shift_by(minutes(20)) in extend(e, { later: count(B), l: last(B.s) }) | when(is_valid($input.at))",
  "let e = { a: A.i, n: count(B) } | when(A.b) | shift_by(minutes(10)) let f = extend(e, { o: sum(B.x) }) | when(is_valid($input.a)) | shift_by(minutes(30)) in extend(f, { p: count(B), q: last(B.i) }) | when(is_valid($input.a))",
  "let k = { s: A.s, n: count(B) } | when(is_valid(A)) | with_key($input.s) in { s: sum(k.n), c: count(k) }",
  "{ v: lookup(A.s, last(B.i)), n: count(B) } | when(A.b)",
  "{ n: count(B), v: is_valid(B) } | when(A.b)",
  "{ n: sum(B.x, window=since(A.b)), m: count(A, window=since(B.b)) } | when(is_valid(A))",
  "{ n: count(B), a: A.i } | when(is_valid(A) or B.b)",
  "{ n: count(B), d: count(A, window=since(hourly())) } | when(is_valid(A))",
];

describe("what stands of another table by the rows of one", () => {
  for (const query of QUERIES) {
    it(`is what the plain evaluator says: ${query}`, async function () {
      this.timeout(120_000);
      await assertAgreement(query);
      await assertDistinctAgreement(query);
    });
  }
});
