import assert from "node:assert/strict";
import { alignColumns } from "../../src/text/columns.ts";

describe("aligned columns", () => {
  it("stand below one another, without blanks at the ends of lines", () => {
    assert.equal(
      alignColumns(
        [
          ["a", "bcd", ""],
          ["efg", "h", "i"],
        ],
        "  ",
      ),
      "  a    bcd\n  efg  h    i\n",
    );
  });

  it("do not grow with cells that are very long", () => {
    const long = "x".repeat(500);
    assert.equal(
      alignColumns([
        ["a", long, "b"],
        ["c", "d", "e"],
      ]),
      `a  ${long}  b\nc  d  e\n`,
    );
  });

  it("keep control characters on their line", () => {
    assert.equal(alignColumns([["a\nb", "\u001b[31mc"]]), "a␊b  ␛[31mc\n");
  });
});
