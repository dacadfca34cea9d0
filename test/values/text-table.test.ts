import assert from "node:assert/strict";
import { isWellFormed, TextTable } from "../../src/values/text-table.ts";

const TEXTS = ["", "a", "b", "ä", "😀", "a\ud800", "\udc00", "x".repeat(100), "ä".repeat(100), "a ", "\0", "\ufeffa"];

function bytesOf(text: string): Buffer {
  return Buffer.from(` ${text} `);
}

describe("a table of texts", () => {
  it("gives equal texts one number, and numbers their texts", () => {
    const table = new TextTable();
    const many = [...TEXTS, ...Array.from({ length: 5000 }, (_, index) => `text ${index * 7919}`)];
    const numbers = many.map((text) => table.number(text));
    assert.deepEqual(numbers, [...many.keys()]);
    assert.equal(table.count, many.length);
    for (const [number, text] of many.entries()) {
      assert.equal(table.number(text), number);
      assert.equal(table.text(number), text);
    }
  });

  it("knows texts by their bytes", () => {
    const table = new TextTable();
    for (const text of TEXTS) table.number(text);
    for (const [number, text] of TEXTS.entries()) {
      if (!isWellFormed(text)) continue;
      const bytes = bytesOf(text);
      assert.equal(table.numberOfBytes(bytes, 1, bytes.length - 1), number);
      assert.ok(table.hasBytes(number));
      assert.equal(Buffer.from(table.bytes).toString("utf8", table.start(number), table.end(number)), text);
    }
    const bytes = bytesOf("new");
    assert.equal(table.text(table.numberOfBytes(bytes, 1, bytes.length - 1)), "new");
    assert.equal(table.number("new"), TEXTS.length);
  });

  it("has no bytes for halves of surrogate pairs", () => {
    const table = new TextTable();
    assert.equal(table.hasBytes(table.number("a\ud800")), false);
    assert.equal(table.hasBytes(table.number("a")), true);
  });

  it("takes texts of another table", () => {
    const others = new TextTable();
    for (const text of TEXTS) others.number(text);
    const table = new TextTable();
    const reversed = [...TEXTS.keys()].reverse();
    for (const number of reversed) table.numberFrom(others, number);
    assert.deepEqual(
      reversed.map((_, number) => table.text(number)),
      reversed.map((number) => TEXTS[number]),
    );
  });

  it("leaves numbers out that are no text's", () => {
    const table = new TextTable();
    assert.equal(table.number("a"), 0);
    assert.equal(table.skip(), 1);
    assert.equal(table.number(""), 2);
    assert.equal(table.number("a"), 0);
    assert.equal(table.text(2), "");
  });

  it("keeps what it has no bytes for as it is, and each text once", () => {
    const table = new TextTable(5000);
    const many = Array.from({ length: 2000 }, (_, index) => `text ${index}`);
    const half = many.map((text, index) => {
      const bytes = bytesOf(text);
      return index % 2 === 0 ? table.number(text) : table.numberOfBytes(bytes, 1, bytes.length - 1);
    });
    assert.equal(new Set(half).size, many.length);
    assert.ok(half.some((number) => table.hasBytes(number)));
    assert.ok(half.some((number) => !table.hasBytes(number)));
    for (const [index, text] of many.entries()) {
      const bytes = bytesOf(text);
      assert.equal(table.numberOfBytes(bytes, 1, bytes.length - 1), half[index]);
      assert.equal(table.number(text), half[index]);
      assert.equal(table.text(half[index]!), text);
    }
  });
});
