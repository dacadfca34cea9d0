// The feature job: node --import tsx bench/job/job.ts DIRECTORY [--repeat n] [--format parquet|csv] [--whole] [--fresh]
// On tables prepared by an earlier run, newly with --fresh; with --whole the clock runs while the tables are loaded, too.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { dictionarySize } from "../../src/execute/rows/dictionary.ts";
import { prepareFile } from "../../src/tables/load/ad-hoc-table.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";
import { areFresh } from "../compare/fresh-tables.ts";
import { AGREED, checksums, checksumText, runFeatureJob } from "./feature-job.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repeat: { type: "string", default: "1" },
    format: { type: "string", default: "parquet" },
    fresh: { type: "boolean", default: false },
    whole: { type: "boolean", default: false },
  },
});
const directory = resolve(positionals[0] ?? ".");
const prepared = join(directory, `${values.whole ? "loaded" : "prepared"}-${values.format}`);
// What an earlier run has left is not part of the job.
if (values.whole) rmSync(prepared, { recursive: true, force: true });
let tables = values.whole ? [] : await preparedTables();
for (let run = 0; run < Number(values.repeat); run++) {
  const start = performance.now();
  const before = process.cpuUsage();
  if (values.whole) tables = await load();
  const loaded = performance.now() - start;
  const answer = await runFeatureJob({ tables, views: [] });
  const rows = answer.whole();
  // The keys' codes are made when they are first asked for, and belong to the answer.
  if (rows.key.values.length !== rows.rows.rows) throw new Error("a row has no entity key");
  const names = values.whole ? dictionarySize(rows.key.dictionary ?? []) : undefined;
  const cpu = process.cpuUsage(before);
  if (values.whole) console.log(`loaded in ${(loaded / 1000).toFixed(3)} s`);
  const seconds = (performance.now() - start) / 1000;
  if (names === 0) throw new Error("the keys have no names");
  report("fenl", seconds, checksumText(checksums(rows)), (cpu.user + cpu.system) / 1e6);
  answer.release();
}

/** The tables of an earlier run, or newly loaded ones. */
async function preparedTables(): Promise<TableSnapshot[]> {
  const list = join(prepared, "tables.json");
  if (!values.fresh && areFresh(list)) return JSON.parse(readFileSync(list, "utf8"));
  const start = performance.now();
  const tables = await load();
  writeFileSync(list, JSON.stringify(tables));
  const rows = tables[0]!.files.reduce((sum, file) => sum + file.rows, 0);
  report("fenl-load", (performance.now() - start) / 1000, `rows=${rows}`);
  return tables;
}

/** Loads the tables from their files. */
async function load(): Promise<TableSnapshot[]> {
  rmSync(prepared, { recursive: true, force: true });
  mkdirSync(prepared);
  const tables: TableSnapshot[] = [];
  for (const [name, file] of [
    ["Plays", "plays"],
    ["Purchases", "purchases"],
  ] as const) {
    const definition = { name, timeColumn: "time", keyColumn: "user", grouping: "user" };
    const path = join(directory, `${file}.${values.format}`);
    tables.push((await prepareFile(definition, path, prepared)).snapshot);
  }
  return tables;
}

function report(engine: string, seconds: number, sums: string, cpu?: number): void {
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  const data = basename(directory);
  const processor = cpu === undefined ? "" : ` cpu=${cpu.toFixed(3)}`;
  const line = engine === "fenl" ? "RESULT" : "LOAD";
  console.log(
    `${line} engine=${engine} data=${data} threads=2 secs=${seconds.toFixed(3)}${processor} rssMB=${peak} ${sums}`,
  );
  const agreed = AGREED[Number(data)];
  if (engine === "fenl" && agreed !== undefined && agreed !== sums) throw new Error(`expected ${agreed}`);
}
