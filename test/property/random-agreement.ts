import assert from "node:assert/strict";
import fc from "fast-check";
import type { OracleOptions } from "../oracle/oracle.ts";
import type { OracleTable } from "../oracle/tables.ts";
import { compareEngines, NARROW, WINDOWED } from "./agreement.ts";
import { writeCase } from "./case-file.ts";
import { distinctTables, longTables, randomTables } from "./random-tables.ts";

const WAYS: readonly OracleOptions[] = [
  { resultBehavior: "all-results" },
  { resultBehavior: "all-results", rowOrder: "entity" },
  { resultBehavior: "final-results" },
];

const ALL: readonly OracleOptions[] = [{ resultBehavior: "all-results" }];

/** More rows of a file than any table has. */
const WHOLE = 1000;

/** Asserts that a query has the plain evaluator's answer over random tables, which give it rows enough to compare. */
export async function assertAgreement(query: string, ways?: readonly OracleOptions[]): Promise<void> {
  await assertOver(randomTables, [1, 3], 25, query, ways);
}

/** The same over tables of many rows, each with few texts. */
export async function assertLongAgreement(query: string, ways?: readonly OracleOptions[]): Promise<void> {
  await assertOver(longTables, [60, 1000], 4, query, ways);
}

/** The same over tables of one file each, in which no two rows are at one place, in memory and in windows. */
export async function assertDistinctAgreement(query: string): Promise<void> {
  for (const rowsPerFile of [WHOLE, WINDOWED, NARROW]) await assertOver(distinctTables, [rowsPerFile], 4, query, ALL);
}

async function assertOver(
  arbitrary: fc.Arbitrary<readonly OracleTable[]>,
  filesOf: readonly number[],
  numRuns: number,
  query: string,
  ways: readonly OracleOptions[] = WAYS,
): Promise<void> {
  let rows = 0;
  const options = fc.constantFrom<OracleOptions>(...ways);
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
  assert.ok(rows > Math.min(20, 2 * numRuns), `only ${rows} rows were compared`);
}
