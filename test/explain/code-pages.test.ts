import assert from "node:assert/strict";
import { committedPage, diagnosticsPage } from "../../scripts/generate-diagnostics.ts";
import { diagnoseExample, explainCode } from "../../src/explain-code.ts";
import { CODE_PAGES } from "../../src/text/code-pages/pages.ts";
import { CODES } from "../../src/text/codes.ts";

describe("the pages of diagnostic codes", () => {
  it("are one for each code, errors first", () => {
    const codes = CODE_PAGES.map(({ code }) => code);
    assert.deepEqual([...codes].sort(), Object.keys(CODES).sort());
    assert.deepEqual(codes.map((code) => code[0]).join(""), `${"E".repeat(15)}WWBB`);
  });

  it("have the titles of the diagnostics", () => {
    for (const { code, kinds } of CODE_PAGES) assert.equal(kinds[0]?.title, CODES[code]);
  });

  for (const { code, kinds } of CODE_PAGES) {
    for (const { title, severity, examples } of kinds) {
      it(`show ${code}, ${title}`, () => {
        const isSeenInText = severity !== "bug" && code !== "E0016";
        assert.equal(examples.length > 0, isSeenInText, "every kind that a query's text brings about has an example");
        for (const { wrong, right } of examples) {
          const found = diagnoseExample(wrong).diagnostics;
          assert.deepEqual(
            found.map((diagnostic) => [diagnostic.code, diagnostic.message, diagnostic.severity]),
            [[code, title, severity]],
            wrong.query,
          );
          assert.deepEqual(diagnoseExample(right).diagnostics, [], right.query);
        }
      });
    }
  }

  it("are found in upper and lower case, and only by their codes", () => {
    assert.equal(explainCode("e0001"), explainCode("E0001"));
    assert.match(explainCode("W2001")!, /warning\[W2001\]: Unused binding[\s\S]*error\[W2001\]: Incompatible grouping/);
    for (const code of ["E0005", "", "E", "__proto__", "toString"]) assert.equal(explainCode(code), null);
  });

  it("fit a terminal, but for queries and their diagnostics", () => {
    for (const { code } of CODE_PAGES) {
      const prose = explainCode(code)!
        .split("\n")
        .filter((line) => !line.startsWith("    "));
      assert.ok(prose.every((line) => line.length <= 100));
    }
  });

  it("are docs/diagnostics.md (node --import tsx scripts/generate-diagnostics.ts writes it)", () => {
    assert.equal(committedPage(), diagnosticsPage());
  });
});
