import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createQuery } from "../../src/api/query.ts";
import { LocalBuilder } from "../../src/api/session.ts";
import { createTable, load } from "../../src/api/table.ts";

const COLUMNS = 10_000;
const ROWS = 12;

/** The cell of a row and column: a text in each seventh column, else a number or none. */
function cell(row: number, column: number): string {
  if (column % 7 === 0) return `t${row}-${column % 50}`;
  return (row * 31 + column) % 5 < 2 ? "" : String(row * column);
}

describe("a table of ten thousand columns", function () {
  this.timeout(120_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "fenl-wide-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  // Values and states are more than a WebAssembly function may have locals.
  it("is aggregated as a whole", async () => {
    const session = await new LocalBuilder().path(join(folder, "store")).build();
    try {
      const all = Array.from({ length: COLUMNS }, (_, column) => column);
      const lines = Array.from({ length: ROWS }, (_, row) => {
        return `2024-01-01T00:00:${String(row).padStart(2, "0")}Z,${row % 2 ? "ann" : "bob"},${all.map((column) => cell(row, column)).join(",")}`;
      });
      writeFileSync(
        join(folder, "wide.csv"),
        `at,who,${all.map((column) => `c${column}`).join(",")}\n${lines.join("\n")}\n`,
      );
      await createTable({ tableName: "Wide", timeColumnName: "at", entityKeyColumnName: "who" });
      await load({ tableName: "Wide", file: join(folder, "wide.csv") });
      const { table } = await createQuery({ expression: "Wide | first()" });
      assert.equal(table.numRows, ROWS);
      const first = table.schema.names.indexOf("c0");
      for (const column of all) {
        const expected = Array.from({ length: ROWS }, (_, row) => cell(row % 2, column) || "null");
        assert.deepEqual([...table.getChildAt(first + column)!].map(String), expected, `column c${column}`);
      }
    } finally {
      await session.stop();
    }
  });
});
