import assert from "node:assert/strict";
import { parseFenl } from "../../src/syntax/parse.ts";
import { expressionSlots } from "../../src/syntax/slots.ts";
import { tokenize } from "../../src/syntax/tokenize.ts";
import { treeOf } from "./show-tree.ts";

/** The texts of a query's slots. */
function slotsOf(text: string): string[] {
  const tokens = tokenize(text);
  return expressionSlots(tokens).map(({ from, to }) => text.slice(tokens[from]!.start, tokens[to - 1]!.end));
}

/** Queries that have every construct in every place where an expression can stand. */
const QUERIES = [
  "let a = b + c * d let e = f(g, h = i + j) in { k: a + b - c, l, m: n.o.p[q + r].s }",
  "let a = let b = c + d + e in b - c let f = g + h - i in a | f(b + c, d = $input.e * 2) | { x: $input + 1 }",
  "let a = b | let c = d + e + f let g = h + i + j in c + g let k = l + m in a + k",
  "x | let a = $input.b + 1 in { a, b: (a as f64) / 2 }",
  "f(a = b == c, let d = e + f in d, { g: -h.i + !j }, [1][0], k as list<map<string, i64>>)",
  "{ a: b | c() | d(e | f(g, h)), i: $j + $k, l: 'm' + \"n\" + 1.5f64 - 2u8, ,, o: null or true and false, }",
].map((text) => text.replace("[1][0]", "p[1][0]"));

describe("expressions that are matched on their own", () => {
  it("are what let names, fields, arguments, and what stands in brackets", () => {
    assert.deepEqual(slotsOf("let a = b + c * d in { k: a + b - c, l, m: f(n + o + p, q = r + s + t) }"), [
      "b + c * d",
      "a + b - c",
      "f(n + o + p, q = r + s + t)",
    ]);
    assert.deepEqual(slotsOf("(a + b + c) * d[e + f + g]"), ["a + b + c", "e + f + g"]);
    assert.deepEqual(slotsOf("let a = let b = c + d + e in b - c in a"), ["let b = c + d + e in b - c"]);
    assert.deepEqual(slotsOf("let a = b | let c = d + e + f let g = h + i + j in c in a"), [
      "b | let c = d + e + f let g = h + i + j in c",
    ]);
  });

  for (const query of QUERIES) {
    it(`give the tree that the text as a whole gives: ${query}`, () => {
      const alone = treeOf(query);
      const many = Array.from({ length: 40 }, (_, index) => `x${index}: (${query})`);
      const { expression, diagnostics } = parseFenl(`{ ${many.join(", ")} }`);
      assert.deepEqual(diagnostics, []);
      assert.ok(expression?.kind === "record");
      assert.equal(expression.fields.length, 40);
      const text = `{ ${many.join(", ")} }`;
      for (const { value } of expression.fields) {
        const { start, end } = value.span;
        assert.equal(text.slice(start, end), query);
        const own = parseFenl(query).expression!;
        assert.deepEqual(JSON.parse(JSON.stringify(value), shiftedBy(start)), JSON.parse(JSON.stringify(own)));
      }
      assert.equal(treeOf(query), alone);
    });
  }

  it("leave errors of long texts as those of short ones are", () => {
    const wrong = "{ a: 1 + }";
    const good = Array.from({ length: 200 }, (_, index) => `x${index}: f(${index} + 1)`).join(", ");
    const text = `{ ${good}, y: ${wrong} }`;
    const [short] = parseFenl(wrong).diagnostics;
    const [long] = parseFenl(text).diagnostics;
    assert.equal(long?.labels[0]?.message, short?.labels[0]?.message);
    assert.deepEqual(long?.notes, short?.notes);
    assert.equal(long?.labels[0]?.span.start, text.indexOf("1 + }") + 4);
  });
});

function shiftedBy(offset: number) {
  return (key: string, value: unknown) => (key === "start" || key === "end" ? (value as number) - offset : value);
}
