import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { EventOptions } from "../events/tables.ts";
import { writeEvents } from "../events/write-events.ts";
import { markdownTable, median, shownGigabytes, shownSeconds } from "../report/markdown.ts";
import { type BenchOptions, WARM_UPS } from "../report/options.ts";
import type { Comparison, ComparisonSuite } from "./comparison.ts";
import type { RowOrder } from "./duckdb-engine.ts";
import type { Measured } from "./engine.ts";
import { EngineProcess } from "./process-peer.ts";
import { assertSameAnswers } from "./same-answers.ts";

/** An engine whose run takes longer is not run again for that question. */
const SLOW_SECONDS = 30;

/** What one engine did for a comparison, once it was warm. */
export interface EngineResult {
  readonly seconds: number;
  /** Of these, for writing the answer. */
  readonly writingSeconds: number;
  readonly peakMegabytes: number;
}

/** A comparison's outcome. */
export interface ComparisonResult {
  readonly name: string;
  readonly rows: number;
  readonly fenl: EngineResult;
  readonly duckdb: EngineResult;
  /** With the rows in the order of time, as Fenl's are; null for final results. */
  readonly ordered: EngineResult | null;
}

/** The directory with a shop's tables; they are made if they are not there. */
export async function shopDirectory(data: string, name: string, events: EventOptions): Promise<string> {
  const directory = join(data, name);
  if (!existsSync(join(directory, "logins.parquet"))) {
    mkdirSync(directory, { recursive: true });
    await writeEvents(events, directory);
  }
  return directory;
}

/** How long loading all tables takes. */
export async function measureLoads(directory: string, threads: number): Promise<{ fenl: Measured; duckdb: Measured }> {
  const load = async (engine: "fenl" | "duckdb", remains: readonly string[]) => {
    for (const name of remains) rmSync(join(directory, name), { recursive: true, force: true });
    const process = await EngineProcess.start(engine, directory, threads);
    await process.stop();
    return process.loaded!;
  };
  return {
    fenl: await load("fenl", ["fenl"]),
    duckdb: await load("duckdb", ["node.duckdb", "node.duckdb.wal"]),
  };
}

/** Runs a comparison on Fenl and DuckDB in turn, each in a warm process, and compares the answers. */
export async function runComparison(
  comparison: Comparison,
  directory: string,
  { rounds, threads }: Pick<BenchOptions, "rounds" | "threads">,
): Promise<ComparisonResult> {
  const orders: readonly RowOrder[] = comparison.final ? ["any order"] : ["any order", "by time"];
  const engines: { readonly name: string; readonly process: EngineProcess }[] = [];
  const runs = new Map<string, Measured[]>();
  const path = (name: string) => join(directory, `answer ${name}.parquet`);
  try {
    engines.push({ name: "fenl", process: await EngineProcess.start("fenl", directory, threads) });
    for (const order of orders) {
      engines.push({ name: order, process: await EngineProcess.start("duckdb", directory, threads, order) });
    }
    for (let round = 0; round < WARM_UPS + rounds; round++) {
      for (const { name, process } of engines) {
        const last = runs.get(name)?.at(-1);
        if (last !== undefined && last.seconds > SLOW_SECONDS) continue;
        const measure = await process.run(comparison, path(name));
        if (round >= WARM_UPS || measure.seconds > SLOW_SECONDS) {
          runs.set(name, [...(runs.get(name) ?? []), measure]);
        }
      }
    }
  } finally {
    for (const { process } of engines) await process.stop();
  }
  const rows = await compareAnswers(path("fenl"), path("any order"));
  for (const { name } of engines) rmSync(path(name), { force: true });
  const result = (name: string): EngineResult => {
    const list = runs.get(name)!;
    return {
      seconds: median(list.map(({ seconds }) => seconds)),
      writingSeconds: median(list.map(({ writingSeconds }) => writingSeconds ?? 0)),
      peakMegabytes: Math.max(...list.map(({ peakMegabytes }) => peakMegabytes)),
    };
  };
  return {
    name: comparison.name,
    rows,
    fenl: result("fenl"),
    duckdb: result("any order"),
    ordered: comparison.final ? null : result("by time"),
  };
}

async function compareAnswers(fenl: string, sql: string): Promise<number> {
  const instance = await DuckDBInstance.create(":memory:");
  try {
    const connection = await instance.connect();
    return await assertSameAnswers(connection, fenl, sql);
  } finally {
    instance.closeSync();
  }
}

/** Comparisons as a table: seconds, how many times Fenl's the peer took, and the memory of both. */
export function comparisonTable(results: readonly ComparisonResult[]): string {
  const times = (peer: EngineResult | null, { seconds }: EngineResult) =>
    peer === null ? ["", ""] : [shownSeconds(peer.seconds), (peer.seconds / seconds).toFixed(1)];
  return markdownTable(
    [
      "",
      "rows",
      "Fenl, s",
      "of it writing",
      "DuckDB, s",
      "times",
      "DuckDB by time, s",
      "times",
      "Fenl, peak",
      "DuckDB, peak",
    ],
    results.map(({ name, rows, fenl, duckdb, ordered }) => [
      name,
      rows.toLocaleString("en"),
      shownSeconds(fenl.seconds),
      shownSeconds(fenl.writingSeconds),
      ...times(duckdb, fenl),
      ...times(ordered, fenl),
      shownGigabytes(fenl.peakMegabytes),
      shownGigabytes(duckdb.peakMegabytes),
    ]),
  );
}

/** Runs a suite of comparisons on a shop's events. */
export async function runSuite(
  { title, comparisons }: ComparisonSuite,
  options: BenchOptions,
  print: (markdown: string) => void,
): Promise<void> {
  const directory = await shopDirectory(options.data, `shop-${options.events}`, { events: Number(options.events) });
  const results: ComparisonResult[] = [];
  for (const comparison of comparisons) {
    if (options.only !== undefined && !comparison.name.includes(options.only)) continue;
    try {
      results.push(await runComparison(comparison, directory, options));
    } catch (error) {
      // The other questions are worth their time all the same.
      process.exitCode = 1;
      print(`${comparison.name} failed: ${(error as Error).message}\n`);
    }
  }
  print(`#### ${title}, ${options.events} events\n\n${comparisonTable(results)}\n`);
}
