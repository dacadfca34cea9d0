import assert from "node:assert/strict";
import { rowsAtOnce } from "../../src/compile/rows-at-once.ts";

const COUNT = "(local.set $n (i32.add (local.get $n) (i32.const 1)))";
const ROWS = "(local.get $rows)";

describe("what rows do at once", () => {
  it("is to count them all, and to set constants", () => {
    assert.equal(
      rowsAtOnce(
        `(local.set $p (i32.const 1)) (local.set $x (f64.const 0)) ${COUNT} (local.set $p (i32.const 0))`,
        ROWS,
      ),
      [
        "(local.set $p (i32.const 1))",
        "(local.set $x (f64.const 0))",
        "(local.set $n (i32.add (local.get $n) (local.get $rows)))",
        "(local.set $p (i32.const 0))",
      ].join("\n"),
    );
    assert.equal(rowsAtOnce("", ROWS), "");
  });

  for (const [name, body] of [
    ["what follows from the row before", "(local.set $x (f64.add (local.get $x) (f64.const 1)))"],
    ["what is read of a row", "(local.set $x (f64.load (local.get $row)))"],
    ["what another local counts", "(local.set $m (i32.add (local.get $n) (i32.const 1)))"],
    ["other steps", "(local.set $n (i32.add (local.get $n) (i32.const 2)))"],
    ["what is counted twice", `${COUNT} ${COUNT}`],
    ["what is counted and begun anew", `${COUNT} (local.set $n (i32.const 0))`],
    ["what is begun anew and counted", `(local.set $n (i32.const 0)) ${COUNT}`],
    ["what is done on a condition", `(if (local.get $p) (then ${COUNT}))`],
    ["what is written", `${COUNT} (i32.store (local.get $at) (i32.const 1))`],
  ] as const) {
    it(`is not ${name}`, () => assert.equal(rowsAtOnce(body, ROWS), null));
  }
});
