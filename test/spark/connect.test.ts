import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { FenlError } from "../../src/api/fenl-error.ts";
import { SparkSession } from "../../src/api/spark-session.ts";
import { connectAddress } from "../../src/spark/connect/connect-client.ts";
import { ConnectRunner } from "../../src/spark/connect/connect-runner.ts";
import { schemaJson } from "../../src/spark/connect/schema-json.ts";
import { SparkFault } from "../../src/spark/spark-fault.ts";
import { TableError } from "../../src/tables/table-error.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";
import { cluster, said, spark } from "./cluster.ts";
import { writeEventFiles } from "./event-files.ts";
import { localCsv, localTables } from "./local-tables.ts";

describe("Spark Connect", function () {
  this.timeout(300_000);

  it("reads addresses as Spark writes them", () => {
    const { host, token, secure } = connectAddress("sc://spark.example:443/;token=a%2Bb;user_id=me");
    assert.deepEqual({ host, token, secure }, { host: "spark.example:443", token: "a+b", secure: true });
    assert.equal(connectAddress("sc://localhost").host, "localhost:15002");
    assert.throws(() => connectAddress("spark://host:7077"), SparkFault);
  });

  it("writes schemas as Spark's JSON", () => {
    assert.deepEqual(
      JSON.parse(schemaJson("a bigint, c0 array<struct<`x``y`: decimal(20,0), m: map<string, tinyint>>>")),
      {
        type: "struct",
        fields: [
          { name: "a", type: "long", nullable: true, metadata: {} },
          {
            name: "c0",
            type: {
              type: "array",
              elementType: {
                type: "struct",
                fields: [
                  { name: "x`y", type: "decimal(20,0)", nullable: true, metadata: {} },
                  {
                    name: "m",
                    type: { type: "map", keyType: "string", valueType: "byte", valueContainsNull: true },
                    nullable: true,
                    metadata: {},
                  },
                ],
              },
              containsNull: true,
            },
            nullable: true,
            metadata: {},
          },
        ],
      },
    );
  });

  if (spark)
    describe("with a server", () => {
      let server: ChildProcess;
      let session: SparkSession;
      let tables: TableSnapshot[];

      before(async () => {
        const { home, python } = spark!;
        const conf = {
          ...cluster.driverOptions.conf,
          "spark.connect.grpc.binding.port": "0",
          "spark.connect.grpc.binding.address": "127.0.0.1",
        };
        server = spawn(
          join(home, "bin/spark-submit"),
          [
            ...["--master", "local[2,4]", "--class", "org.apache.spark.sql.connect.service.SparkConnectServer"],
            ...Object.entries(conf).flatMap(([name, value]) => ["--conf", `${name}=${value}`]),
            "spark-internal",
          ],
          {
            env: { ...process.env, PYSPARK_PYTHON: python, SPARK_LOCAL_IP: "127.0.0.1" },
            cwd: cluster.folder,
            stdio: ["ignore", "pipe", "pipe"],
          },
        );
        const port = /:(\d+)$/.exec(await said(server, /Spark Connect server started at: \S*:\d+/))![1];
        const version = spawnSync(python, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"], {
          encoding: "utf8",
        }).stdout.trim();
        const runner = await ConnectRunner.start({
          url: `sc://127.0.0.1:${port}`,
          pythonVersion: version,
          executorNode: process.execPath,
        });
        session = new SparkSession(`sc://127.0.0.1:${port}`, runner);
        const folder = join(cluster.folder, "connect");
        const paths = await writeEventFiles(join(folder, "Plays"), [
          "SELECT 'u' || (i % 5) AS user, TIMESTAMP '2024-01-01' + INTERVAL (i * 37 % 1000) MINUTE AS at, i AS v, 'u' || (i % 3) AS friend FROM range(200) t(i)",
          "SELECT 'u' || (i % 7) AS user, TIMESTAMP '2024-01-01' + INTERVAL (i * 11 % 1000) MINUTE AS at, i AS v, NULL::VARCHAR AS friend FROM range(90) t(i)",
        ]);
        session.createTable({ tableName: "Plays", paths, timeColumnName: "at", entityKeyColumnName: "user" });
        const definition = { name: "Plays", paths: [paths], timeColumn: "at", keyColumn: "user" };
        tables = await localTables([definition], join(folder, "local"));
      });
      after(async () => {
        await session?.stop();
        server?.kill("SIGTERM");
      });

      for (const expression of [
        "Plays",
        "{ n: count(Plays, window=since(hourly())), other: lookup(Plays.friend, sum(Plays.v)), all: collect(Plays.v, max=3) }",
        "Plays | with_key($input.friend) | { n: count($input), v: last($input.v) }",
      ]) {
        it(`gives the local answer to ${expression}`, async () => {
          const result = await session.query({ expression, partitions: 2, limits: { previewRows: 100_000 } });
          assert.equal(result.toCsv(), await localCsv(expression, tables, { resultBehavior: "all-results" }));
        });
      }

      it("writes Parquet files", async () => {
        const path = join(cluster.folder, "connect-out");
        const { schema } = await session.write({
          expression: "{ n: count(Plays), l: collect(Plays.v, max=2) }",
          path,
          partitions: 2,
          resultBehavior: "final-results",
        });
        assert.deepEqual(
          schema.map(({ name }) => name),
          ["n", "l"],
        );
        const { DuckDBInstance } = await import("@duckdb/node-api");
        const connection = await (await DuckDBInstance.create(":memory:")).connect();
        const read = await connection.runAndReadAll(`SELECT _key, n FROM read_parquet('${path}/*.parquet') ORDER BY 1`);
        assert.deepEqual(
          read
            .getRows()
            .map(([key, n]) => [key, Number(n)])
            .slice(0, 2),
          [
            ["u0", 53],
            ["u1", 53],
          ],
        );
        connection.closeSync();
      });

      it("tells of a wrong query and of a bad row as locally", async () => {
        await assert.rejects(session.query({ expression: "{ n: count(Play) }" }), FenlError);
        const paths = await writeEventFiles(join(cluster.folder, "connect/bad"), [
          "SELECT 'a' AS user, CASE WHEN i = 1 THEN 'never' ELSE '2024-01-01' END AS at FROM range(3) t(i)",
        ]);
        session.createTable({ tableName: "Bad", paths, timeColumnName: "at", entityKeyColumnName: "user" });
        await assert.rejects(session.query({ expression: "Bad" }), (error) => {
          assert.ok(error instanceof TableError, String(error));
          assert.match(error.message, /part-0000\.parquet, row 2, column 'at': 'never' is not a time/);
          return true;
        });
      });
    });
});
