import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { runFenl } from "../../src/run-fenl.ts";
import type { LoadOptions, Store } from "../../src/tables/store/store.ts";
import { openStore } from "../../src/tables/store/store.ts";
import type { TableDefinition } from "../../src/tables/table-definition.ts";
import { loadedRows, loadPlainly } from "./loaded-rows.ts";

const PLAYS: TableDefinition = { name: "Plays", timeColumn: "at", keyColumn: "user" };

describe("loading in pieces, on several threads", function () {
  this.timeout(60_000);
  let directory: string;
  let stores: Store[];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "fenl-bulk-"));
    stores = [];
  });

  afterEach(async () => {
    for (const store of stores) await store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function writeParquet(sql: string, options = "", name = "t.parquet"): Promise<string> {
    const path = join(directory, name);
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    await connection.run(`COPY (${sql}) TO '${path}' (FORMAT parquet${options})`);
    connection.closeSync();
    instance.closeSync();
    return path;
  }

  async function newStore(definition = PLAYS): Promise<Store> {
    const store = await openStore({ directory: mkdtempSync(join(directory, "store-")) });
    stores.push(store);
    await store.createTable(definition);
    return store;
  }

  /** Loads a file in pieces, and makes sure that it was. */
  async function loadInPieces(path: string, definition = PLAYS, options: LoadOptions = {}): Promise<Store> {
    const store = await newStore(definition);
    const told: unknown[] = [];
    const listen = (message: unknown) => told.push(message);
    subscribe("fenl:bulk-load", listen);
    try {
      await store.loadFile(definition.name, path, { ...options, bulkBytes: 0 });
    } finally {
      unsubscribe("fenl:bulk-load", listen);
    }
    assert.deepEqual(told, [{ file: path, unfit: null }]);
    return store;
  }

  async function agrees(path: string, definition = PLAYS, options: LoadOptions = {}): Promise<void> {
    const fast = await loadInPieces(path, definition, options);
    const plain = await newStore(definition);
    await loadPlainly(plain, definition.name, path, options);
    assert.deepEqual(loadedRows(fast), loadedRows(plain));
    assert.deepEqual(fast.getTable("Plays").columns, plain.getTable("Plays").columns);
    assert.deepEqual(await fast.check(), []);
    assert.deepEqual(readdirSync(join(fast.directory, "staging")).length, 1);
    const [staging] = readdirSync(join(fast.directory, "staging"));
    assert.deepEqual(readdirSync(join(fast.directory, "staging", staging!)), []);
  }

  const SQL = `SELECT TIMESTAMP '2024-01-01' + to_microseconds((i * 7919 % 100000)::BIGINT) AS "at",
    'user ' || (i * 31 % 977) AS "user", (i % 3 = 0) AS won, i AS n, i / 7 AS ratio, (i % 100)::TINYINT AS small,
    CASE WHEN i % 5 = 0 THEN NULL ELSE 'türkçe ' || (i % 13) END AS note, (i % 250)::UTINYINT AS tiny,
    CASE WHEN i % 2 = 0 THEN NULL ELSE (i * 11 % 101)::FLOAT END AS f, DATE '2020-01-01' + (i % 400)::INTEGER AS day,
    CASE WHEN i % 7 = 1 THEN NULL ELSE i % 11 = 0 END AS maybe, i::UBIGINT AS big, i::USMALLINT AS mid
    FROM range(30000) t(i)`;

  it("gives the rows of the plain reader, from Parquet of every encoding", async () => {
    await agrees(await writeParquet(SQL));
    await agrees(await writeParquet(SQL, ", ROW_GROUP_SIZE 2048"));
    await agrees(await writeParquet(SQL, ", COMPRESSION uncompressed"));
    await agrees(await writeParquet(SQL, ", COMPRESSION zstd"));
    await agrees(await writeParquet(SQL, ", COMPRESSION gzip, DICTIONARY_SIZE_LIMIT 1"));
    const texts = `SELECT "at", "user", note, n FROM (${SQL})`;
    await agrees(await writeParquet(texts, ", PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 1"));
  });

  for (const type of ["TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S", "BIGINT", "DATE"]) {
    it(`has a time column of type ${type} as it was, also where it is told by the rows' times`, async () => {
      const time = `make_timestamp(1000000 * (i * 7919 % 100000 - 50000))`;
      const value = type === "BIGINT" ? `epoch_us(${time})` : `${time}::${type}`;
      const path = await writeParquet(
        `SELECT ${value} AS "at", 'user ' || i % 7 AS "user", i AS n FROM range(1000) t(i)`,
      );
      await agrees(path);
      const [fast, plain] = [await loadInPieces(path), await newStore()];
      await loadPlainly(plain, "Plays", path);
      const [own, expected] = await Promise.all([fast, plain].map(answerOf));
      assert.deepEqual(own, expected);
    });
  }

  /** What a query sees of the time column, by itself, in a condition, and between stages. */
  async function answerOf(store: Store): Promise<unknown[]> {
    const query =
      "{ at: Plays.at, n: Plays.n, last: last(Plays.at, window=since(Plays.n > 500)) } | when(is_valid($input.at))";
    const answer = await runFenl(query, { tables: store.snapshot(), views: [] }, { resultBehavior: "all-results" });
    const { columns } = answer.rows!.rows;
    return columns.map(({ name, type, values }) => [name, type, [...(values as BigInt64Array)]]);
  }

  it("knows which rows are null, of whichever row groups", async () => {
    for (const [from, to] of [
      [0, 3000],
      [5000, 9000],
      [14_500, 15_000],
    ]) {
      const when = `i BETWEEN ${from} AND ${to} AND i % 3 = 0`;
      const nulls = ["i", "i % 7 = 0", "'text ' || i", "'few ' || i % 3", "i / 8.0"]
        .map((value, index) => `CASE WHEN ${when} THEN NULL ELSE ${value} END AS c${index}`)
        .join(", ");
      const sql = `SELECT TIMESTAMP '2024-01-01' + INTERVAL (i) SECOND AS at, 'u' || i % 50 AS "user", ${nulls} FROM range(15000) t(i)`;
      await agrees(await writeParquet(sql, ", ROW_GROUP_SIZE 2048"));
    }
  });

  it("takes keys of numbers, and a column of subsorts", async () => {
    const definition = { ...PLAYS, keyColumn: "mid", subsortColumn: "n" };
    await agrees(await writeParquet(SQL), definition);
    await agrees(await writeParquet(SQL), { ...PLAYS, keyColumn: "ratio" });
    await agrees(await writeParquet(SQL), { ...PLAYS, keyColumn: "won", timeColumn: "day" });
    await agrees(await writeParquet(SQL), { ...PLAYS, keyColumn: "small", timeColumn: "big" }, { timeUnit: "s" });
  });

  it("leaves mistakes to the plain reader, which tells of them", async () => {
    const path = await writeParquet(`SELECT "at", CASE WHEN n = 777 THEN NULL ELSE "user" END AS "user" FROM (${SQL})`);
    const store = await newStore();
    await assert.rejects(
      store.loadFile("Plays", path, { bulkBytes: 0 }),
      /t\.parquet, row 778, column 'user': the cell is empty; expected an entity key/,
    );
    const skipped = await newStore();
    const result = await skipped.loadFile("Plays", path, { bulkBytes: 0, onError: "skip" });
    assert.equal(result.rejectedRows, 1);
    assert.equal(loadedRows(skipped).length, 29999);
  });

  it("stops when it is told to, and leaves nothing behind", async () => {
    const path = await writeParquet(SQL, ", ROW_GROUP_SIZE 2048");
    const store = await newStore();
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    await assert.rejects(store.loadFile("Plays", path, { bulkBytes: 0, signal: stop.signal, onProgress }), {
      name: "AbortError",
    });
    const [staging] = readdirSync(join(store.directory, "staging"));
    assert.deepEqual(readdirSync(join(store.directory, "staging", staging!)), []);
    assert.equal(store.getTable("Plays").rows, 0);
    await store.loadFile("Plays", path, { bulkBytes: 0 });
    assert.equal(store.getTable("Plays").rows, 30000);
  });

  it("adds to a table that has data, of the same columns in any order", async () => {
    const store = await loadInPieces(await writeParquet(`SELECT "at", "user", n FROM (${SQL})`));
    const more = await writeParquet(`SELECT n + 1 AS n, "user", "at" FROM (${SQL})`, "", "more.parquet");
    await store.loadFile("Plays", more, { bulkBytes: 0 });
    assert.equal(store.getTable("Plays").rows, 60000);
    const other = await writeParquet(`SELECT n::INTEGER AS n, "user", "at" FROM (${SQL})`, "", "other.parquet");
    await assert.rejects(
      store.loadFile("Plays", other, { bulkBytes: 0 }),
      /^TableError: schema does not match previous schema: table 'Plays' has \{at: timestamp_us, user: string, n: i64\}/,
    );
  });

  it("says what is wrong with a file that is cut off", async () => {
    const path = join(directory, "cut.parquet");
    writeFileSync(path, "PAR1 and not much more");
    const store = await newStore();
    await assert.rejects(store.loadFile("Plays", path, { bulkBytes: 0 }), /cut\.parquet cannot be read as Parquet/);
  });
});
