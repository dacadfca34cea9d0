import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readNames } from "../../kernel/types/cell-names.ts";
import { CellProgram } from "../../kernel/types/cell-program.ts";
import { declareResult } from "../../kernel/types/result-type.ts";
import { completionsAt, explanationAt, problemsOf } from "../../kernel/types/type-answers.ts";
import { typescriptOf } from "../../kernel/types/typescript-text.ts";

describe("cells as a program of TypeScript", function () {
  this.timeout(180_000);

  let folder: string;
  let program: CellProgram;
  let lastId = 0;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "fenl-types-"));
    program = new CellProgram(folder);
  });

  after(() => rmSync(folder, { recursive: true }));

  function add(text: string, declares?: readonly string[]): number {
    program.add({ id: ++lastId, text, folder, ...(declares === undefined ? {} : { declares }) });
    return lastId;
  }

  const codes = (text: string) => problemsOf(program, add(text)).map(({ code }) => code);

  function complete(marked: string): string[] {
    const offset = marked.indexOf("|");
    const found = completionsAt(program, { text: marked.replace("|", ""), folder, offset });
    return found === null ? [] : found.items.map(({ label }) => label);
  }

  it("reads what a cell declares", () => {
    const { declared, exported } = readNames(`
      import whole, { part as renamed, type Shape } from "x"; import * as space from "y";
      const { a, b: [c, ...d] } = {}, e = 1; if (e) { var reached; let hidden } for (var i of []) {}
      function f() { var inner } class G {} enum H { one } interface I {} type J = 1; namespace K {}
      export const shown = 1; export default function named() {}
    `);
    const expected = "whole renamed Shape space a c d e reached i f G H I J K shown named";
    assert.deepEqual([...declared], expected.split(" "));
    assert.deepEqual([...exported], ["shown"]);
  });

  it("keeps the types of cells apart, and gives later cells the latest", () => {
    add("const value = { first: 1 }; const copy = () => value;");
    add("const value = { second: 's' };");
    assert.deepEqual(complete("value.|"), ["second"]);
    assert.deepEqual(complete("copy().|"), ["first"]);
    assert.deepEqual(complete("const value = { third: 1 };\nvalue.|"), ["third"]);
    assert.deepEqual(codes("value.second.length; copy().first.toFixed();"), []);
    assert.deepEqual(codes("value.first;"), [2339]);
  });

  it("takes back what was refused", () => {
    add("const settled = { before: 1 };");
    program.forget(add("const settled = { afterwards: 1 }; const neverRan = 1;"));
    assert.deepEqual(complete("settled.|"), ["before"]);
    assert.deepEqual(complete("neverR|"), []);
  });

  it("has places in the cell's own units", () => {
    const text = "const smile = '😀😀';\nsmile.nothing;";
    const [problem] = problemsOf(program, add(text));
    assert.equal(text.slice(problem!.offset, problem!.offset + problem!.length), "nothing");
    const found = completionsAt(program, { text: "'😀'; smile.toUpp", folder, offset: 17 });
    assert.equal(found?.from, 12);
  });

  it("types a result by its columns, whatever they are called", () => {
    const names = ["total", 'a"b', "__proto__", "shape", "back\\slash", "line\nbreak", "*/", "${x}", "ünï"];
    add(declareResult("answer", { schema: names.map((name) => ({ name, type: 'f64\n"; boom(' })) }), ["answer"]);
    const offered = complete('answer.dataframe["|"]');
    for (const name of ["_time", "_key", "total", "__proto__", "*/", "${x}", "ünï"]) {
      assert(offered.includes(name), `${name} is not among ${offered.join(", ")}`);
    }
    assert.deepEqual(
      codes('answer.dataframe["total"].mean(); answer.dataframe["line\\nbreak"].mean(); answer.rowCount;'),
      [],
    );
    assert.deepEqual(codes('answer.dataframe["totals"]; answer.dataframe["nothing like it"];'), [2551, 7053]);
    assert.deepEqual(codes("answer.dataframe.totals;"), [2551]);
    assert.deepEqual(codes('import { DataFrame } from "danfojs-node"; const frame: DataFrame = answer.dataframe;'), []);
    assert.match(explanationAt(program, { text: "answer", folder, offset: 6 })!, /FenlResult_answer/);
  });

  it("says nothing of modules that it does not find", () => {
    assert.deepEqual(
      codes('import what, { ever } from "no-such-package"; import no from "./no.ts"; what.x; ever(no);'),
      [],
    );
    assert.deepEqual(complete("ever.|"), []);
  });

  it("survives unfinished and strange texts", () => {
    for (const text of [
      "",
      ".",
      "((((",
      "`${",
      "\ud800",
      "import {",
      "value.",
      'value["',
      "%",
      "const",
      "/*",
      "class A {",
    ]) {
      completionsAt(program, { text, folder, offset: text.length });
      explanationAt(program, { text, folder, offset: text.length });
    }
  });

  it("follows thousands of cells of which each uses the one before", () => {
    add("let step = { depth: 0 };");
    for (let index = 0; index < 2000; index++)
      add("const next = step; step = next; let step2 = next; var step = next;");
    assert.deepEqual(codes('"x".stillThere'), [2339]);
    assert(complete("step|").includes("step2"));
  });

  it("leaves magics and shell lines out", () => {
    assert.equal(typescriptOf("%cd x\nconst a = 1;\r\n!ls\nb"), "     \nconst a = 1;\r\n   \nb");
    assert.equal(typescriptOf("%%time\nf()"), "      \nf()");
    assert.equal(typescriptOf("%%bash\nls"), null);
  });
});
