import assert from "node:assert/strict";
import { editDistance, nearest } from "../../src/text/nearest.ts";

describe("nearest names", () => {
  it("orders by edit distance, then by name", () => {
    const functions = ["sub", "neg", "mul", "len", "eq", "ceil", "floor", "clamp"];
    assert.deepEqual(nearest("cel", functions), ["ceil", "eq", "len", "mul", "neg"]);
  });

  it("gives a name once, and at most as many as asked for", () => {
    assert.deepEqual(nearest("a", ["b", "b", "a", "c"], 2), ["a", "b"]);
    assert.deepEqual(nearest("a", []), []);
  });

  it("measures insertions, removals and replacements in characters", () => {
    assert.equal(editDistance("kitten", "sitting"), 3);
    assert.equal(editDistance("", "abc"), 3);
    assert.equal(editDistance("😀a", "😀b"), 1);
    assert.equal(editDistance("same", "same"), 0);
  });

  it("is quick with a name of a million characters", () => {
    const started = performance.now();
    const names = Array.from({ length: 200 }, (_, i) => `column_${i}`);
    assert.equal(nearest("x".repeat(1_000_000), names).length, 5);
    assert.ok(performance.now() - started < 3_000);
  });
});
