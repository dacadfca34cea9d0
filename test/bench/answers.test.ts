import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { SHAPES } from "../../bench/cliffs/suite.ts";
import type { Comparison } from "../../bench/compare/comparison.ts";
import { duckDbEngine } from "../../bench/compare/duckdb-engine.ts";
import { fenlEngine } from "../../bench/compare/fenl-engine.ts";
import { assertSameAnswers } from "../../bench/compare/same-answers.ts";
import { makeEvents } from "../../bench/events/make-events.ts";
import type { EventOptions } from "../../bench/events/tables.ts";
import { writeEvents } from "../../bench/events/write-events.ts";
import { OPERATOR_QUESTIONS } from "../../bench/operators/questions.ts";
import { SHOP_QUESTIONS } from "../../bench/shop/questions.ts";

/** A thousandth of what the benchmarks run by default. */
const EVENTS = 10_000;

describe("the benchmarks' questions", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "fenl-answers-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Answers questions in Fenl and in SQL, and compares. @returns the rows of each */
  async function compare(name: string, options: EventOptions, questions: readonly Comparison[]): Promise<number[]> {
    const directory = join(folder, name);
    await writeEvents(options, directory);
    const engines = {
      fenl: fenlEngine(directory, "any order"),
      timed: fenlEngine(directory, "by time"),
      sql: duckDbEngine(directory, 2, "any order"),
    };
    const instance = await DuckDBInstance.create(":memory:");
    try {
      const connection = await instance.connect();
      const paths = { fenl: join(directory, "fenl.parquet"), sql: join(directory, "sql.parquet") };
      for (const engine of [engines.fenl, engines.sql]) assert.notEqual(await engine.load(), null);
      await engines.timed.load();
      const rows: number[] = [];
      for (const question of questions) {
        await engines.sql.run(question, paths.sql);
        let count = 0;
        for (const engine of [engines.timed, engines.fenl]) {
          await engine.run(question, paths.fenl);
          count = await assertSameAnswers(connection, paths.fenl, paths.sql).catch((error) => {
            throw new Error(`${question.name}: ${error.message}`);
          });
        }
        rows.push(count);
      }
      return rows;
    } finally {
      for (const engine of Object.values(engines)) await engine.close();
      instance.closeSync();
    }
  }

  it("have the same answers in Fenl and in SQL", async () => {
    const questions = [...SHOP_QUESTIONS.comparisons, ...OPERATOR_QUESTIONS.comparisons];
    const rows = await compare("shop", { events: EVENTS }, questions);
    assert.ok(
      rows.every((count) => count >= 150),
      `too few rows to tell anything: ${rows}`,
    );
  });

  for (const { name, events, question } of SHAPES) {
    it(`have the same answers on other data: ${name}, ${question.name}`, async () => {
      const [rows] = await compare(`${name} ${question.name}`.replace(/\W+/g, " "), { ...events, events: EVENTS }, [
        question,
      ]);
      assert.equal(rows, EVENTS / 4);
    });
  }

  it("are asked of the same events on every machine", () => {
    const { purchases, page_views } = makeEvents({ events: 1000 });
    assert.deepEqual([purchases!.rows, page_views!.rows], [250, 600]);
    const sum = (values: ArrayLike<number | bigint>) => Array.from(values, Number).reduce((a, b) => a + b);
    assert.deepEqual(
      [sum(purchases!.time) % 1_000_003, sum(purchases!.user), sum(purchases!.item), sum(purchases!.amount)],
      [5713, 2439, 2573, 12220.75],
    );
    const all = Object.values(makeEvents({ events: 1000 })).flatMap(({ time }) => [...time]);
    assert.equal(new Set(all).size, all.length, "two events have one time");
  });

  it("notices answers that differ", async () => {
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const [one, other] = [join(folder, "one.parquet"), join(folder, "other.parquet")];
    const write = (values: string, path: string) =>
      connection.run(`COPY (SELECT * FROM (VALUES ${values}) AS t(_key, _time, n, x)) TO '${path}' (FORMAT parquet)`);
    const sql = (values: string) =>
      connection.run(`COPY (SELECT * FROM (VALUES ${values}) AS t(key, time, n, x)) TO '${other}' (FORMAT parquet)`);
    const row = (n: number, x: string) => `('a', TIMESTAMP '2024-01-01', ${n}, ${x}::DOUBLE)`;
    await write(row(1, "0.1"), one);
    await sql(row(1, "0.1000000000001"));
    assert.equal(await assertSameAnswers(connection, one, other), 1);
    await sql(row(2, "0.1"));
    await assert.rejects(assertSameAnswers(connection, one, other), /differ in key, time, n/);
    await sql(row(1, "0.2"));
    await assert.rejects(assertSameAnswers(connection, one, other), /differ in the sum of x: Fenl has 0\.1, SQL 0\.2/);
    await sql(`${row(1, "0.1")}, ${row(1, "0.1")}`);
    await assert.rejects(assertSameAnswers(connection, one, other), /differ in rows/);
    connection.closeSync();
  });
});
