// What the machine's memory can do, and what the feature job's first stage takes of it:
// node measure.js DIRECTORY SHARE SHARES [SECONDS], on tables that bench/job/job.ts has prepared there. It waits for a line
// on its input before it measures, so that several processes do so at the same time.
import { once } from "node:events";
import { openSync, readFileSync, readSync } from "node:fs";
import { totalmem } from "node:os";
import { join, resolve } from "node:path";
import { assemble } from "../../src/compile/assemble.ts";
import { compileStage } from "../../src/compile/compile-stage.ts";
import { sourceFacts } from "../../src/compile/source-facts.ts";
import { bucketBits, hasAny, hashRanges } from "../../src/execute/buckets.ts";
import { KeyDictionary } from "../../src/execute/key-dictionary.ts";
import { Interner } from "../../src/execute/rows/interner.ts";
import { memoryPlan } from "../../src/execute/rows/memory-plan.ts";
import { isWithoutNulls } from "../../src/execute/rows/prepared-layout.ts";
import { bytesOf, isSpilled } from "../../src/execute/rows/row-run.ts";
import type { JobSource, StageJob } from "../../src/execute/rows/stage-job.ts";
import { StageMemory } from "../../src/execute/rows/stage-memory.ts";
import { runOver } from "../../src/execute/stage/run-stage.ts";
import { wholeSources } from "../../src/execute/stage/stage-sources.ts";
import { planText } from "../../src/plan/plan-text.ts";
import { stagesOf } from "../../src/plan/stages.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";
import { Wasm } from "../../src/values/web-assembly.ts";
import { FEATURE_JOB } from "../job/feature-job.ts";
import type { Measured } from "./measured.ts";

/** More than any processor's caches hold. */
const BLOCK = 128 << 20;
const PAGE = 65536;
const THREADS = 2;
/** How often each range is run; the middle counts. */
const ROUNDS = 7;

const LOADS = Array.from({ length: 8 }, (_, at) => `(i64.load offset=${8 * at} (local.get $at))`);
const BANDWIDTH_WAT = `(module
  (import "host" "memory" (memory 1))
  (func (export "read") (param $at i32) (param $end i32) (result i64)
    (local $sum i64)
    (loop $next
      (local.set $sum (i64.add (local.get $sum) ${LOADS.reduce((sum, load) => `(i64.add ${sum} ${load})`)}))
      (local.set $at (i32.add (local.get $at) (i32.const 64)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    (local.get $sum))
  (func (export "copy") (param $to i32) (param $from i32) (param $bytes i32)
    (memory.copy (local.get $to) (local.get $from) (local.get $bytes))))`;

const [folder, share, shares, seconds = "0.5"] = process.argv.slice(2) as [string, string, string, string?];
const prepared = join(resolve(folder), "prepared-parquet");
const tables: TableSnapshot[] = JSON.parse(readFileSync(join(prepared, "tables.json"), "utf8"));
const memory = new Wasm.Memory({ initial: BLOCK / PAGE });
const block = new Uint8Array(memory.buffer).fill(1);
const bandwidth = new Wasm.Instance(await assemble(BANDWIDTH_WAT), { host: { memory } }).exports as {
  read(at: number, end: number): bigint;
  copy(to: number, from: number, bytes: number): void;
};
const files = tables.flatMap((table) => table.files.map(({ path }) => openSync(path, "r")));
let nextFile = Math.floor((files.length / Number(shares)) * Number(share));
const jobs = await stageJobs();
const own = jobs.filter((_, index) => index % Number(shares) === Number(share));
const stageMemory = new StageMemory();
// Once, so that code and memory are warm.
for (const job of own) timesOf(job);
console.log("ready");
await once(process.stdin, "data");
const half = BLOCK / 2;
const measured: Measured = {
  read: rateOf(BLOCK, () => void bandwidth.read(0, BLOCK)),
  copy: rateOf(BLOCK, () => bandwidth.copy(half, 0, half)),
  pageCache: rateOf(BLOCK, readFiles),
  ...stageTimes(),
};
console.log(JSON.stringify(measured));
process.exit();

/** Bytes a second of something that touches so many bytes: the middle of what is seen in some time. */
function rateOf(bytes: number, act: () => void): number {
  const times: number[] = [];
  const end = performance.now() + Number(seconds) * 1000;
  while (performance.now() < end || times.length < 3) {
    const start = performance.now();
    act();
    times.push(performance.now() - start);
  }
  return bytes / (middle(times) / 1000);
}

function middle(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;
}

/** Copies half a block from the next files, which the system has in memory: as many bytes are read as are written. */
function readFiles(): void {
  for (let at = 0; at < half; nextFile++) {
    const length = readSync(files[nextFile % files.length]!, block, at, half - at, 0);
    if (length === 0) throw new Error("a prepared file is empty");
    at += length;
  }
}

/** The milliseconds of own ranges, and the bytes that are in memory once they are read, and that are handed out. */
function stageTimes(): Omit<Measured, "read" | "copy" | "pageCache"> {
  const sum = { reading: 0, loop: 0, rows: 0, readBytes: 0, givenBytes: 0 };
  for (const job of own) {
    const runs = Array.from({ length: ROUNDS }, () => timesOf(job));
    sum.reading += middle(runs.map(({ reading }) => reading));
    sum.loop += middle(runs.map(({ loop }) => loop));
    sum.rows += runs[0]!.rows;
    sum.readBytes += runs[0]!.readBytes;
    sum.givenBytes += runs[0]!.givenBytes;
  }
  return sum;
}

/** Runs the stage over one range of entities. */
function timesOf(job: StageJob): Omit<Measured, "read" | "copy" | "pageCache"> {
  stageMemory.start(job.layout.bytes);
  const before = stageMemory.used;
  const start = performance.now();
  const interner = new Interner();
  const sources = wholeSources(job.sources, job.layout, stageMemory, interner);
  const read = performance.now();
  const readBytes = stageMemory.used - before;
  // What is handed out is let go of at once.
  const spill = { ...job.spill, held: new SharedArrayBuffer(8) };
  const ended = runOver(sources, { ...job, spill }, stageMemory, interner);
  const walked = performance.now();
  const { rows, rowsRead } = ended.finish();
  const givenBytes = rows.reduce((sum, run) => sum + (isSpilled(run) ? 0 : bytesOf(run)), 0);
  return { reading: read - start, loop: walked - read, rows: rowsRead, readBytes, givenBytes };
}

/** The job's first stage over all ranges of entities. */
async function stageJobs(): Promise<StageJob[]> {
  const { plan } = planText(FEATURE_JOB, { tables, views: [] }).planned!;
  const stages = stagesOf(plan!, false);
  const [stage] = stages;
  const byName = new Map(tables.map((table) => [table.name, table]));
  const isComplete = (id: number, table: string) => {
    const value = plan!.values[id]!;
    return value.kind === "column" && byName.get(table)!.files.every((file) => isWithoutNulls(file, value.column));
  };
  const facts = sourceFacts(
    plan!,
    stage!,
    byName,
    () => undefined,
    (source, id) => source.kind === "scan" && isComplete(id, source.table),
  );
  const bounds = { finalTime: false, changedSince: false };
  const { wat, layout, imports, strings } = compileStage(plan!, stage!, facts, bounds, "as needed");
  const module = await assemble(wat);
  const limit = totalmem() / 4;
  const keys = new KeyDictionary();
  const spill = { directory: "", held: new SharedArrayBuffer(8) };
  const stop = new SharedArrayBuffer(4);
  const memory = memoryPlan(limit, THREADS);
  const ranges = hashRanges(bucketBits(stages, byName, plan!.result.fields.length, THREADS, limit));
  return ranges.map((range) => {
    const sources = stage!.sources.map((source, index): JobSource => {
      if (source.kind !== "scan") throw new Error("the job's first stage reads tables only");
      const { files, keyColumn, keyType } = byName.get(source.table)!;
      const columns = source.values.map((id) => {
        const value = plan!.values[id]!;
        if (value.kind !== "column") throw new Error(`a ${value.kind} is not scanned`);
        return { name: value.column, type: value.type, read: !facts[index]!.times?.has(id) };
      });
      const scanned = files
        .filter((file) => hasAny(file, range))
        .map((file) => ({ file, keyBase: keys.baseOf(file, keyColumn), verify: false }));
      return { kind: "scan", files: scanned, range, columns, keyColumn: { name: keyColumn, type: keyType } };
    });
    const output = { kind: "shifted" } as const;
    return { module, layout, imports, strings, parameters: {}, sources, output, spares: [], stop, memory, spill };
  });
}
