import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { FENL_GRAMMAR } from "../../src/syntax/fenl-grammar.ts";
import { fenlGrammar } from "../../src/syntax/grammar.ts";
import { KEYWORDS } from "../../src/syntax/tokenize.ts";

const ohmFile = new URL("../../src/syntax/fenl.ohm", import.meta.url);
const copyFile = new URL("../../src/syntax/fenl-grammar.ts", import.meta.url);

describe("the grammar", () => {
  it("is the text of fenl.ohm", () => {
    const source = readFileSync(ohmFile, "utf8");
    assert.doesNotMatch(source, /`|\$\{/, "the text stands in a template literal");
    if (process.env.UPDATE === "1") {
      const copy = readFileSync(copyFile, "utf8");
      const start = copy.indexOf("String.raw`") + "String.raw`".length;
      writeFileSync(copyFile, `${copy.slice(0, start)}${source}\`;\n`);
      return;
    }
    assert.equal(FENL_GRAMMAR, source, "run the tests of the grammar with UPDATE=1");
  });

  it("keeps the keywords from being names, and nothing else", () => {
    for (const keyword of KEYWORDS) assert.ok(fenlGrammar().match(keyword, "name").failed(), keyword);
    for (const name of ["not", "if", "else", "when", "inn", "letter", "nulls", "_", "const_"]) {
      assert.ok(fenlGrammar().match(name, "name").succeeded(), name);
    }
  });
});
