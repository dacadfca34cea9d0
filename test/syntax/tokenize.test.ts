import assert from "node:assert/strict";
import fc from "fast-check";
import { tokenize } from "../../src/syntax/tokenize.ts";

function kinds(text: string): string[] {
  return tokenize(text).map((token) => `${token.kind} ${token.text}`);
}

describe("tokens", () => {
  it("have kinds, also comments", () => {
    assert.deepEqual(kinds("let x = f($input.a, 'it\\'s') <= 1.5f32 # why"), [
      "keyword let",
      "name x",
      "operator =",
      "name f",
      "operator (",
      "keyword $input",
      "operator .",
      "name a",
      "operator ,",
      "string 'it\\'s'",
      "operator )",
      "operator <=",
      "number 1.5f32",
      "comment # why",
    ]);
  });

  it("are invalid where a number is followed by letters, a string does not end, or nothing begins", () => {
    assert.deepEqual(kinds("0x10 1e3 1i64x"), [
      "number 0",
      "invalid x10",
      "number 1",
      "invalid e3",
      "number 1i64",
      "invalid x",
    ]);
    assert.deepEqual(kinds("a 'b\nc"), ["name a", "invalid 'b"]);
    assert.deepEqual(kinds('"\\q"'), ['invalid "\\q"']);
    assert.deepEqual(kinds("a%é😀$x&&->"), [
      "name a",
      "invalid %",
      "invalid é",
      "invalid 😀",
      "parameter $x",
      "invalid &&",
      "invalid ->",
    ]);
  });

  it("stand at their offsets, in order, with only white space or the rest of a broken string between", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (text) => {
        let end = 0;
        for (const token of tokenize(text)) {
          assert.equal(text.slice(token.start, token.end), token.text);
          assert.match(text.slice(end, token.start), /^[ \t\r\n]*$/);
          assert.ok(token.end > token.start);
          end = token.end;
        }
        assert.match(text.slice(end), /^[ \t\r\n]*$|\n/);
      }),
    );
  });

  it("are found in time linear in the text", () => {
    const started = performance.now();
    assert.equal(tokenize("a + ".repeat(100_000)).length, 200_000);
    assert.equal(tokenize(`"${"\\\\".repeat(500_000)}"`).length, 1);
    assert.equal(tokenize(`"${"x\\q".repeat(300_000)}`).length, 1);
    assert.ok(performance.now() - started < 3_000);
  });
});
