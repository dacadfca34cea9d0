import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { type Table, tableFromIPC } from "apache-arrow";
import * as query from "../../src/api/query.ts";
import * as table from "../../src/api/table.ts";
import { LocalBuilder, type Session } from "../../src/index.ts";

/** So many that two ranges of entities have enough rows to be parts of an answer. */
const ROWS = 140_000;
const EXPRESSIONS = {
  "of a table": "{ n: E.n, s: sum(E.n), t: E.text, j: concat(E.text, E.key), l: collect(E.text, max=2) }",
  "of moved rows": "{ n: E.n | shift_by(days(2)) | sum(), u: E.text | shift_until(E.n > 139000) }",
  "of other entities": "E | with_key(E.text) | { n: $input.n, c: count($input) }",
  "with ticks": "{ n: sum(E.n, window=since(daily())) }",
};

function csv(): string {
  const lines = ["at,key,n,text"];
  for (let row = 0; row < ROWS; row++) {
    const time = new Date(Date.UTC(2024, 0, 1) + ((row * 7919) % ROWS) * 1000).toISOString();
    lines.push(`${time},user ${(row * 31) % 9973},${row},${row % 5 === 0 ? "" : `text ${row % 1000}`}`);
  }
  return `${lines.join("\n")}\n`;
}

/** The rows' numbers in the order of their entities. */
function byEntity(rows: Table): number[] {
  const [hashes, times] = [rows.getChild("_key_hash")!.toArray(), rows.getChild("_time")!.data[0]!.values];
  const numbers = Array.from({ length: rows.numRows }, (_, row) => row);
  const less = (a: number, b: number) => hashes[a] < hashes[b] || (hashes[a] === hashes[b] && times[a] < times[b]);
  return numbers.sort((a, b) => (less(a, b) ? -1 : less(b, a) ? 1 : a - b));
}

/** Rows are compared that are so far apart. */
const STEP = 17;

/** Compares values as text, in an order of rows. */
function assertSameRows(actual: Table, expected: Table, order?: readonly number[]): void {
  assert.equal(actual.numRows, expected.numRows);
  for (const { name } of expected.schema.fields) {
    const [own, other] = [actual.getChild(name)!, expected.getChild(name)!];
    for (let row = 0; row < expected.numRows; row += STEP) {
      const [value, wanted] = [String(own.get(row)), String(other.get(order?.[row] ?? row))];
      if (value !== wanted) assert.fail(`${name}, row ${row}: ${value} instead of ${wanted}`);
    }
  }
}

describe("the order of a result's rows", () => {
  let folder: string;
  let session: Session;
  const path = (name: string) => join(folder, name);
  const ask = (expression: string, options: Partial<query.CreateQueryOptions> = {}) =>
    query.createQuery({ expression, rowOrder: "entity", ...options });

  before(async function () {
    this.timeout(60_000);
    folder = mkdtempSync(join(tmpdir(), "fenl-row-order-"));
    writeFileSync(path("events.csv"), csv());
    session = await new LocalBuilder().inMemory(true).build();
    await table.createTable({ tableName: "E", entityKeyColumnName: "key", timeColumnName: "at" });
    await table.load({ tableName: "E", file: path("events.csv") });
  });
  after(async () => {
    await session.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [name, expression] of Object.entries(EXPRESSIONS)) {
    it(`is that of the entities, with the same rows ${name}`, async function () {
      this.timeout(60_000);
      const timed = await query.createQuery({ expression });
      const result = await ask(expression);
      assert.equal(timed.config.rowOrder, "time");
      assert.equal(result.config.rowOrder, "entity");
      assertSameRows(result.table, timed.table, byEntity(timed.table));
      result.close();
      timed.close();
    });

    it(`does not depend on the limit of memory, for rows ${name}`, async function () {
      this.timeout(120_000);
      const free = await ask(expression);
      const text = free.toCsv();
      for (const memory of [4_000_000, 60_000_000]) {
        const limited = await ask(expression, { limits: { memory } });
        assert.ok(limited.toCsv() === text, `${memory} bytes`);
        limited.close();
      }
      free.close();
    });
  }

  it("is that of files as well, which are written a part at a time", async function () {
    this.timeout(60_000);
    const result = await ask(EXPRESSIONS["of a table"]);
    const batches = [...result.batches()];
    assert.ok(batches.length > 1, "the answer has one part only");
    const expected = batches[0]!.concat(...batches.slice(1));
    await result.toParquet(path("parts.parquet"));
    await result.toArrowFile(path("parts.arrow"));
    await result.toCsv(path("parts.csv"));
    // From now on the parts are put together for what wants them as one.
    assertSameRows(result.table, expected);
    assertSameRows(tableFromIPC(readFileSync(path("parts.arrow"))), expected);
    assert.ok(readFileSync(path("parts.csv"), "utf8") === result.toCsv());
    assert.equal(result.head(5).numRows, 5);
    assertSameRows(result.slice(ROWS / 2 - 1000, ROWS / 2 + 1000), expected.slice(ROWS / 2 - 1000, ROWS / 2 + 1000));
    const duckdb = await DuckDBInstance.create(":memory:");
    const connection = await duckdb.connect();
    const { rows, ordered, sums } = (
      await connection.runAndReadAll(`
        SELECT count(*) AS rows, sum(s) AS sums, count(*) FILTER (h > before OR (h = before AND t >= earlier)) AS ordered
        FROM (SELECT s, _key_hash AS h, _time AS t, lag(_key_hash, 1, 0) OVER r AS before, lag(_time) OVER r AS earlier
          FROM read_parquet('${path("parts.parquet")}') WINDOW r AS (ORDER BY file_row_number))`)
    ).getRowObjects()[0]!;
    connection.closeSync();
    duckdb.closeSync();
    assert.deepEqual([Number(rows), Number(ordered)], [ROWS, ROWS]);
    const total = (result.table.getChild("s")!.toArray() as BigInt64Array).reduce((sum, one) => sum + one, 0n);
    assert.equal(BigInt(sums as bigint), total);
    result.close();
  });

  it("is kept by answers that follow each other in the same memory", async () => {
    const expression = EXPRESSIONS["of moved rows"];
    const first = await ask(expression);
    const text = first.toCsv();
    first.close();
    for (let run = 0; run < 3; run++) {
      const result = await ask(expression);
      assert.ok(result.toCsv() === text);
      result.close();
    }
  });

  it("is that of the entities for the first rows by time, where a preview is asked for", async () => {
    for (const limits of [{ previewRows: 90_000 }, { previewRows: 700 }, { previewRows: 90_000, memory: 4_000_000 }]) {
      const expression = EXPRESSIONS["of moved rows"];
      const timed = await query.createQuery({ expression, limits });
      const result = await ask(expression, { limits });
      assert.equal(result.rowCount, limits.previewRows);
      assertSameRows(result.table, timed.table, byEntity(timed.table));
      result.close();
      timed.close();
    }
  }).timeout(60_000);

  it("is the same for final results, and there may be no rows at all", async () => {
    const expression = EXPRESSIONS["of a table"];
    const final = { expression, resultBehavior: "final-results" } as const;
    assert.equal(
      (await query.createQuery({ ...final, rowOrder: "entity" })).toCsv(),
      (await query.createQuery(final)).toCsv(),
    );
    const none = await ask("{ n: E.n } | when(E.n < 0)");
    assert.equal(none.rowCount, 0);
    assert.equal(none.toCsv(), "_time,_subsort,_key_hash,_key,n\n");
    await none.toParquet(path("none.parquet"));
  });

  it("is kept with a past query, and a wrong one is told with what is allowed", async () => {
    const { queryId } = await ask("{ n: E.n }", { limits: { previewRows: 3 } });
    const past = await query.getQuery(queryId!);
    assert.equal((await past.run()).config.rowOrder, "entity");
    await assert.rejects(
      ask("{ n: E.n }", { rowOrder: "entities" as never }),
      /^ArgumentError: createQuery: rowOrder must be "time" or "entity", but is "entities"\. Nearest: "entity"\.$/,
    );
  });
});
