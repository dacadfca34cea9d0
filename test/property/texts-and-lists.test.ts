import { assertAgreement, assertLongAgreement } from "./random-agreement.ts";

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

/** What is computed of one text, and comparisons of texts. */
const OF_ONE_TEXT = [
  "{ u: upper(A.s), n: len(A.s), l: lower(upper(A.s)), p: substring(A.s, start=1), i: A.s as i64, h: hash(A.s) }",
  "let j = json(A.j) in { a: j.a, b: j.b, n: len(j.b), o: upper(A.s) | else('none'), e: upper(last(B.s)) }",
  "{ m: max(A.s), n: min(A.s), w: max(A.s, window=sliding(3, is_valid(A))), d: min(A.s, window=within(hours(1))), s: max(A.s, window=since(A.b)) }",
  "{ m: max(upper(A.s)), c: max(concat(A.s, B.s)), l: last(max(B.s)), u: upper(min(A.s)) }",
  "{ lt: A.s < 'b', gt: A.s > last(B.s), le: upper(A.s) <= A.s, ge: A.s >= '10', z: zip_max(A.s, last(B.s)), y: zip_min(A.s, 'b') }",
  "let k = A | with_key(upper($input.s)) in { n: count(k), m: max(k.s), u: upper(k.s) }",
  "{ v: lookup(A.s, count(A)), m: lookup(lower(A.s), max(A.s)), u: upper(lookup(A.s, last(A.s))) }",
];

describe("functions of one text and the order of texts", () => {
  for (const query of OF_ONE_TEXT) {
    it(`are those of the plain evaluator: ${query}`, async function () {
      this.timeout(120_000);
      await assertAgreement(query);
    });
    it(`are those of the plain evaluator for many rows: ${query}`, async function () {
      this.timeout(120_000);
      await assertLongAgreement(query);
    });
  }
});

describe("texts and lists", () => {
  for (const query of QUERIES) {
    it(`are those of the plain evaluator: ${query}`, async function () {
      this.timeout(120_000);
      await assertAgreement(query);
      if (query.includes("concat(")) await assertLongAgreement(query);
    });
  }
});
