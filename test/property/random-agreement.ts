import assert from "node:assert/strict";
import fc from "fast-check";
import type { OracleOptions } from "../oracle/oracle.ts";
import type { OracleTable } from "../oracle/tables.ts";
import { compareEngines } from "./agreement.ts";
import { writeCase } from "./case-file.ts";
import { longTables, randomTables } from "./random-tables.ts";

/** Asserts that a query has the plain evaluator's answer over random tables, which give it rows enough to compare. */
export async function assertAgreement(query: string): Promise<void> {
  await assertOver(randomTables, [1, 3], 25, query);
}

/** The same over tables of many rows, each with few texts. */
export async function assertLongAgreement(query: string): Promise<void> {
  await assertOver(longTables, [60, 1000], 4, query);
}

async function assertOver(
  arbitrary: fc.Arbitrary<readonly OracleTable[]>,
  filesOf: readonly number[],
  numRuns: number,
  query: string,
): Promise<void> {
  let rows = 0;
  const options = fc.constantFrom<OracleOptions>(
    { resultBehavior: "all-results" },
    { resultBehavior: "all-results" },
    { resultBehavior: "final-results" },
  );
  const property = fc.asyncProperty(
    arbitrary,
    options,
    fc.constantFrom(...filesOf),
    async (tables, how, rowsPerFile) => {
      const question = { query, tables, options: how, rowsPerFile };
      const verdict = await compareEngines(question);
      if (verdict.kind === "differ") throw new Error(`${verdict.how}\n${writeCase(question)}`);
      if (verdict.kind === "agree") rows += verdict.rows;
    },
  );
  await fc.assert(property, { numRuns, seed: 7, endOnFailure: numRuns < 10 });
  assert.ok(rows > 20, `only ${rows} rows were compared`);
}
