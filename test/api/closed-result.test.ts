import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as query from "../../src/api/query.ts";
import * as table from "../../src/api/table.ts";
import { LocalBuilder, type Session } from "../../src/index.ts";

/** So many that the answer is put in order on all threads, in memory that they share. */
const ROWS = 70_000;

describe("a result that is closed", () => {
  let folder: string;
  let session: Session;

  before(async function () {
    this.timeout(60_000);
    folder = mkdtempSync(join(tmpdir(), "fenl-closed-result-"));
    const lines = Array.from(
      { length: ROWS },
      (_, row) => `${1_700_000_000 + ((row * 7919) % ROWS)},u${row % 97},${row}`,
    );
    writeFileSync(join(folder, "events.csv"), `at,key,n\n${lines.join("\n")}\n`);
    session = await new LocalBuilder().inMemory(true).build();
    await table.createTable({ tableName: "E", entityKeyColumnName: "key", timeColumnName: "at" });
    await table.load({ tableName: "E", file: join(folder, "events.csv") });
  });
  after(async () => {
    await session.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = (factor: number) => query.createQuery({ expression: `{ n: E.n * ${factor}, at: E.at }` });

  it("gives its memory to the next answers, which are right", async () => {
    const texts: string[] = [];
    for (const factor of [1, 2, 1]) {
      const result = await ask(factor);
      texts.push(result.toCsv());
      result.close();
      result.close();
    }
    assert.ok(texts[0] === texts[2]);
    assert.ok(texts[0] !== texts[1]);
    // Two answers at a time have memory of their own, also after one was closed twice.
    const [one, two] = [await ask(1), await ask(2)];
    assert.ok(one.toCsv() === texts[0]);
    assert.ok(two.toCsv() === texts[1]);
  });

  it("gives the memory of its keys' texts, too", async () => {
    const keys = Array.from({ length: ROWS }, (_, row) => `${1_700_000_000 + row},key ${(row * 7919) % ROWS},${row}`);
    writeFileSync(join(folder, "keys.csv"), `at,key,n\n${keys.join("\n")}\n`);
    await table.createTable({ tableName: "K", entityKeyColumnName: "key", timeColumnName: "at" });
    await table.load({ tableName: "K", file: join(folder, "keys.csv") });
    const last = (condition: string) =>
      query.createQuery({ expression: `{ n: sum(K.n) } | when(${condition})`, resultBehavior: "final-results" });
    const whole = await last("K.n >= 0");
    const expected = whole.toCsv();
    const some = await last("K.n > 20000");
    whole.close();
    const texts = some.toCsv();
    const again = await last("K.n >= 0");
    assert.ok(again.toCsv() === expected);
    assert.ok(some.toCsv() === texts);
    assert.equal(new Set(expected.split("\n")).size, ROWS + 2);
    for (const result of [some, again]) result.close();
  });

  it("leaves a table that was made of it as it is", async () => {
    const result = await ask(3);
    const made = result.table;
    const sum = () => [...made.getChild("n")!].reduce((all: bigint, n) => all + BigInt(n), 0n);
    const before = sum();
    result.close();
    for (let again = 0; again < 2; again++) (await ask(5)).close();
    assert.equal(sum(), before);
    assert.equal(result.table, made);
  });

  it("is written to the end where it is closed meanwhile", async () => {
    const expected = (await ask(7)).toCsv();
    const result = await ask(7);
    const writing = result.toCsv(join(folder, "out.csv"));
    result.close();
    (await ask(9)).close();
    assert.ok(readFileSync(await writing, "utf8") === expected);
  });

  it("has the rows of one that was too large for memory", async () => {
    const whole = await ask(11);
    const spilled = await query.createQuery({ expression: whole.expression, limits: { memory: 1_000_000 } });
    assert.ok(spilled.toCsv() === whole.toCsv());
    for (const result of [whole, spilled]) result.close();
    assert.throws(() => spilled.toCsv(), /was closed/);
  });

  it("says so where its rows are asked for afterwards", async () => {
    const result = await ask(1);
    result.close();
    assert.equal(result.rowCount, ROWS);
    assert.throws(
      () => result.toCsv(),
      /^Error: This result was closed, so it has no toCsv any more: run the query again\.$/,
    );
    await assert.rejects(result.toParquet(join(folder, "out.parquet")), /was closed/);
    assert.throws(() => result.table, /was closed/);
  });
});
