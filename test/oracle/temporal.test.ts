import assert from "node:assert/strict";
import { ask, daily, lastField } from "./ask.ts";

const N = daily("n", ["2", "9", "4", "8", "1"]);

/** The time of day of each line, and what follows the key. */
function clock(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/^[0-9-]+T([0-9:]{5}):00\.000000000,/, "$1 "));
}

describe("the naive evaluator, by the tables of the temporal model", () => {
  const A = "time,key,a\n2021-01-01T01:00:00,X,1\n2021-01-01T03:00:00,X,2\n";
  const B = "time,key,b\n2021-01-01T02:00:00,X,10\n";

  it("merges discrete values as nulls and continuous ones as of the row", () => {
    const query = "{ a: A.a, b: B.b, sa: sum(A.a), sb: sum(B.b), both: A.a + B.b, sums: sum(A.a) + sum(B.b) }";
    assert.deepEqual(clock(ask(query, { A, B })), ["01:00 X,1,,1,,,", "02:00 X,,10,1,10,,11", "03:00 X,2,,3,10,,13"]);
  });

  it("evaluates on an operation's own rows before it merges", () => {
    const query = "{ valid: is_valid(A.a), other: A.a | else(0), n: count(A), m: count(B) }";
    assert.deepEqual(clock(ask(query, { A, B })), ["01:00 X,true,1,1,", "02:00 X,,,1,1", "03:00 X,true,2,2,1"]);
  });

  it("joins rows that two tables share, by subsort", () => {
    const P = "time,key,subsort,p\n2021-01-01T01:00:00,X,7,1\n2021-01-01T01:00:00,X,8,2\n";
    const Q = "time,key,subsort,q\n2021-01-01T01:00:00,X,8,5\n2021-01-01T01:00:00,X,9,6\n";
    assert.deepEqual(lastField(ask("{ n: P.p + Q.q }", { P, Q })), ["", "7", ""]);
  });

  it("lets a surplus duplicate stand alone", () => {
    const P = "time,key,subsort,p\n2021-01-01T01:00:00,X,7,1\n2021-01-01T01:00:00,X,7,2\n";
    const Q = "time,key,subsort,q\n2021-01-01T01:00:00,X,7,5\n";
    assert.deepEqual(clock(ask("{ p: P.p, q: Q.q, s: sum(Q.q) }", { P, Q })), ["01:00 X,1,5,5", "01:00 X,2,,5"]);
  });

  it("adds a running sum once per new row", () => {
    const T = daily("x", ["1", "2", "3"]);
    assert.deepEqual(lastField(ask("{ s: sum(sum(T.x)) }", { T })), ["1", "4", "10"]);
  });

  it("never finds a constant new", () => {
    const T = daily("x", ["1", "2"]);
    assert.deepEqual(
      ask("{ s: sum(1), c: count(1), x: T.x }", { T }).map((line) => line.slice(32)),
      [",0,1", ",0,2"],
    );
  });

  it("clears after the row on which since fires", () => {
    assert.deepEqual(lastField(ask("{ s: sum(T.n, window=since(T.n > 5)) }", { T: N })), ["2", "11", "4", "12", "1"]);
  });

  it("keeps the current and the preceding intervals of sliding", () => {
    assert.deepEqual(lastField(ask("{ s: sum(T.n, window=sliding(2, T.n > 5)) }", { T: N })), [
      "2",
      "11",
      "15",
      "23",
      "13",
    ]);
    assert.deepEqual(lastField(ask("{ s: sum(T.n, window=sliding(2, is_valid(T))) }", { T: N })), [
      "2",
      "11",
      "13",
      "12",
      "9",
    ]);
  });

  it("keeps values of true time within a duration", () => {
    assert.deepEqual(lastField(ask("{ s: sum(T.n, window=within(days(2))) }", { T: N })), ["2", "11", "13", "12", "9"]);
  });

  const HOURS =
    "time,key,n\n2021-01-01T07:39:00,A,10\n2021-01-01T08:00:00,A,6\n2021-01-01T08:44:00,A,9\n2021-01-01T11:40:00,A,1\n";

  it("makes ticks from the first to the last event", () => {
    assert.deepEqual(clock(ask("{ n: T.n, s: sum(T.n, window=since(hourly())) }", { T: HOURS })), [
      "07:39 A,10,10",
      "08:00 A,6,16",
      "08:00 A,,16",
      "08:44 A,9,9",
      "09:00 A,,9",
      "10:00 A,,",
      "11:00 A,,",
      "11:40 A,1,1",
    ]);
    assert.deepEqual(clock(ask("{ s: sum(T.n) } | when(hourly())", { T: HOURS })), [
      "08:00 A,16",
      "09:00 A,25",
      "10:00 A,25",
      "11:00 A,25",
    ]);
  });

  it("ticks only for entities that have been seen", () => {
    const T = "time,key,n\n2021-01-01T07:39:00,A,1\n2021-01-01T08:30:00,B,2\n2021-01-01T09:00:00,C,3\n";
    const lines = clock(ask("{ s: sum(T.n) } | when(hourly())", { T }));
    assert.deepEqual([lines[0], ...lines.slice(1).sort()], ["08:00 A,1", "09:00 A,1", "09:00 B,2", "09:00 C,3"]);
  });

  it("keeps the extent of rows that when drops", () => {
    const lines = ask("{ s: sum((T | when(T.n == 10)).n) } | when(hourly())", { T: HOURS });
    assert.deepEqual(clock(lines), ["08:00 A,10", "09:00 A,10", "10:00 A,10", "11:00 A,10"]);
  });

  it("changes rows with when and values with if", () => {
    const T = daily("n,c", ["1,false", "2,true", "3,", "4,true"]);
    assert.deepEqual(lastField(ask("{ v: T.n | if(T.c) }", { T })), ["", "2", "", "4"]);
    assert.deepEqual(lastField(ask("{ v: T.n | null_if(T.c) }", { T })), ["1", "", "", ""]);
    assert.deepEqual(lastField(ask("{ v: T.n | when(T.c) | sum() } | when(true)", { T })), ["2", "6"]);
    assert.deepEqual(lastField(ask("{ n: T.n, v: T.n | when(T.c) | sum() }", { T })), ["", "2", "2", "6"]);
  });

  it("carries each field of a literal record by itself", () => {
    const query = "A | extend({ b: B.b, s: sum(B.b) }) | { b: $input.b, s: $input.s, n: count($input) }";
    assert.deepEqual(clock(ask(query, { A, B })), ["01:00 X,,,1", "02:00 X,10,10,2", "03:00 X,,10,3"]);
    const HOURLY = "time,key,a\n2021-01-01T01:30:00,X,1\n2021-01-01T02:30:00,X,2\n";
    assert.deepEqual(clock(ask("{ now: T.a, last: last(T.a) } | when(hourly())", { T: HOURLY })), ["02:00 X,,1"]);
  });

  it("makes one value of a record that was shifted", () => {
    const T = "time,key,a\n2021-01-01T01:00:00,X,1\n2021-01-01T02:00:00,X,2\n";
    const mixed = "let e = { a: T.a, s: sum(T.a) } | shift_by(seconds(1800)) in extend(e, { n: T.a })";
    assert.deepEqual(clock(ask(mixed, { T })), ["01:00 X,,,1", "01:30 X,1,1,", "02:00 X,,,2", "02:30 X,2,3,"]);
    const continuous = "let e = { s: sum(T.a) } | shift_by(seconds(1800)) in extend(e, { n: T.a })";
    assert.deepEqual(clock(ask(continuous, { T })), ["01:00 X,,1", "01:30 X,1,", "02:00 X,1,2", "02:30 X,3,"]);
  });

  it("releases waiting rows at the next true predicate", () => {
    const T =
      "time,key,n,p\n2021-01-01T10:00:00,A,1,true\n2021-01-01T10:05:00,A,2,false\n2021-01-01T10:10:00,A,3,\n" +
      "2021-01-01T10:15:00,A,4,true\n2021-01-01T10:20:00,A,5,false\n";
    assert.deepEqual(clock(ask("{ n: T.n } | shift_until(T.p)", { T })), [
      "10:00 A,1",
      "10:15 A,2",
      "10:15 A,3",
      "10:15 A,4",
    ]);
  });

  it("drops rows that would move back, and puts shifted rows before events", () => {
    const T =
      "time,key,n,to\n2021-01-01T01:00:00,A,1,2021-01-01T03:00:00\n2021-01-01T02:00:00,A,2,2021-01-01T01:00:00\n" +
      "2021-01-01T03:00:00,A,3,2021-01-01T03:00:00\n2021-01-01T04:00:00,A,4,\n";
    const query = "{ moved: T.n | shift_to(T.to), n: T.n }";
    assert.deepEqual(clock(ask(query, { T })), [
      "01:00 A,,1",
      "02:00 A,,2",
      "03:00 A,1,",
      "03:00 A,3,",
      "03:00 A,,3",
      "04:00 A,,4",
    ]);
  });

  it("fuses rows of one shift, not of two", () => {
    const T = "time,key,a,b\n2021-01-01T01:00:00,A,1,5\n";
    const one = "{ a: T.a | shift_by(seconds(60)), b: T.b | shift_by(seconds(60)) }";
    assert.deepEqual(clock(ask(one, { T })), ["01:01 A,1,5"]);
    const two = "{ a: T.a | shift_by(seconds(60)), b: T.b | shift_until(true) | shift_by(seconds(60)) }";
    assert.deepEqual(clock(ask(two, { T })), ["01:01 A,1,", "01:01 A,,5"]);
  });

  it("counts by the new key after with_key", () => {
    const T = "time,key,other,n\n2021-01-01T01:00:00,A,X,5\n2021-01-01T02:00:00,A,Y,8\n2021-01-01T03:00:00,B,X,9\n";
    const query = 'T | with_key($input.other, grouping = "h") | { s: sum($input.n) }';
    assert.deepEqual(clock(ask(query, { T })), ["01:00 X,5", "02:00 Y,8", "03:00 X,14"]);
  });

  it("looks up another entity as of the row", () => {
    const R = "time,key,stars\n2021-01-01T01:00:00,patty,3\n2021-01-01T02:00:00,bits,4\n2021-01-01T02:30:00,patty,5\n";
    const C =
      "time,key,product\n2021-01-01T01:30:00,P,patty\n2021-01-01T02:00:00,P,bits\n2021-01-01T03:00:00,S,patty\n2021-01-01T04:00:00,S,none\n";
    const tables = { "R@product": R, "C@customer": C };
    assert.deepEqual(clock(ask("{ m: lookup(C.product, mean(R.stars)) }", tables)), [
      "01:30 P,3.0",
      "02:00 P,4.0",
      "03:00 S,4.0",
      "04:00 S,",
    ]);
    assert.deepEqual(lastField(ask("{ m: lookup(C.product, R.stars) }", tables)), ["", "4", "", ""]);
  });

  it("stamps final results 1 ns after the domain's end", () => {
    const T = "time,key,n\n2021-01-01T01:00:00,A,1\n2021-01-01T02:00:00,B,2\n2021-01-01T03:00:00,A,\n";
    const final = { resultBehavior: "final-results" } as const;
    assert.deepEqual(ask("{ n: T.n, s: sum(T.n) }", { T }, final).sort(), [
      "2021-01-01T03:00:00.000000001,A,,1",
      "2021-01-01T03:00:00.000000001,B,2,2",
    ]);
    const kept = ask("{ n: T.n } | when(T.n > 0)", { T }, { ...final, changedSince: 1609466400000000000n });
    assert.deepEqual(kept, ["2021-01-01T03:00:00.000000001,B,2"]);
    const early = ask("{ n: T.n }", { T }, { ...final, finalTime: 1609462800000000000n });
    assert.deepEqual(early, ["2021-01-01T01:00:00.000000001,A,1"]);
  });

  it("stamps final results after the last shifted row that was kept", () => {
    const T = "time,key,n\n2021-01-01T01:00:00,A,1\n2021-01-01T02:00:00,A,2\n2021-01-01T02:10:00,A,3\n";
    const query = "{ n: T.n } | when(T.n < 3) | shift_by(seconds(1800))";
    assert.deepEqual(ask(query, { T }, { resultBehavior: "final-results" }), ["2021-01-01T02:30:00.000000001,A,2"]);
  });

  it("slices by key, but not the foreign side of lookup", () => {
    const T = "time,key,n\n2021-01-01T01:00:00,A,1\n2021-01-01T02:00:00,B,2\n2021-01-01T03:00:00,A,3\n";
    const L = "time,key,to\n2021-01-01T04:00:00,A,B\n2021-01-01T05:00:00,B,A\n";
    const slice = { slice: { kind: "keys", keys: ["A"] } } as const;
    assert.deepEqual(clock(ask("{ n: T.n }", { T }, slice)), ["01:00 A,1", "03:00 A,3"]);
    assert.deepEqual(clock(ask("{ n: lookup(L.to, sum(T.n)) }", { T, L }, slice)), ["04:00 A,2"]);
    assert.deepEqual(clock(ask('L | with_key($input.to, grouping = "g") | { n: count($input) }', { T, L }, slice)), [
      "05:00 A,1",
    ]);
  });
});
