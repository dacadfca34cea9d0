// The feature job on tables prepared beforehand: node --import tsx bench/job.ts DIRECTORY [--repeat n] [--format parquet|csv]
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { prepareFile } from "../src/tables/ad-hoc-table.ts";
import type { TableSnapshot } from "../src/tables/table-snapshot.ts";
import { AGREED, checksums, checksumText, runFeatureJob } from "./feature-job.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repeat: { type: "string", default: "1" },
    format: { type: "string", default: "parquet" },
    fresh: { type: "boolean", default: false },
    expect: { type: "string" },
  },
});
const directory = resolve(positionals[0] ?? ".");
const prepared = join(directory, `prepared-${values.format}`);
const tables = await preparedTables();
for (let run = 0; run < Number(values.repeat); run++) {
  const start = performance.now();
  const before = process.cpuUsage();
  const rows = await runFeatureJob({ tables, views: [] });
  const cpu = process.cpuUsage(before);
  const seconds = (performance.now() - start) / 1000;
  report("fenl", seconds, checksumText(checksums(rows)), (cpu.user + cpu.system) / 1e6);
}

/** The tables of an earlier run, or newly loaded ones. */
async function preparedTables(): Promise<TableSnapshot[]> {
  const list = join(prepared, "tables.json");
  if (!values.fresh && existsSync(list)) return JSON.parse(readFileSync(list, "utf8"));
  rmSync(prepared, { recursive: true, force: true });
  mkdirSync(prepared);
  const start = performance.now();
  const tables: TableSnapshot[] = [];
  for (const [name, file] of [
    ["Plays", "plays"],
    ["Purchases", "purchases"],
  ] as const) {
    const definition = { name, timeColumn: "time", keyColumn: "user", grouping: "user" };
    const path = join(directory, `${file}.${values.format}`);
    tables.push((await prepareFile(definition, path, prepared)).snapshot);
  }
  writeFileSync(list, JSON.stringify(tables));
  report(
    "fenl-load",
    (performance.now() - start) / 1000,
    `rows=${tables[0]!.files.reduce((sum, file) => sum + file.rows, 0)}`,
  );
  return tables;
}

function report(engine: string, seconds: number, sums: string, cpu?: number): void {
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(
    `RESULT engine=${engine} data=${basename(directory)} threads=2 secs=${seconds.toFixed(3)}${cpu === undefined ? "" : ` cpu=${cpu.toFixed(3)}`} rssMB=${peak} ${sums}`,
  );
  const agreed = AGREED[Number(basename(directory))];
  if (engine === "fenl" && agreed !== undefined && agreed !== sums) throw new Error(`expected ${agreed}`);
}
