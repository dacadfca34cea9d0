import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { type Grammar, grammar } from "ohm-js";
import { FENL_RECIPE } from "../../src/syntax/fenl-recipe.ts";
import { fenlGrammar } from "../../src/syntax/grammar.ts";
import { KEYWORDS } from "../../src/syntax/tokenize.ts";

const ohmFile = new URL("../../src/syntax/fenl.ohm", import.meta.url);
const recipeFile = new URL("../../src/syntax/fenl-recipe.ts", import.meta.url);

/** A recipe with a line for each rule. */
function linesOf(recipe: string): string {
  const [kind, { source }, name, parent, start, rules] = JSON.parse(recipe);
  const lines = Object.entries(rules).map(([rule, body]) => `${JSON.stringify(rule)}:${JSON.stringify(body)}`);
  const head = [kind, { source }, name, parent, start].map((part) => JSON.stringify(part)).join(",");
  return `[${head},{\n${lines.join(",\n")}}]`;
}

describe("the grammar", () => {
  it("is that of fenl.ohm", () => {
    const compiled = grammar(readFileSync(ohmFile, "utf8")) as Grammar & { toRecipe(): string };
    const recipe = linesOf(compiled.toRecipe());
    assert.doesNotMatch(recipe, /`|\$\{/, "the recipe stands in a template literal");
    if (process.env.UPDATE === "1") {
      const copy = readFileSync(recipeFile, "utf8");
      const start = copy.indexOf("String.raw`") + "String.raw`".length;
      writeFileSync(recipeFile, `${copy.slice(0, start)}${recipe}\`;\n`);
      return;
    }
    assert.equal(FENL_RECIPE, recipe, "run the tests of the grammar with UPDATE=1");
  });

  it("keeps the keywords from being names, and nothing else", () => {
    for (const keyword of KEYWORDS) assert.ok(fenlGrammar().match(keyword, "name").failed(), keyword);
    for (const name of ["not", "if", "else", "when", "inn", "letter", "nulls", "_", "const_"]) {
      assert.ok(fenlGrammar().match(name, "name").succeeded(), name);
    }
  });
});
