import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { casesByGroup, conformanceTables, optionsOf, readCases } from "../conformance/cases.ts";
import { answerCsv, judge } from "../conformance/judge.ts";
import { prepareTable, runProduct } from "../property/product.ts";

/** So little that a range of entities holds a few rows, and every query is divided among many ranges. */
const MEMORY_LIMIT = 2000;

describe("queries within little memory", () => {
  const folder = mkdtempSync(join(tmpdir(), "fenl-narrow-"));
  const tables = conformanceTables().map((table) => prepareTable(folder, table));
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [group, cases] of casesByGroup(readCases("cases.jsonl"))) {
    it(`answer the ${cases.length} cases of ${group} as ever`, async function () {
      this.timeout(60_000);
      const wrong: string[] = [];
      for (const one of cases) {
        const outcome = await runProduct(one.query, tables, { ...optionsOf(one), memoryLimit: MEMORY_LIMIT });
        const verdict = judge(
          one,
          outcome.kind === "rows" ? { kind: "rows", csv: answerCsv(outcome.answer) } : outcome,
        );
        if (verdict !== "") wrong.push(`${one.id}: ${one.query}\n    ${verdict}`);
      }
      assert.equal(wrong.length, 0, `\n${wrong.join("\n")}`);
    });
  }
});
