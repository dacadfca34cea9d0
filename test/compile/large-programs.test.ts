import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runFenl } from "../../src/run-fenl.ts";
import { prepareCsvText } from "../../src/tables/load/ad-hoc-table.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";
import { LARGE_PROGRAMS } from "./large-programs.ts";

const PURCHASES = `time,customer,product,amount,quantity
2022-01-01T10:00:00,ann,tea,4.5,1
2022-01-02T11:00:00,bob,cup,12.5,3
2022-01-03T12:00:00,ann,cup,8.0,2
`;

describe("programs of a thousand lines", () => {
  let directory = "";
  let table: TableSnapshot;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "fenl-large-"));
    const definition = { name: "Purchase", timeColumn: "time", keyColumn: "customer", grouping: "customer" };
    table = await prepareCsvText(definition, PURCHASES, directory);
  });
  after(() => rmSync(directory, { recursive: true }));

  for (const { name, text, last } of LARGE_PROGRAMS) {
    it(`are answered: ${name}`, async () => {
      assert.ok(text.split("\n").length >= 1_000);
      const environment = { tables: [table], views: [] };
      const { rows, diagnostics } = await runFenl(text, environment, { resultBehavior: "all-results" });
      assert.deepEqual(diagnostics, []);
      const column = rows!.rows.columns.at(-1)!;
      const row = rows!.rows.rows - 1;
      assert.equal(column.valid === undefined || column.valid[row] === 1 ? String(column.values[row]) : "null", last);
    });
  }
});
