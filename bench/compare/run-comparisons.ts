import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { EventOptions } from "../events/tables.ts";
import { writeEvents } from "../events/write-events.ts";
import { markdownTable, median, shownGigabytes, shownSeconds } from "../report/markdown.ts";
import type { BenchOptions } from "../report/options.ts";
import type { Comparison, ComparisonSuite, RowOrder } from "./comparison.ts";
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

/** What both engines did for a comparison in one order of rows. */
export interface OrderResult {
  readonly fenl: EngineResult;
  readonly duckdb: EngineResult;
}

/** A comparison's outcome. */
export interface ComparisonResult {
  readonly name: string;
  readonly rows: number;
  readonly anyOrder: OrderResult;
  /** With the rows in the order of time; null where they were not asked for so, as final results are not. */
  readonly byTime: OrderResult | null;
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

/** Runs a comparison on Fenl and DuckDB in turn, each in a warm process, in any order and by time, and compares the answers. */
export async function runComparison(
  comparison: Comparison,
  directory: string,
  { rounds, threads }: Pick<BenchOptions, "rounds" | "threads">,
  orders: readonly RowOrder[] = comparison.final ? ["any order"] : ["any order", "by time"],
): Promise<ComparisonResult> {
  const runners: Runner[] = [];
  const path = (engine: EngineName, order: RowOrder) => join(directory, `answer ${engine} ${order}.parquet`);
  try {
    for (const order of orders) {
      for (const engine of ["fenl", "duckdb"] as const) {
        const process = await EngineProcess.start(engine, directory, threads, order);
        runners.push(new Runner(comparison, process, path(engine, order), { engine, order }));
      }
    }
    for (const runner of runners) await runner.warmUp();
    const most = Math.max(...runners.map((runner) => runner.roundsOf(rounds)));
    for (let round = 0; round < most; round++) {
      for (const runner of runners) if (round < runner.roundsOf(rounds)) await runner.count();
    }
  } finally {
    for (const runner of runners) await runner.stop();
  }
  const result = (order: RowOrder): OrderResult => {
    const of = (engine: EngineName) => runners.find(({ what }) => what.engine === engine && what.order === order)!;
    return { fenl: of("fenl").result(), duckdb: of("duckdb").result() };
  };
  let rows = 0;
  for (const order of orders) rows = await compareAnswers(path("fenl", order), path("duckdb", order));
  for (const { path } of runners) rmSync(path, { force: true });
  return {
    name: comparison.name,
    rows,
    anyOrder: result("any order"),
    byTime: orders.includes("by time") ? result("by time") : null,
  };
}

type EngineName = "fenl" | "duckdb";

/** Runs that do not count, at most, and after how many seconds of them a process is warm: its code is compiled by then. */
const MOST_WARM_UPS = 20;
const WARM_SECONDS = 1;
/** Runs that do not count, at least: an engine makes code and takes memory in them. */
const LEAST_WARM_UPS = 2;
/** Runs that count, at least, where they are short. */
const SHORT_SECONDS = 0.05;
const SHORT_ROUNDS = 9;

/** One engine's runs of a comparison. */
class Runner {
  readonly what: { readonly engine: EngineName; readonly order: RowOrder };
  readonly path: string;
  readonly #comparison: Comparison;
  readonly #process: EngineProcess;
  #last: Measured | null = null;
  /** Whether runs take so little time, once the process is warm, that more of them count. */
  #isShort = false;
  readonly #counted: Measured[] = [];

  constructor(comparison: Comparison, process: EngineProcess, path: string, what: Runner["what"]) {
    this.#comparison = comparison;
    this.#process = process;
    this.path = path;
    this.what = what;
  }

  async #run(): Promise<Measured> {
    this.#last = await this.#process.run(this.#comparison, this.path);
    return this.#last;
  }

  /** Whether a run takes so long that the first one counts. */
  get #isSlow(): boolean {
    return this.#last !== null && this.#last.seconds > SLOW_SECONDS;
  }

  /** Runs it until the process is warm, by the same rule for every engine. */
  async warmUp(): Promise<void> {
    let seconds = 0;
    for (let run = 0; run < MOST_WARM_UPS && (run < LEAST_WARM_UPS || seconds < WARM_SECONDS); run++) {
      seconds += (await this.#run()).seconds;
      if (this.#isSlow) break;
    }
    this.#isShort = this.#last!.seconds < SHORT_SECONDS;
  }

  /** How many rounds count, of `rounds` that are asked for at least. */
  roundsOf(rounds: number): number {
    return this.#isShort ? Math.max(rounds, SHORT_ROUNDS) : rounds;
  }

  async count(): Promise<void> {
    if (this.#isSlow) return;
    this.#counted.push(await this.#run());
  }

  result(): EngineResult {
    const runs = this.#counted.length > 0 ? this.#counted : [this.#last!];
    return {
      seconds: median(runs.map(({ seconds }) => seconds)),
      writingSeconds: median(runs.map(({ writingSeconds }) => writingSeconds ?? 0)),
      peakMegabytes: Math.max(...runs.map(({ peakMegabytes }) => peakMegabytes)),
    };
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
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

/** Comparisons as a table: in each order the seconds of both engines, how many times Fenl's the peer took, and memory. */
export function comparisonTable(results: readonly ComparisonResult[]): string {
  const columns = (result: OrderResult | null) =>
    result === null
      ? ["", "", "", ""]
      : [
          shownSeconds(result.fenl.seconds),
          shownSeconds(result.fenl.writingSeconds),
          shownSeconds(result.duckdb.seconds),
          (result.duckdb.seconds / result.fenl.seconds).toFixed(1),
        ];
  const most = (of: (result: OrderResult) => EngineResult, { anyOrder, byTime }: ComparisonResult) =>
    shownGigabytes(Math.max(...[anyOrder, ...(byTime ? [byTime] : [])].map((result) => of(result).peakMegabytes)));
  return markdownTable(
    [
      "",
      "rows",
      "in any order: Fenl, s",
      "of it writing",
      "DuckDB, s",
      "times",
      "by time: Fenl, s",
      "of it writing",
      "DuckDB, s",
      "times",
      "Fenl, peak",
      "DuckDB, peak",
    ],
    results.map((result) => [
      result.name,
      result.rows.toLocaleString("en"),
      ...columns(result.anyOrder),
      ...columns(result.byTime),
      most(({ fenl }) => fenl, result),
      most(({ duckdb }) => duckdb, result),
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
