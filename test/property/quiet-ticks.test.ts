import { assertAgreement } from "./random-agreement.ts";

/** Ticks much more frequent than events, whose rows nobody sees: most of them need not be made, and some must. */
const QUERIES = [
  "{ n: count(A, window=since(minutely())) } | when(is_valid(A))",
  "{ n: sum(A.x, window=since(minutely())), m: count(B, window=since(hourly())) } | when(is_valid(A) or is_valid(B))",
  "{ n: sum(A.x, window=since(minutely())), s: B.s } | when(is_valid(B))",
  "let s = count(A, window=since(minutely())) in { s, n: count(B, window=since(s == 0)) } | when(is_valid(B))",
  "let s = count(A, window=since(minutely())) let r = count(B, window=since(s == 0)) in { s, r, q: count(A, window=since(r == 0)) } | when(is_valid(A))",
  "{ s: sum(A.x, window=sliding(3, minutely())), n: count(B, window=sliding(2, hourly())) } | when(is_valid(A))",
  "{ l: collect(A.i, max=3, window=since(minutely())), m: max(A.s, window=sliding(2, minutely())) } | when(is_valid(A))",
  "{ m: mean(count(A, window=since(minutely()))), l: list_len(collect(count(A, window=since(hourly())), max=null)) } | when(is_valid(A))",
  "{ t: last(time_of(sum(A.x, window=since(minutely())))), d: count(A, window=within(days(1))) } | when(is_valid(A))",
  "{ s: sum(A.x, window=since(minutely())) } | when(is_valid(A)) | shift_by(seconds(90))",
  "{ n: count(A, window=since(hourly() and (A.x > 1.0))), m: count(A, window=since(minutely() or (A.x > 1.0))) } | when(is_valid(A))",
  "let w = A | when(A.b) in { a: count(A, window=since(hourly())), b: count(A, window=since(daily())), c: count(A, window=since(monthly())), d: count(B, window=since(hourly())), e: count(B, window=since(daily())), f: count(B, window=since(monthly())), g: count(w, window=since(hourly())), h: count(w, window=since(daily())), i: count(w, window=since(monthly())) } | when(is_valid(A))",
  "{ w: sum(sum(A.x, window=since(minutely())), window=within(seconds(300))) } | when(is_valid(B))",
];

describe("ticks whose rows are not handed out", () => {
  for (const query of QUERIES) {
    it(`end windows as if all of their rows were made: ${query}`, async function () {
      this.timeout(120_000);
      await assertAgreement(query);
    });
  }
});
