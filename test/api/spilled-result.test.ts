import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { tableFromIPC } from "apache-arrow";
import * as query from "../../src/api/query.ts";
import type { QueryResult } from "../../src/api/query-result.ts";
import * as table from "../../src/api/table.ts";
import { LocalBuilder, type Session } from "../../src/index.ts";

const ROWS = 30_000;
const EXPRESSION = "{ n: E.n, s: sum(E.n), t: E.text, l: collect(E.text, max=2), late: E.n | shift_by(days(2)) }";

/** The least limit that can be asked for: the answer is several times as large. */
const LIMITS = { memory: 1_000_000 };

function csv(): string {
  const lines = ["at,key,n,text"];
  for (let row = 0; row < ROWS; row++) {
    const time = new Date(Date.UTC(2024, 0, 1) + ((row * 7919) % ROWS) * 1000).toISOString();
    lines.push(`${time},user ${(row * 31) % 997},${row},${row % 5 === 0 ? "" : `text ${row % 1000}`}`);
  }
  return `${lines.join("\n")}\n`;
}

function spills(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`fenl-spill-${process.pid}-`));
}

describe("an answer that is larger than the limit of memory", () => {
  let folder: string;
  let session: Session;
  let spilled: QueryResult;
  let whole: QueryResult;
  const path = (name: string) => join(folder, name);

  before(async function () {
    this.timeout(60_000);
    folder = mkdtempSync(join(tmpdir(), "fenl-spilled-result-"));
    writeFileSync(path("events.csv"), csv());
    session = await new LocalBuilder().inMemory(true).build();
    await table.createTable({ tableName: "E", entityKeyColumnName: "key", timeColumnName: "at" });
    await table.load({ tableName: "E", file: path("events.csv") });
    whole = await query.createQuery({ expression: EXPRESSION });
    spilled = await query.createQuery({ expression: EXPRESSION, limits: LIMITS });
  });
  after(async () => {
    spilled.close();
    await session.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is in temporary files, and has as many rows", () => {
    assert.ok(spills().length > 0);
    assert.equal(whole.rowCount, 2 * ROWS);
    assert.equal(spilled.rowCount, 2 * ROWS);
    assert.equal(spilled.metrics.producedOutputRows, 2 * ROWS);
    assert.deepEqual(spilled.schema, whole.schema);
  });

  it("is written as CSV, JSON lines, Arrow and Parquet with the same rows", async function () {
    this.timeout(60_000);
    const bytes = async (result: QueryResult, method: "toCsv" | "toJsonLines") =>
      readFileSync(await result[method](path(method)), "utf8");
    for (const method of ["toCsv", "toJsonLines"] as const) {
      assert.ok((await bytes(spilled, method)) === (await bytes(whole, method)), method);
    }
    const arrow = tableFromIPC(readFileSync(await spilled.toArrowFile(path("spilled.arrow"))));
    assert.ok(arrow.batches.length > 1);
    for (const { name } of arrow.schema.fields) {
      const values = (of: typeof arrow) => JSON.stringify([...of.getChild(name)!].map(String));
      assert.ok(values(arrow) === values(whole.table), name);
    }
    await spilled.toParquet(path("spilled.parquet"));
    await whole.toParquet(path("whole.parquet"));
    const duckdb = await DuckDBInstance.create(":memory:");
    const connection = await duckdb.connect();
    const rows = (file: string) => `SELECT * FROM read_parquet('${path(file)}')`;
    const compared = await connection.runAndReadAll(
      `SELECT (SELECT count(*) FROM (${rows("spilled.parquet")})), (SELECT count(*) FROM (${rows("whole.parquet")} EXCEPT ${rows("spilled.parquet")}))`,
    );
    assert.deepEqual(compared.getRows().flat().map(Number), [2 * ROWS, 0]);
    connection.closeSync();
  });

  it("streams as Arrow batches, and as a whole where that is asked for", () => {
    let rows = 0;
    let last = -1n;
    for (const batch of spilled.batches()) {
      for (const time of batch.getChild("_time")!) assert.ok(BigInt(time) >= last);
      rows += batch.numRows;
      last = BigInt(batch.getChild("_time")!.get(batch.numRows - 1));
    }
    assert.equal(rows, 2 * ROWS);
    assert.equal(spilled.head(3).numRows, 3);
    assert.equal(spilled.table.numRows, 2 * ROWS);
    assert.ok([...whole.batches()].length === 1);
  });

  it("takes its files along when it is closed", async () => {
    const before = spills().length;
    const result = await query.createQuery({ expression: EXPRESSION, limits: LIMITS });
    assert.equal(spills().length, before + 1);
    result.close();
    assert.equal(spills().length, before);
  });

  it("may be that of final results, or be cut by the limit of a preview", async () => {
    const final = { expression: EXPRESSION, resultBehavior: "final-results" } as const;
    const [limited, free] = [await query.createQuery({ ...final, limits: LIMITS }), await query.createQuery(final)];
    assert.equal(limited.toCsv(), free.toCsv());
    const preview = await query.createQuery({ expression: EXPRESSION, limits: { ...LIMITS, previewRows: 25_000 } });
    assert.equal(preview.rowCount, 25_000);
    assert.ok(preview.toCsv() === whole.toCsv().split("\n").slice(0, 25_001).join("\n").concat("\n"));
    limited.close();
    preview.close();
  });
});
