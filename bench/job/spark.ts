import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { SparkBuilder } from "../../src/api/spark-session.ts";
import { AGREED, FEATURE_JOB } from "./feature-job.ts";

/**
 * The feature job on Spark: node --import tsx bench/job/spark.ts DIR [--master local[2,4]] [--python PYTHON] [--repeat 3]
 * DIR has the Parquet files that the peers' generator makes. Tables without a subsort column, as the peers have them.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    master: { type: "string", default: "local[2,4]" },
    python: { type: "string" },
    "spark-submit": { type: "string" },
    repeat: { type: "string", default: "2" },
    partitions: { type: "string", default: "4" },
    conf: { type: "string", multiple: true, default: ["spark.driver.memory=6g", "spark.ui.enabled=false"] },
  },
});
const data = resolve(positionals[0] ?? ".");

const builder = new SparkBuilder().master(values.master);
if (values.python !== undefined) builder.python(values.python);
if (values["spark-submit"] !== undefined) builder.sparkSubmit(values["spark-submit"]);
for (const setting of values.conf) {
  const [name, ...value] = setting.split("=");
  builder.conf(name!, value.join("="));
}
const started = performance.now();
const session = await builder.build();
console.log(`started secs=${seconds(started)}`);
const folder = await mkdtemp(join(tmpdir(), "fenl-bench-spark-"));
try {
  for (const [tableName, file] of [
    ["Plays", "plays.parquet"],
    ["Purchases", "purchases.parquet"],
  ] as const) {
    session.createTable({
      tableName,
      paths: join(data, file),
      timeColumnName: "time",
      entityKeyColumnName: "user",
      groupingId: "User",
    });
  }
  for (let run = 0; run < Number(values.repeat); run++) {
    const path = join(folder, "answer");
    const from = performance.now();
    await session.write({ expression: FEATURE_JOB, path, overwrite: true, partitions: Number(values.partitions) });
    const engine = `fenl-spark-${session.sparkVersion}-${run === 0 ? "first" : "warm"}`;
    console.log(`RESULT engine=${engine} data=${basename(data)} secs=${seconds(from)} ${await checksumsOf(path)}`);
  }
  for (const [rows, sums] of Object.entries(AGREED)) console.log(`agreed for ${rows} plays: ${sums}`);
} finally {
  await session.stop();
  await rm(folder, { recursive: true, force: true });
}

function seconds(from: number): string {
  return ((performance.now() - from) / 1000).toFixed(2);
}

/** The checksums of the peers' scripts over what Spark wrote. */
async function checksumsOf(path: string): Promise<string> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const found = await connection.runAndReadAll(
    `SELECT count(*), sum(loss_duration), sum(purchase_count), sum(label::INT), sum(epoch_ms("at") % 1000003)
     FROM read_parquet('${path}/*.parquet')`,
  );
  const names = ["rows", "sum_loss", "sum_purch", "labels", "tmod"];
  const text = found
    .getRows()[0]!
    .map((value, index) => `${names[index]}=${value}`)
    .join(" ");
  connection.closeSync();
  instance.closeSync();
  return text;
}
