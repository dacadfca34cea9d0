import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { EXAMPLE_TABLES } from "../../src/explain-code.ts";
import { explainFenl } from "../../src/explain-fenl.ts";

const PAGES = ["quirks.md"];

/** The texts between fences of a language. */
function fenced(page: string, language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, "gm"))].map((match) => match[1]!);
}

describe("the pages written by hand", () => {
  for (const name of PAGES) {
    const page = readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
    it(`${name} shows queries that are right`, () => {
      const queries = fenced(page, "fenl");
      assert.ok(queries.length > 3);
      for (const query of queries) {
        const { text, diagnostics } = explainFenl(query, { tables: EXAMPLE_TABLES, views: [] }, "wasm");
        assert.deepEqual(diagnostics, [], query);
        assert.notEqual(text, null);
      }
    });

    it(`${name} refers to pages that are there`, () => {
      for (const [, link] of page.matchAll(/\]\(([\w-]+\.md)/g)) {
        readFileSync(new URL(`../../docs/${link}`, import.meta.url));
      }
    });
  }
});
