import assert from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { analyze } from "../../src/analyze/analyze.ts";
import { allFunctions } from "../../src/functions/catalog.ts";
import type { Example, FunctionRecord } from "../../src/functions/define.ts";
import { answerCsv } from "../conformance/judge.ts";
import { AGGREGATES } from "../oracle/aggregate.ts";
import { answer } from "../oracle/oracle.ts";
import { SCALARS } from "../oracle/scalars.ts";
import { prepareTable, runProduct } from "../property/product.ts";
import { exampleTables, shortTimes } from "./example-tables.ts";

async function productCsv(example: Example, folder: string): Promise<string> {
  // A prepared file never changes, so that each example needs files of its own.
  const own = mkdtempSync(join(folder, "example-"));
  const tables = exampleTables(example).map((table) => prepareTable(own, table));
  const outcome = await runProduct(example.query, tables, { resultBehavior: "all-results" });
  assert.ok(outcome.kind === "rows", outcome.kind === "wrong" ? JSON.stringify(outcome.diagnostics, null, 1) : "");
  return answerCsv(outcome.answer);
}

function oracleCsv(example: Example): string {
  const tables = exampleTables(example);
  const { query, diagnostics } = analyze(example.query, { tables, views: [] });
  assert.ok(query !== null, JSON.stringify(diagnostics, null, 1));
  return answerCsv(answer(query, tables, { resultBehavior: "all-results" }));
}

/** True where the naive evaluator has the function too; a new function's examples are judged by their own results first. */
function hasTwin(record: FunctionRecord): boolean {
  const { evaluation, name } = record;
  if (name in SCALARS || name in AGGREGATES || name === "eq" || name === "neq") return true;
  return typeof evaluation !== "function" && evaluation.kind === "special";
}

describe("examples of the catalog", () => {
  const folder = mkdtempSync(join(tmpdir(), "fenl-examples-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const record of allFunctions()) {
    for (const example of record.examples) {
      it(`${record.name}: ${example.query}`, async () => {
        const expected = shortTimes(example.result);
        if (hasTwin(record)) {
          assert.strictEqual(shortTimes(oracleCsv(example)), expected, "as the naive evaluator answers");
        }
        assert.strictEqual(shortTimes(await productCsv(example, folder)), expected, "as the engine answers");
      });
    }
  }
});
