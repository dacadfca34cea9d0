import assert from "node:assert/strict";
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { SparkSession } from "../../src/api/spark-session.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";
import { cluster, spark } from "./cluster.ts";
import { writeEventFiles } from "./event-files.ts";
import { localCsv, localTables } from "./local-tables.ts";

const ROWS = 60_000;
const QUERY = `let Big = Many | when($input.third == 0)
in { n: count(Many), big: sum(Big.v), other: lookup(Many.friend, sum(Many.v)), text: lower(Many.label) }
 | when($input.big > 1000)`;

if (spark)
  describe("failures on Spark", function () {
    this.timeout(600_000);
    let session: SparkSession;
    let local: TableSnapshot[];
    let expected: string;

    before(async () => {
      const folder = mkdtempSync(join(cluster.folder, "failure-"));
      const rows = (from: number) =>
        `SELECT 'user' || (i % 1009) AS user, TIMESTAMP '2024-01-01' + INTERVAL (i * 977 % 86400) SECOND AS at, i AS v,
          'user' || (i * 31 % 1009) AS friend, i % 3 AS third, 'Label' || (i % 17) AS label FROM range(${from}, ${from + ROWS / 3}) t(i)`;
      const path = await writeEventFiles(join(folder, "Many"), [rows(0), rows(ROWS / 3), rows((2 * ROWS) / 3)]);
      session = new SparkSession(cluster.master, await cluster.application());
      session.createTable({
        tableName: "Many",
        paths: path,
        timeColumnName: "at",
        entityKeyColumnName: "user",
        groupingId: "User",
      });
      const definition = { name: "Many", paths: [path], timeColumn: "at", keyColumn: "user", grouping: "User" };
      local = await localTables([definition], join(folder, "local"));
      expected = await localCsv(QUERY, local, { resultBehavior: "all-results" });
    });

    const answer = async (signal?: AbortSignal) =>
      (await session.query({ expression: QUERY, partitions: 4, limits: { previewRows: ROWS }, signal })).toCsv();

    /** Kills the first process of the executors with a word in its command line. */
    async function killOne(word: string, wanted: () => boolean): Promise<number | null> {
      while (wanted()) {
        const [pid] = cluster.processes(word);
        if (pid !== undefined) {
          process.kill(pid, "SIGKILL");
          return pid;
        }
        await setTimeout(2);
      }
      return null;
    }

    for (const [what, word] of [
      ["a Node process", "fenl-worker.mjs"],
      ["an executor", "CoarseGrainedExecutorBackend"],
    ] as const) {
      it(`gives the exact answer when ${what} is killed in the middle`, async () => {
        let running = true;
        const asked = answer().finally(() => {
          running = false;
        });
        // In the middle: tasks of the query have begun.
        while (running && cluster.processes("fenl-worker.mjs").length === 0) await setTimeout(2);
        const killed = await killOne(word, () => running);
        assert.equal(await asked, expected);
        assert.notEqual(killed, null);
      });
    }

    it("ends a cancelled query and its Node processes", async () => {
      const controller = new AbortController();
      const asked = answer(controller.signal);
      while (cluster.processes("fenl-worker.mjs").length === 0) await setTimeout(2);
      controller.abort();
      await assert.rejects(asked, { name: "AbortError" });
      for (let tries = 0; cluster.processes("fenl-worker.mjs").length > 0; tries++) {
        assert.ok(tries < 600, "Node processes go on after their query");
        await setTimeout(100);
      }
      assert.equal(await answer(), expected);
    });

    it("keeps the memory of a Node process small where one entity has half of all rows", async () => {
      const folder = mkdtempSync(join(cluster.folder, "skew-"));
      const path = await writeEventFiles(join(folder, "Skewed"), [
        `SELECT CASE WHEN i % 2 = 0 THEN 'one' ELSE 'user' || (i % 5003) END AS user, TIMESTAMP '2024-01-01' + INTERVAL (i) SECOND AS at, i AS v
         FROM range(1000000) t(i)`,
      ]);
      session.createTable({ tableName: "Skewed", paths: path, timeColumnName: "at", entityKeyColumnName: "user" });
      let most = 0;
      let running = true;
      const watching = (async () => {
        while (running) {
          for (const pid of cluster.processes("fenl-worker.mjs")) most = Math.max(most, peakMegabytes(pid));
          await setTimeout(20);
        }
      })();
      const result = await session.query({
        expression: "{ n: count(Skewed), total: sum(Skewed.v) }",
        resultBehavior: "final-results",
        partitions: 4,
        limits: { previewRows: 10_000 },
      });
      running = false;
      await watching;
      const [first] = result
        .toCsv()
        .split("\n")
        .filter((line) => line.includes(",one,"));
      assert.match(first!, /,one,500000,249999500000$/);
      assert.ok(most > 50 && most < 400, `a Node process took ${most} MB`);
    });

    it("leaves no process behind", async () => {
      const driver = await cluster.driver();
      const own = new SparkSession(cluster.master, driver);
      own.createTable({
        tableName: "Many",
        paths: join(cluster.folder, "nothing"),
        timeColumnName: "at",
        entityKeyColumnName: "user",
      });
      await own.stop();
      await assert.rejects(own.query({ expression: "Many" }), /application has ended/);
    });
  });

function peakMegabytes(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
