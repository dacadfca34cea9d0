import assert from "node:assert/strict";
import fc from "fast-check";
import { parseFenl } from "../../src/syntax/parse.ts";
import { formatQuery } from "../../src/syntax/print.ts";
import { tokenize } from "../../src/syntax/tokenize.ts";
import { treeOf } from "./show-tree.ts";

function formatted(text: string): string {
  const { text: result, diagnostics } = formatQuery(text);
  assert.deepEqual(diagnostics, []);
  assert.ok(result !== null);
  return result;
}

function commentsOf(text: string): string {
  return tokenize(text)
    .filter((token) => token.kind === "comment")
    .map((token) => token.text.trimEnd())
    .join(" ");
}

function assertKeeps(text: string): void {
  const result = formatted(text);
  assert.equal(treeOf(result), treeOf(text));
  assert.equal(formatted(result), result, `of ${JSON.stringify(text)}`);
  assert.match(result, /\S\n$/);
  assert.doesNotMatch(result, /[ \t]\n/);
}

describe("formatting", () => {
  const forms: [string, string][] = [
    ["{a:1,b ,, c : x.y[ 0 ]}", "{ a: 1, b, c: x.y[0] }\n"],
    ["f( a,n = 1,)", "f(a, n=1)\n"],
    ["{ , }", "{}\n"],
    ["f( ,, )", "f()\n"],
    ["- - x+!y<>-1", "--x + !y <> -1\n"],
    ["((a)+b)*c", "((a) + b) * c\n"],
    ["a|b|(c|d)", "a | b | (c | d)\n"],
    ["x as map<string,list< i64 >>", "x as map<string, list<i64>>\n"],
    ["A|let n=$input.n in{n,m:n+1}", "A | let n = $input.n in { n, m: n + 1 }\n"],
    ["let a=1 in a", "let a = 1\nin a\n"],
    ["let a = 1\r\n\r\n\r\nlet b = a\r\nin { a, b }", "let a = 1\n\nlet b = a\nin { a, b }\n"],
    ["{ a, # first\n b }", "{\n  a, # first\n  b,\n}\n"],
    ["{\na, b}", "{\n  a,\n  b,\n}\n"],
    ["{ a: x + y # sum\n, b }", "{\n  a: x + y, # sum\n  b,\n}\n"],
    ["# top\n\n# second\n{ a } # last\n# end", "# top\n\n# second\n{ a } # last\n# end\n"],
    ["let # note\n a = f(x, y) in { a }", "let a = f(x, y) # note\nin { a }\n"],
    ["f(\n a,\n # own\n b\n # closing\n)", "f(\n  a,\n  # own\n  b,\n  # closing\n)\n"],
    ["'a\n  b' == \"c\"", "'a\n  b' == \"c\"\n"],
  ];
  for (const [text, expected] of forms) {
    it(`of ${JSON.stringify(text)}`, () => {
      assert.equal(formatted(text), expected);
      assertKeeps(text);
      assert.equal(commentsOf(expected), commentsOf(text));
    });
  }

  it("breaks what is too long: pipes, records, calls and chains of operators", () => {
    const long = "a_rather_long_name_of_some_column";
    assert.equal(
      formatted(`Purchase | extend({ a: ${long}, b: ${long} }) | when(${long} > 10) | remove_fields($input, 'note')`),
      [
        "Purchase",
        `  | extend({ a: ${long}, b: ${long} })`,
        `  | when(${long} > 10)`,
        "  | remove_fields($input, 'note')\n",
      ].join("\n"),
    );
    assert.equal(
      formatted(`f({ a: ${long}, b: ${long}, c: ${long} })`),
      `f({\n  a: ${long},\n  b: ${long},\n  c: ${long},\n})\n`,
    );
    assert.equal(formatted(`f(${long}, ${long}, n=${long})`), `f(\n  ${long},\n  ${long},\n  n=${long},\n)\n`);
    assert.equal(formatted(`${long} * ${long} + ${long} - b`), `${long} * ${long}\n  + ${long}\n  - b\n`);
  });

  it("says why a wrong text is not formatted", () => {
    const { text, diagnostics } = formatQuery("{ a: ", "view");
    assert.equal(text, null);
    assert.equal(diagnostics[0]?.labels[0]?.span.source, "view");
  });

  it("copes with the deepest texts that parse", () => {
    for (const text of [
      `${"(".repeat(100)}a${")".repeat(100)}`,
      `${"f({ a: ".repeat(60)}1${"})".repeat(60)}`,
      `a${".b".repeat(490)}`,
      `a${"[1]".repeat(490)}`,
      `${"-".repeat(490)}1`,
      Array(490).fill("a").join(" | "),
      Array(490).fill("a").join(" or "),
    ]) {
      assertKeeps(text);
    }
  });

  it("keeps the meaning and every comment of any query, and changes nothing the second time", () => {
    fc.assert(
      fc.property(queries, (text) => {
        assert.deepEqual(parseFenl(text).diagnostics, [], text);
        assertKeeps(text);
        const words = (comments: string): string[] => comments.split(/[# ]+/).sort();
        assert.deepEqual(words(commentsOf(formatted(text))), words(commentsOf(text)), text);
      }),
      { numRuns: 150 },
    );
  });
});

const names = fc.constantFrom("a", "b", "Purchase", "a_rather_long_name_of_some_column");
const gaps = fc.constantFrom("", "", " ", " ", "\n", "\n\n\n", " # one\n", "\n # two\n", " # six\n\n# ten\n");
const spaced = (word: string): fc.Arbitrary<string> =>
  fc.tuple(gaps, fc.constant(word), gaps).map(([before, text, after]) => `${before} ${text} ${after}`);
const commas = fc.constantFrom(",", ",", ",,", " , # c\n,", "\n# own\n,");
const noCommas = fc.constantFrom("", "", ",", ",# d\n,");

function listOf(item: fc.Arbitrary<string>, min: number): fc.Arbitrary<string> {
  return fc
    .tuple(noCommas, fc.array(fc.tuple(item, commas), { minLength: min, maxLength: 4 }), noCommas)
    .map(
      ([first, items, last]) =>
        `${first}${items.map(([text, comma], i) => (i > 0 ? comma : "") + text).join("")}${last}`,
    );
}

const { expression: queries } = fc.letrec<{
  expression: string;
  pipe: string;
  operation: string;
  operand: string;
  item: string;
}>((tie) => ({
  expression: fc.oneof(
    { weight: 4, arbitrary: tie("pipe") },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie("pipe"), spaced("as"), fc.constantFrom("i64", "list<map<string,f64>>"))
        .map((x) => x.join("")),
    },
  ),
  pipe: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { weight: 3, arbitrary: tie("operation") },
    { weight: 2, arbitrary: fc.tuple(tie("operation"), spaced("|"), tie("pipe")).map((x) => x.join("")) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          fc.array(fc.tuple(spaced("let"), names, spaced("="), tie("expression")), { minLength: 1, maxLength: 3 }),
          spaced("in"),
          tie("pipe"),
        )
        .map(([bindings, word, body]) => `${bindings.map((x) => x.join("")).join("")}${word}${body}`),
    },
  ),
  operation: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { weight: 3, arbitrary: tie("operand") },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          tie("operation"),
          fc.constantFrom("+", "-", "*", "==", "<>", "<", "and", "or").chain(spaced),
          tie("operand"),
        )
        .map((x) => x.join("")),
    },
  ),
  operand: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { weight: 3, arbitrary: names },
    {
      weight: 2,
      arbitrary: fc.constantFrom("1", "2.5f32", "'x # y'", '"z"', "null", "true", "$input", "'two\nlines'"),
    },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom("-", "!").chain(spaced), tie("operand")).map((x) => x.join("")) },
    { weight: 1, arbitrary: fc.tuple(tie("operand"), spaced("."), names).map((x) => x.join("")) },
    {
      weight: 1,
      arbitrary: fc.tuple(tie("operand"), spaced("["), tie("expression"), spaced("]")).map((x) => x.join("")),
    },
    { weight: 1, arbitrary: fc.tuple(spaced("("), tie("expression"), spaced(")")).map((x) => x.join("")) },
    { weight: 2, arbitrary: fc.tuple(names, spaced("("), listOf(tie("item"), 0), spaced(")")).map((x) => x.join("")) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          spaced("{"),
          listOf(
            fc.oneof(
              names,
              fc.tuple(names, spaced(":"), tie("expression")).map((x) => x.join("")),
            ),
            0,
          ),
          spaced("}"),
        )
        .map((x) => x.join("")),
    },
  ),
  item: fc.oneof(
    { weight: 3, arbitrary: tie("expression") },
    { weight: 1, arbitrary: fc.tuple(names, spaced("="), tie("expression")).map((x) => x.join("")) },
  ),
}));
