import assert from "node:assert/strict";
import type { Diagnostic, Label } from "../../src/text/diagnostic.ts";
import { renderText } from "../../src/text/render-text.ts";

const QUERY = "{ m: Strings.s + Strings.n }";

/** A label on the first place of `part` in `text`. */
function label(style: Label["style"], text: string, part: string, message: string, source = "Query"): Label {
  const start = text.indexOf(part);
  assert.ok(start >= 0, `'${part}' is in the text`);
  return { style, span: { source, start, end: start + part.length }, message };
}

function diagnostic(labels: Label[], notes: string[] = [], severity: Diagnostic["severity"] = "error"): Diagnostic {
  return { code: "E0015", severity, message: "Incompatible argument types", labels, notes };
}

function assertRendered(actual: string, expected: string): void {
  assert.equal(actual.replace(/[ \t]+$/gm, ""), expected.replace(/^\n/, "").replace(/[ \t]+$/gm, ""));
}

describe("diagnostics as text", () => {
  it("draws the reference's own example", () => {
    const labels = [
      label("primary", QUERY, "+", "Incompatible types for call to 'add'"),
      label("secondary", QUERY, "Strings.s", "Type: string"),
      label("secondary", QUERY, "Strings.n", "Type: i64"),
    ];
    assertRendered(
      renderText(diagnostic(labels), { Query: QUERY }),
      `
error[E0015]: Incompatible argument types
  --> Query:1:16
  |
1 | { m: Strings.s + Strings.n }
  |      --------- ^ --------- Type: i64
  |      |         |
  |      |         Incompatible types for call to 'add'
  |      Type: string

`,
    );
  });

  it("puts notes right under the header when nothing is labelled", () => {
    assertRendered(
      renderText(diagnostic([], ["Output type must be a record, but was window"]), {}),
      `
error[E0015]: Incompatible argument types
 = Output type must be a record, but was window

`,
    );
  });

  it("puts notes after an empty gutter line, and indents their further lines", () => {
    const text = renderText(diagnostic([label("primary", QUERY, "m", "here")], ["one\ntwo"]), { Query: QUERY });
    assertRendered(
      text,
      `
error[E0015]: Incompatible argument types
  --> Query:1:3
  |
1 | { m: Strings.s + Strings.n }
  |   ^ here
  |
  = one
    two

`,
    );
  });

  it("shows each source in a block of its own, located at its first primary label", () => {
    const signature = "exp(power: f64) -> f64";
    const name = `built-in signature '${signature}'`;
    const labels = [
      label("secondary", QUERY, "Strings.s", "Actual type: string"),
      label("primary", QUERY, "m", "Invalid types"),
      label("secondary", signature, "f64", "Expected type: f64", name),
    ];
    assertRendered(
      renderText(diagnostic(labels), { Query: QUERY, [name]: signature }),
      `
error[E0015]: Incompatible argument types
  --> Query:1:3
  |
1 | { m: Strings.s + Strings.n }
  |   ^  --------- Actual type: string
  |   |
  |   Invalid types
  |
  --> built-in signature 'exp(power: f64) -> f64':1:12
  |
1 | exp(power: f64) -> f64
  |            --- Expected type: f64

`,
    );
  });

  it("indents by the largest line number and marks left-out lines", () => {
    const text = Array.from({ length: 10 }, (_, i) => `line${i + 1}`).join("\n");
    const labels = [
      label("primary", text, "line10", "last"),
      label("secondary", text, "line2", "second"),
      label("secondary", text, "line4", "fourth"),
    ];
    assertRendered(
      renderText(diagnostic(labels), { Query: text }),
      `
error[E0015]: Incompatible argument types
   --> Query:10:1
   |
 2 | line2
   | ----- second
 3 | line3
 4 | line4
   | ----- fourth
   .
   .
10 | line10
   | ^^^^^^ last

`,
    );
  });

  it("draws a bracket beside labels over several lines", () => {
    const text = "let a = f(\n  b,\n  c)\nin a";
    const labels = [label("primary", text, "f(\n  b,\n  c)", "the call"), label("secondary", text, "b", "first")];
    assertRendered(
      renderText(diagnostic(labels), { Query: text }),
      `
error[E0015]: Incompatible argument types
  --> Query:1:9
  |
1 |   let a = f(
  |  _________^
2 | |   b,
  | |   - first
3 | |   c)
  | |____^ the call

`,
    );
  });

  it("draws the bracket from the first line on when the label begins it, and leaves its middle out", () => {
    const text = `{ a: 1,\n${Array.from({ length: 8 }, (_, i) => `  f${i}: ${i},`).join("\n")}\n}`;
    assertRendered(
      renderText(diagnostic([label("primary", text, text, "the record")]), { Query: text }),
      `
error[E0015]: Incompatible argument types
   --> Query:1:1
   |
 1 | / { a: 1,
 2 | |   f0: 0,
 3 | |   f1: 1,
 4 | |   f2: 2,
   . |
   . |
 9 | |   f7: 7,
10 | | }
   | |_^ the record

`,
    );
  });

  it("marks an empty span at the end of the text, also of an empty text and after CRLF", () => {
    const end = (text: string): Label => ({
      style: "primary",
      span: { source: "Query", start: text.length, end: text.length },
      message: "Unexpected EOF",
    });
    assert.match(renderText(diagnostic([end("{ a")]), { Query: "{ a" }), /\n1 \| \{ a\n {2}\| {4}\^ Unexpected EOF\n/);
    assert.match(
      renderText(diagnostic([end("")]), { Query: "" }),
      /--> Query:1:1\n {2}\|\n1 \|\n {2}\| \^ Unexpected EOF/,
    );
    assert.match(renderText(diagnostic([end("a\r")]), { Query: "a\r\nb" }), /\n1 \| a\n {2}\| {2}\^ Unexpected EOF\n/);
  });

  it("hangs every message that overlaps another label", () => {
    const text = "aa + bb";
    const labels = [label("secondary", text, "aa + bb", "whole"), label("primary", text, "bb", "part")];
    assertRendered(
      renderText(diagnostic(labels), { Query: text }),
      `
error[E0015]: Incompatible argument types
  --> Query:1:6
  |
1 | aa + bb
  | -----^^
  | |    |
  | |    part
  | whole

`,
    );
  });

  it("aligns carets after tabs, wide and combining characters, and counts columns in code points", () => {
    const text = "\t日本 e\u0301 😀 x";
    assertRendered(
      renderText(diagnostic([label("primary", text, "x", "here")]), { Query: text }),
      `
error[E0015]: Incompatible argument types
  --> Query:1:10
  |
1 |     日本 e\u0301 😀 x
  |               ^ here

`,
    );
  });

  it("lets no control character through", () => {
    const text = 'x == "\u001b[31m\u202e\u0007"';
    const rendered = renderText(diagnostic([label("primary", text, "x", "bad \u001b[0m\rname")], ["\u0000"]), {
      Query: text,
    });
    assert.doesNotMatch(rendered.replaceAll("\n", ""), /[\p{Cc}\u202e]/u);
    assert.match(rendered, /bad ␛\[0m␍name/);
  });

  it("does not lose a label whose source or span is unknown", () => {
    const far = { style: "primary", span: { source: "Query", start: 900, end: 950 }, message: "far away" } as const;
    assert.match(renderText(diagnostic([far]), { Query: "short" }), /far away/);
    const lost = renderText(diagnostic([label("primary", QUERY, "m", "lost", "__proto__")]), { Query: QUERY });
    assert.match(lost, / = __proto__: lost/);
  });
});
