import assert from "node:assert/strict";
import type { Expression } from "../../src/syntax/ast.ts";
import { parseFenl } from "../../src/syntax/parse.ts";
import type { Span } from "../../src/text/span.ts";
import { parsed } from "./show-tree.ts";

/** Every span of a tree as the text it covers, outer ones first. */
function spanTexts(text: string): string[] {
  const covered = (span: Span): string => text.slice(span.start, span.end);
  const visit = (expression: Expression): string[] => {
    const own = `${expression.kind} ${covered(expression.span)}`;
    switch (expression.kind) {
      case "literal":
      case "name":
      case "input":
      case "parameter":
        return [own];
      case "call":
        return [
          own,
          `function ${covered(expression.functionSpan)}`,
          ...expression.arguments.flatMap((argument) => [
            `argument ${covered(argument.span)}`,
            ...(argument.nameSpan ? [`keyword ${covered(argument.nameSpan)}`] : []),
            ...visit(argument.value),
          ]),
        ];
      case "field":
        return [own, ...visit(expression.base), `field name ${covered(expression.nameSpan)}`];
      case "record":
        return [own, ...expression.fields.flatMap((f) => [`record field ${covered(f.nameSpan)}`, ...visit(f.value)])];
      case "pipe":
        return [own, ...visit(expression.left), `bar ${covered(expression.barSpan)}`, ...visit(expression.right)];
      case "let":
        return [
          own,
          ...expression.bindings.flatMap((b) => [`bound ${covered(b.nameSpan)}`, ...visit(b.value)]),
          ...visit(expression.body),
        ];
      case "cast":
        return [own, ...visit(expression.value), `type ${covered(expression.type.span)}`];
    }
  };
  return visit(parsed(text));
}

describe("spans", () => {
  it("cover operators from their first operand to their last, brackets included", () => {
    assert.deepEqual(spanTexts(" (a + 1) * b # end"), [
      "call (a + 1) * b",
      "function *",
      "argument (a + 1)",
      "call a + 1",
      "function +",
      "argument a",
      "name a",
      "argument 1",
      "literal 1",
      "argument b",
      "name b",
    ]);
  });

  it("cover prefix operators, indexes and fields", () => {
    assert.deepEqual(spanTexts("- !(a) [ 0 ] . b"), [
      "call - !(a) [ 0 ] . b",
      "function -",
      "argument !(a) [ 0 ] . b",
      "call !(a) [ 0 ] . b",
      "function !",
      "argument (a) [ 0 ] . b",
      "field (a) [ 0 ] . b",
      "call (a) [ 0 ]",
      "function [ 0 ]",
      "argument (a)",
      "name a",
      "argument 0",
      "literal 0",
      "field name b",
    ]);
  });

  it("cover calls, keywords, records and pipes", () => {
    assert.deepEqual(spanTexts("f( a , n = 'x' ) | { b : $input , c }"), [
      "pipe f( a , n = 'x' ) | { b : $input , c }",
      "call f( a , n = 'x' )",
      "function f",
      "argument a",
      "name a",
      "argument n = 'x'",
      "keyword n",
      "literal 'x'",
      "bar |",
      "record { b : $input , c }",
      "record field b",
      "input $input",
      "record field c",
      "name c",
    ]);
  });

  it("cover each pipe from its own left side", () => {
    assert.deepEqual(spanTexts("a | b | c"), [
      "pipe a | b | c",
      "name a",
      "bar |",
      "pipe b | c",
      "name b",
      "bar |",
      "name c",
    ]);
  });

  it("cover bindings, casts and types", () => {
    assert.deepEqual(spanTexts("let x = 1 in x as map< string,i64 >"), [
      "cast let x = 1 in x as map< string,i64 >",
      "let let x = 1 in x",
      "bound x",
      "literal 1",
      "name x",
      "type map< string,i64 >",
    ]);
  });

  it("count UTF-16 code units after characters outside the basic plane and after CRLF", () => {
    assert.deepEqual(spanTexts("'😀é' ==\r\n b"), [
      "call '😀é' ==\r\n b",
      "function ==",
      "argument '😀é'",
      "literal '😀é'",
      "argument b",
      "name b",
    ]);
  });

  it("name the source that was given", () => {
    const { expression } = parseFenl("a", "'Formula: f'");
    assert.deepEqual(expression?.span, { source: "'Formula: f'", start: 0, end: 1 });
    assert.equal(parseFenl("a +", "v").diagnostics[0]?.labels[0]?.span.source, "v");
  });

  it("stay exact in brackets that are read apart", () => {
    const deep = 60;
    const text = `${"f( {a: ".repeat(deep)} (x + 1) ${"} )".repeat(deep)}`;
    assert.equal(spanTexts(text).at(-6), "call x + 1");
    assert.equal(spanTexts(text).at(-7), "record field a");
  });
});
