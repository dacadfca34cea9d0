import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepareTable, runProduct } from "../property/product.ts";
import { type ConformanceCase, casesByGroup, conformanceTables, optionsOf, readCases } from "./cases.ts";
import { answerCsv, judge, type Outcome } from "./judge.ts";

describe("conformance of the product", () => {
  const folder = mkdtempSync(join(tmpdir(), "fenl-conformance-"));
  const tables = conformanceTables().map((table) => prepareTable(folder, table));
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function run(one: ConformanceCase): Promise<Outcome> {
    const outcome = await runProduct(one.query, tables, optionsOf(one));
    return outcome.kind === "rows" ? { kind: "rows", csv: answerCsv(outcome.answer) } : outcome;
  }

  for (const file of ["cases.jsonl", "random-cases.jsonl"] as const) {
    for (const [group, cases] of casesByGroup(readCases(file))) {
      it(`${group}: ${cases.length} cases`, async function () {
        this.timeout(120_000);
        const wrong: string[] = [];
        for (const one of cases) {
          let verdict: string;
          try {
            verdict = judge(one, await run(one));
          } catch (error) {
            verdict = error instanceof Error ? (error.stack ?? error.message) : String(error);
          }
          if (verdict !== "") wrong.push(`${one.id}: ${one.query}\n    ${verdict}`);
        }
        assert.equal(wrong.length, 0, `\n${wrong.join("\n")}`);
      });
    }
  }
});
