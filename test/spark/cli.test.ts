import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../layout/import-graph.ts";
import { cluster, spark } from "./cluster.ts";
import { writeEventFiles } from "./event-files.ts";

interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

function fenl(words: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const command = ["--import", "tsx", join(ROOT, "cli/main.ts"), "query", ...words];
    execFile(process.execPath, command, { cwd: ROOT, maxBuffer: 1 << 26 }, (error, out, err) =>
      resolve({ status: error ? Number(error.code) : 0, out, err }),
    );
  });
}

describe("fenl query --on spark", function () {
  this.timeout(300_000);

  it("refuses options that do not go together", async () => {
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [["--on", "spark", "Plays"], /needs --tables/],
      [["--master", "local", "--tables", "t.json", "Plays"], /--master is for queries on Spark: add --on spark/],
      [["--on", "spark", "--tables", "t.json", "--out", "x", "Plays"], /add --format parquet/],
      [["--on", "spark", "--tables", "t.json", "--row-order", "time", "Plays"], /come entity by entity/],
      [["--on", "spark", "--tables", "t.json", "--conf", "nothing", "Plays"], /name=value/],
    ];
    for (const [words, message] of wrong) {
      const { status, err } = await fenl(words);
      assert.match(err, message);
      assert.equal(status, 2);
    }
  });

  it("says what is missing where there is no Spark", async () => {
    const list = join(cluster.folder, "none.json");
    writeFileSync(list, JSON.stringify([{ name: "A", file: "a", timeColumn: "t", entityKeyColumn: "k" }]));
    const { status, err } = await fenl([
      "--on",
      "spark",
      "--spark-submit",
      "/nowhere/spark-submit",
      "--tables",
      list,
      "A",
    ]);
    assert.match(
      err,
      /cannot start \/nowhere\/spark-submit: there is no such command; expected spark-submit of Spark 4/,
    );
    assert.equal(status, 1);
  });

  if (spark)
    it("answers with the first rows, and tells a wrong query as ever", async () => {
      await writeEventFiles(join(cluster.folder, "cli/plays"), [
        "SELECT 'a' || (i % 3) AS user, TIMESTAMP '2024-01-01' + INTERVAL (i) HOUR AS at, i AS v FROM range(12) t(i)",
      ]);
      const list = join(cluster.folder, "cli/tables.json");
      writeFileSync(
        list,
        JSON.stringify([{ name: "Plays", file: "plays", timeColumn: "at", entityKeyColumn: "user" }]),
      );
      const { master, sparkSubmit, python, executorNode, conf } = cluster.driverOptions;
      const common = [
        ...["--on", "spark", "--master", master, "--spark-submit", sparkSubmit!, "--python", python!],
        ...["--executor-node", executorNode!, "--tables", list],
        ...Object.entries(conf!).flatMap(([name, value]) => ["--conf", `${name}=${value}`]),
      ];
      const right = await fenl([...common, "--preview-rows", "4", "{ n: count(Plays), total: sum(Plays.v) }"]);
      assert.equal(right.status, 0, right.err);
      const lines = right.out.trimEnd().split("\n");
      assert.equal(lines.length, 5);
      assert.match(lines[4]!, /^2024-01-01T03:00:00.000000000,\d+,\d+,a0,2,3$/);
      assert.match(right.err, /first 4 rows/);
      const wrong = await fenl([...common, "{ n: count(Plays.w) }"]);
      assert.equal(wrong.status, 1);
      assert.match(wrong.err, /error\[E0001\][\s\S]*'v'/);
    });
});
