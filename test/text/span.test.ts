import assert from "node:assert/strict";
import { CODES } from "../../src/text/codes.ts";
import { positionAt } from "../../src/text/span.ts";

describe("positions", () => {
  it("count lines by line feeds and columns by code points, both from 1", () => {
    const text = "a😀b\r\nc\rd\n";
    assert.deepEqual(positionAt(text, 0), { line: 1, column: 1 });
    assert.deepEqual(positionAt(text, text.indexOf("b")), { line: 1, column: 3 });
    assert.deepEqual(positionAt(text, text.indexOf("d")), { line: 2, column: 3 });
    assert.deepEqual(positionAt(text, text.length), { line: 3, column: 1 });
  });
});

describe("codes", () => {
  it("have each a title of their own", () => {
    const titles = Object.values(CODES);
    assert.equal(new Set(titles).size, titles.length);
    for (const title of titles) assert.notEqual(title.trim(), "");
  });
});
