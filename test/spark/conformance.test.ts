import assert from "node:assert/strict";
import { join } from "node:path";
import { answerRows } from "../../src/spark/answer-rows.ts";
import type { SparkDriver } from "../../src/spark/driver-process.ts";
import type { SparkTableDefinition } from "../../src/spark/spark-table.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";
import {
  type ConformanceCase,
  casesByGroup,
  conformanceSources,
  conformanceTables,
  optionsOf,
  readCases,
} from "../conformance/cases.ts";
import { cluster, spark } from "./cluster.ts";
import { csvOf, localCsv, localTables } from "./local-tables.ts";
import { writeParquetTables } from "./parquet-tables.ts";

const GROUPS = ["notebook", "aggregate", "merge", "shift", "tick", "lookup", "with_key", "final"];

if (spark)
  describe("conformance on Spark", function () {
    this.timeout(600_000);
    let driver: SparkDriver;
    let definitions: SparkTableDefinition[];
    let local: TableSnapshot[];

    before(async () => {
      const subsorts = new Map(conformanceSources().map(({ name, subsortColumn }) => [name, subsortColumn]));
      const tables = conformanceTables().map((table) => ({ ...table, subsortColumn: subsorts.get(table.name)! }));
      definitions = await writeParquetTables(join(cluster.folder, "conformance"), tables, 40);
      local = await localTables(definitions, join(cluster.folder, "conformance-local"));
      driver = await cluster.application();
    });

    async function onSpark(one: ConformanceCase): Promise<string> {
      const { resultBehavior, finalTime } = optionsOf(one);
      const { planned, batches } = await driver.run({
        expression: one.query,
        tables: definitions,
        views: [],
        parameters: [],
        resultBehavior,
        ...(finalTime === undefined ? {} : { finalTime: `${finalTime}` }),
        partitions: 2,
        destination: "rows",
      });
      if (planned.keyType === null) return JSON.stringify(planned.diagnostics);
      return csvOf(answerRows(batches, planned.schema!, planned.keyType).answer);
    }

    for (const [group, all] of casesByGroup(readCases("cases.jsonl"))) {
      const cases = all.filter(({ csv }) => csv !== undefined);
      if (!GROUPS.includes(group)) continue;
      it(`${group}: ${cases.length} cases give the local answers`, async () => {
        const wrong: string[] = [];
        await Promise.all(
          cases.map(async (one) => {
            try {
              const found = await onSpark(one);
              const expected = await localCsv(one.query, local, optionsOf(one));
              if (found !== expected)
                wrong.push(`${one.id}: ${one.query}\n${found.slice(0, 1500)}\nlocally:\n${expected.slice(0, 1500)}`);
            } catch (error) {
              wrong.push(`${one.id}: ${one.query}\n${(error as Error).stack}`);
            }
          }),
        );
        assert.equal(wrong.length, 0, `\n${wrong.join("\n")}`);
      });
    }
  });
