import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { FenlError } from "../../src/api/fenl-error.ts";
import { SparkSession } from "../../src/api/spark-session.ts";
import type { SparkTableDefinition } from "../../src/spark/spark-table.ts";
import { TableError } from "../../src/tables/table-error.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";
import { cluster, spark } from "./cluster.ts";
import { writeEventFiles } from "./event-files.ts";
import { localCsv, localTables } from "./local-tables.ts";

const ALL = { resultBehavior: "all-results" } as const;

if (spark)
  describe("a session on Spark", function () {
    this.timeout(300_000);
    let session: SparkSession;
    let folder: string;

    before(async () => {
      folder = mkdtempSync(join(cluster.folder, "session-"));
      session = new SparkSession(cluster.master, await cluster.application());
    });

    /** A table of Parquet files on Spark, and as the local engine loads it. */
    async function table(
      name: string,
      queries: readonly string[],
      more: Partial<SparkTableDefinition> = {},
    ): Promise<TableSnapshot> {
      const path = await writeEventFiles(join(folder, name), queries);
      const definition = { name, timeColumn: "at", keyColumn: "user", ...more, paths: [path] };
      session.createTable({
        tableName: name,
        paths: path,
        timeColumnName: definition.timeColumn,
        entityKeyColumnName: definition.keyColumn,
        subsortColumnName: definition.subsortColumn,
        groupingId: definition.grouping,
      });
      return (await localTables([definition], join(folder, "local")))[0]!;
    }

    async function agrees(expression: string, tables: readonly TableSnapshot[]): Promise<void> {
      const result = await session.query({ expression, partitions: 3, limits: { previewRows: 1_000_000 } });
      assert.equal(result.toCsv(), await localCsv(expression, tables, ALL));
    }

    it("generates subsorts and reads every type as loading does", async () => {
      const typed = await table("Typed", [
        `SELECT 'u' || (i % 3) AS user, TIMESTAMP '2024-01-01' + INTERVAL (i % 7) HOUR AS at, i % 5 > 2 AS flag,
          (i % 100)::TINYINT AS i8, (i * 7)::SMALLINT AS i16, (i * 1000)::INTEGER AS i32, i AS i64,
          (i % 200 + 50)::UTINYINT AS u8, (i + 60000)::USMALLINT AS u16, (i + 4000000000)::UINTEGER AS u32,
          (i::UBIGINT + 18446744073709551000)::UBIGINT AS u64, (i / 3)::FLOAT AS f32, i / 7 AS f64, (i / 8)::DECIMAL(12, 3) AS price,
          CASE WHEN i % 4 = 0 THEN NULL ELSE 'Ünï' || i END AS label, DATE '2024-02-28' + i::INTEGER AS day,
          make_timestamp_ns(1700000000123456789 + i) AS ns, (TIMESTAMP '1969-12-31 23:59:59.5' + INTERVAL (i) SECOND)::TIMESTAMP_MS AS ms,
          TIMESTAMPTZ '2024-01-01 00:00:00+02' + INTERVAL (i) MINUTE AS zoned, [i, NULL, i + 1] AS list, {a: i, b: 'x' || i} AS rec
        FROM range(40) t(i)`,
        `SELECT 'u' || (i % 4) AS user, TIMESTAMP '2024-01-01' + INTERVAL (i % 5) HOUR AS at, true AS flag,
          1::TINYINT AS i8, 2::SMALLINT AS i16, 3::INTEGER AS i32, i AS i64, 4::UTINYINT AS u8, 5::USMALLINT AS u16, 6::UINTEGER AS u32,
          7::UBIGINT AS u64, 'nan'::FLOAT AS f32, -0.0::DOUBLE AS f64, NULL::DECIMAL(12, 3) AS price, 'b' AS label, DATE '1960-02-29' AS day,
          make_timestamp_ns(-1) AS ns, (TIMESTAMP '2024-01-01')::TIMESTAMP_MS AS ms, TIMESTAMPTZ '2024-01-01 00:00:00+02' AS zoned,
          []::BIGINT[] AS list, {a: NULL::BIGINT, b: NULL::VARCHAR} AS rec
        FROM range(9) t(i)`,
      ]);
      await agrees("Typed", [typed]);
      await agrees(
        "{ n: count(Typed), u: max(Typed.u64), t: first(Typed.ns), l: last(Typed.list), r: last(Typed.rec) }",
        [typed],
      );
    });

    it("reads times in text and numbers, keys of numbers, and combines tables", async () => {
      const grouping = "User";
      const texts = await table(
        "Texts",
        [
          `SELECT i % 3 AS user, CASE WHEN i % 2 = 0 THEN '2024-01-01T0' || (i % 10) || ':00:00Z' ELSE '2024-01-01 0' || (i % 10) || ':30:00.5' END AS at, i AS v, i % 4 AS other FROM range(30) t(i)`,
        ],
        { grouping },
      );
      const seconds = await table(
        "Seconds",
        [`SELECT i % 4 AS user, (1704067200 + i * 1800)::INTEGER AS at, i AS seq, i * 2 AS w FROM range(20) t(i)`],
        { grouping, subsortColumn: "seq" },
      );
      await agrees(
        "{ v: sum(Texts.v), w: last(Seconds.w), n: count(Seconds, window=since(hourly())), at: time_of(Texts) }",
        [texts, seconds],
      );
      await agrees("{ w: lookup(Texts.other, sum(Seconds.w)), k: last(Seconds.w) }", [texts, seconds]);
    });

    it("gives the diagnostics of a wrong query", async () => {
      await assert.rejects(session.query({ expression: "{ n: count(Tpyed) }" }), (error) => {
        assert.ok(error instanceof FenlError);
        assert.equal(error.diagnostics[0]!.code, "E0006");
        assert.deepEqual(error.diagnostics[0]!.span?.start, { line: 1, column: 12 });
        assert.match(error.diagnostics[0]!.formatted, /Typed/);
        return true;
      });
      const dry = await session.query({ expression: "{ n: sum(Typed.label) }", dryRun: true });
      assert.equal(dry.canExecute, false);
    });

    it("names the file, row and column of a bad row, and nothing of Java", async () => {
      await table("Good", ["SELECT 'a' AS user, TIMESTAMP '2024-01-01' AS at"]);
      const path = await writeEventFiles(join(folder, "bad"), [
        "SELECT 'a' AS user, '2024-01-01T00:00:00Z' AS at FROM range(5)",
        "SELECT 'b' AS user, CASE WHEN i = 3 THEN 'yesterday' ELSE '2024-01-01T00:00:00Z' END AS at FROM range(6) t(i)",
      ]);
      session.createTable({ tableName: "Bad", paths: path, timeColumnName: "at", entityKeyColumnName: "user" });
      await assert.rejects(session.query({ expression: "{ n: count(Bad) }" }), (error) => {
        assert.ok(error instanceof TableError);
        assert.match(error.message, /part-0001\.parquet, row 4, column 'at': 'yesterday' is not a time; expected /);
        assert.doesNotMatch(error.message, /java|Exception|Traceback/);
        return true;
      });
    });

    it("tells of columns and files that are not there", async () => {
      session.createTable({
        tableName: "Wrong",
        paths: join(folder, "Good"),
        timeColumnName: "att",
        entityKeyColumnName: "user",
      });
      await assert.rejects(
        session.query({ expression: "Wrong" }),
        /no time column 'att'; nearest: 'at', 'user'; its columns are 'user', 'at'/,
      );
      session.createTable({
        tableName: "None",
        paths: join(folder, "nowhere"),
        timeColumnName: "at",
        entityKeyColumnName: "user",
      });
      await assert.rejects(session.query({ expression: "None" }), (error: Error) => {
        assert.match(error.message, /nowhere/);
        assert.doesNotMatch(error.message, /\n\s+at /);
        return true;
      });
    });

    it("writes Parquet files whole or not at all, and does not write over others unasked", async () => {
      const events = await table("Events", [
        "SELECT 'k' || (i % 5) AS user, TIMESTAMP '2024-01-01' + INTERVAL (i) MINUTE AS at, i AS v FROM range(50) t(i)",
      ]);
      const path = join(folder, "out");
      const expression =
        "{ n: count(Events), total: sum(Events.v), all: collect(Events.v, max=3), at: time_of(Events) }";
      const written = await session.write({ expression, path, partitions: 2 });
      assert.deepEqual(
        written.schema.map(({ name }) => name),
        ["n", "total", "all", "at"],
      );
      const read = await table("Written", [
        `SELECT _key AS user, _time AS at, _time_ns, n::BIGINT AS n, total FROM read_parquet('${path}/*.parquet') ORDER BY _time`,
      ]);
      const sums = "{ n: last($input.n), total: last($input.total) }";
      assert.equal(
        await localCsv(`Written | ${sums}`, [read], { resultBehavior: "final-results" }),
        await localCsv(`{ n: count(Events) as i64, total: sum(Events.v) }`, [events], {
          resultBehavior: "final-results",
        }),
      );
      await assert.rejects(session.write({ expression, path }), /out exists already/);
      await session.write({ expression, path, overwrite: true });
      const failed = join(folder, "failed");
      await assert.rejects(session.write({ expression: "{ n: count(Bad) }", path: failed }), /'yesterday'/);
      assert.ok(!existsSync(failed), readdirSync(folder).join());
    });

    it("takes slices, parameters, views and previews as locally", async () => {
      session.createView({ viewName: "Late", expression: "Events | when($input.v >= 10)" });
      const result = await session.query({
        expression: "{ n: count(Late), more: sum(Late.v) > $most }",
        parameters: { most: 100 },
        sliceFilter: { entityKeys: ["k1", "k2"] },
        limits: { previewRows: 7 },
      });
      assert.equal(result.rowCount, 7);
      assert.ok(result.warnings.some((warning) => warning.includes("first 7 rows")));
      assert.deepEqual([...new Set(result.table.getChild("_key")!.toArray())].sort(), ["k1", "k2"]);
    });
  });
