import { assertAgreement } from "./random-agreement.ts";

/** Texts made of several values, and lists, of every type and on every way through an answer. */
const QUERIES = [
  "{ a: concat(A.s, '/', A.s), b: concat('é', A.s, B.s, '😀'), c: concat(A.s, A.s) }",
  "let a = concat(A.s, '/', B.s) in { a, same: a == 'x/y', again: concat(A.s, '/', B.s) }",
  "{ a: concat(A.s, last(B.s)) } | when(is_valid(A))",
  "{ a: substring(A.s, start=A.i), b: concat(A.s, A.i as string) }",
  "{ s: collect(A.s, max=2), i: collect(A.i, max=null), x: collect(A.x, max=3, min=2), b: collect(A.b, max=2), t: collect(A.t, max=2) }",
  "{ r: collect({ s: A.s, i: A.i }, max=2), c: collect(collect(A.s, max=2), max=2) }",
  "let l = collect(A.s, max=3) in { l, n: list_len(l), first: l | index(0), u: union(l, collect(B.s, max=2)), f: flatten(collect(l, max=2)) }",
  "{ l: collect(A.s, max=2) | if(A.b), e: collect(A.s, max=1) | else(collect(B.s, max=2)) }",
  "{ s: collect(A.s, max=null, window=since(A.b)), d: collect(A.i, max=null, window=within(days(1))), w: collect(A.s, max=2, window=sliding(2, A.b)) }",
  "{ l: collect(A.s, max=2), m: concat(A.s, B.s) } | shift_by(seconds(90))",
  "let k = A | with_key($input.s) in { l: collect(k.i, max=2), s: collect(k.s, max=2) }",
  "{ l: collect(A.s, max=2) } | when(A.b) | shift_until(is_valid(B))",
];

describe("texts and lists", () => {
  for (const query of QUERIES) {
    it(`are those of the plain evaluator: ${query}`, async function () {
      this.timeout(120_000);
      await assertAgreement(query);
    });
  }
});
