import assert from "node:assert/strict";
import fc from "fast-check";
import { SessionNames } from "../../kernel/session/names.ts";
import { CellSyntaxError, parseCell } from "../../kernel/session/parse-cell.ts";
import { rewriteCell } from "../../kernel/session/rewrite-cell.ts";

function rewrite(source: string, names = new SessionNames()) {
  const cell = rewriteCell(parseCell(source), names, 1);
  for (const entry of cell.declared) names.add(entry);
  return cell;
}

describe("the rewriting of cells", () => {
  it("keeps the text of a cell that needs nothing", () => {
    assert.equal(
      rewrite("for (const x of [1]) { console.log(x) }").code,
      '"use strict";for (const x of [1]) { console.log(x) }\n;void 0',
    );
  });

  it("renames what the whole process shares, in every position that means it", () => {
    const names = new SessionNames();
    rewrite("const URL = 1", names);
    const positions: [string, string][] = [
      ["f(URL)", "f(URL$cell)"],
      ["a.URL", "a.URL"],
      ["a[URL]", "a[URL$cell]"],
      ["x = { URL }", "x = { URL: URL$cell }"],
      ["x = { URL: 1 }", "x = { URL: 1 }"],
      ["x = { [URL]: 1 }", "x = { [URL$cell]: 1 }"],
      ["x = { URL() { return URL } }", "x = { URL() { return URL$cell } }"],
      ["x = class { URL = URL; static #URL = 1 }", "x = class { URL = URL$cell; static #URL = 1 }"],
      ["x = class URL { f() { return URL } }", "x = class URL { f() { return URL } }"],
      ["x = (URL) => URL", "x = (URL) => URL"],
      ["x = ({ URL }) => URL", "x = ({ URL }) => URL"],
      ["x = (a = URL) => a", "x = (a = URL$cell) => a"],
      ["x = function URL() { return URL }", "x = function URL() { return URL }"],
      ["{ let URL = 2; URL }", "{ let URL = 2; URL }"],
      ["{ URL }", "{ URL$cell }"],
      ["{ function URL() {} URL }", "{ function URL() {} URL }"],
      ["try {} catch (URL) { URL } URL", "try {} catch (URL) { URL } URL$cell"],
      ["for (const URL of y) URL", "for (const URL of y) URL"],
      ["for (const a of URL) URL", "for (const a of URL$cell) URL$cell"],
      ["switch (URL) { case 1: let URL; URL }", "switch (URL$cell) { case 1: let URL; URL }"],
      ["URL: for (;;) { break URL }", "URL: for (;;) { break URL }"],
      ["typeof URL", "typeof URL$cell"],
      ["`${URL}`", "`${URL$cell}`"],
      ["(() => { if (a) { var URL } URL })()", "(() => { if (a) { var URL } URL })()"],
    ];
    for (const [source, wanted] of positions) {
      const code = rewrite(`${source};`, names).code;
      assert(code.includes(wanted), `${source} became ${code}`);
    }
  });

  it("says where every character came from", () => {
    const source = "import a from 'a';\nfunction f() {\n  return URL;\n}\nconst URL = 1;\nlast(f, a)";
    const { code, toSource } = rewrite(source);
    for (const mark of ["return", "URL = 1", "last", "f, a"]) {
      const needle = mark === "URL = 1" ? "URL$cell = 1" : mark;
      assert.equal(toSource(code.indexOf(needle)), source.indexOf(mark), mark);
    }
  });

  it("declares what later cells can use, and nothing that a translation brought", () => {
    const declared = (source: string) => rewrite(source).declared.map(({ name }) => name);
    assert.deepEqual(declared("const { a, b: [c, ...d], ...e } = x, f = 1"), ["a", "c", "d", "e", "f"]);
    assert.deepEqual(declared("if (x) { var v; let w } function g() { var h }"), ["v", "g"]);
    assert.deepEqual(declared("import d, { n as m } from 'x'; import * as s from 'y'; import type { T } from 'z'"), [
      "d",
      "m",
      "s",
    ]);
    assert.deepEqual(
      declared("enum E { A } namespace N { export const x = 1 } interface I {} type T = 1; declare const z: 1"),
      ["E", "N"],
    );
    assert.deepEqual(declared("@dec class D { @dec m() {} }"), ["D"]);
  });

  it("takes generics for what they are", () => {
    assert.match(rewrite("f<string>(x)").code, /f {8}\(x\)/);
    assert.match(rewrite("new Set<string>([1])").code, /new Set {8}\(\[1\]\)/);
    assert.match(rewrite("a < b && c > (d)").code, /a < b && c > \(d\)/);
  });

  it("refuses any text with an error that has a place in it, or accepts it", () => {
    const piece = fc.constantFrom(
      ..."const let var function class import export from async await yield * { } ( ) [ ] ; , . ?. = => : < > + - / ` ' \" ${ a URL Map x 1 2n /re/ // /* */ \n \t 😀 \u2028 enum @d type interface as satisfies using new this static # ... default".split(
        " ",
      ),
    );
    const text = fc
      .array(fc.tuple(piece, fc.constantFrom("", " ")), { maxLength: 25 })
      .map((parts) => parts.flat().join(""));
    fc.assert(
      fc.property(text, (source) => {
        try {
          const { code, toSource } = rewrite(source);
          for (let offset = 0; offset <= code.length; offset += 7) {
            const from = toSource(offset);
            assert(from >= 0 && from <= source.length);
          }
        } catch (error) {
          if (!(error instanceof CellSyntaxError)) throw error;
          assert(error.offset >= 0 && error.offset <= source.length);
          assert.notEqual(error.message, "");
        }
      }),
      { numRuns: 400 },
    );
  }).timeout(60_000);
});
