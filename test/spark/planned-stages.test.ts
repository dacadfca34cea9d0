import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { casesByGroup, conformanceSources, conformanceTables, optionsOf, readCases } from "../conformance/cases.ts";
import { prepareTable } from "../property/product.ts";
import { csvOf, localCsv } from "./local-tables.ts";
import { runInProcess } from "./spark-in-process.ts";

describe("stages as they are planned for Spark", () => {
  const folder = mkdtempSync(join(tmpdir(), "fenl-spark-stages-"));
  const subsorts = new Map(conformanceSources().map(({ name, subsortColumn }) => [name, subsortColumn!]));
  const tables = conformanceTables().map((table) => ({ ...table, subsortColumn: subsorts.get(table.name)! }));
  const local = tables.map((table) => prepareTable(folder, table));
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const file of ["cases.jsonl", "random-cases.jsonl"] as const) {
    for (const [group, all] of casesByGroup(readCases(file))) {
      // A part of the random ones: the engine itself answers all of them elsewhere.
      const cases = all.filter(({ csv }, index) => csv !== undefined && (group !== "random" || index % 4 === 0));
      if (cases.length === 0) continue;
      it(`${group}: ${cases.length} cases give the local answers`, async function () {
        this.timeout(120_000);
        const wrong: string[] = [];
        for (const one of cases) {
          const { finalTime, resultBehavior } = optionsOf(one);
          try {
            const query = {
              resultBehavior,
              expression: one.query,
              ...(finalTime === undefined ? {} : { finalTime: `${finalTime}` }),
            };
            const { rows, planned } = await runInProcess(query, tables);
            const found = rows === null ? JSON.stringify(planned) : csvOf(rows);
            const expected = await localCsv(one.query, local, optionsOf(one));
            if (found !== expected)
              wrong.push(`${one.id}: ${one.query}\n${found.slice(0, 900)}\nlocally:\n${expected.slice(0, 900)}`);
          } catch (error) {
            wrong.push(`${one.id}: ${one.query}\n${(error as Error).stack}`);
          }
        }
        assert.equal(wrong.length, 0, `\n${wrong.join("\n")}`);
      });
    }
  }
});
