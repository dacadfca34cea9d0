import { createReadStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text as readAll } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { explainOver } from "../src/api/explain-query.ts";
import type { ParameterValue } from "../src/api/parameters.ts";
import type { QueryResult } from "../src/api/query-result.ts";
import { runQuery } from "../src/api/run-query.ts";
import type { SliceFilter } from "../src/api/slice-filter.ts";
import { toArrowFile } from "../src/frames/arrow-file.ts";
import { toCsvPieces } from "../src/frames/csv-export.ts";
import { toJsonLinesPieces } from "../src/frames/json-lines.ts";
import { writePieces } from "../src/frames/write-pieces.ts";
import { openStore, type Store } from "../src/tables/store/store.ts";
import { temporaryFolder } from "../src/tables/temporary-folder.ts";
import { readTableList } from "./ad-hoc-tables.ts";
import { EXIT, reportError, UsageError } from "./report-error.ts";
import { type ResourceOptions, useTempDirectory } from "./resource-options.ts";
import { answerOnSpark, refuseSparkOptions, type SparkRequest } from "./spark-query.ts";

/** The options of `fenl query`. */
export interface QueryRequest extends SparkRequest, ResourceOptions {
  readonly on?: "local" | "spark";
  readonly query?: string;
  readonly file?: string;
  readonly tables?: string;
  readonly store?: string;
  readonly format: "csv" | "jsonl" | "parquet" | "arrow";
  readonly out?: string;
  readonly resultBehavior?: "all-results" | "final-results";
  readonly rowOrder?: "time" | "entity";
  readonly finalTime?: string;
  readonly changedSince?: string;
  readonly previewRows?: number;
  readonly slicePercent?: number;
  readonly entity?: readonly string[];
  readonly dataToken?: string;
  readonly param?: ReadonlyMap<string, ParameterValue>;
  readonly dryRun?: boolean;
  readonly explain?: "ast" | "typed" | "plan" | "wasm";
}

async function queryText(request: QueryRequest): Promise<string> {
  const { query, file } = request;
  if (query !== undefined && file !== undefined)
    throw new UsageError("give the query as an argument or with --file, not both");
  if (file !== undefined) {
    try {
      return await readFile(file, "utf8");
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
      throw new UsageError(
        `cannot read the query from ${file}: ${missing ? "there is no such file" : (error as Error).message}`,
      );
    }
  }
  if (query === "-") return await readAll(process.stdin);
  if (query === undefined)
    throw new UsageError("a query is missing: give it as an argument, with --file, or as - for standard input");
  return query;
}

function sliceOf({ slicePercent, entity }: QueryRequest): SliceFilter | null {
  if (slicePercent !== undefined && entity !== undefined)
    throw new UsageError("give --slice-percent or --entity, not both");
  if (slicePercent !== undefined) return { percent: slicePercent };
  return entity === undefined ? null : { entityKeys: entity };
}

async function openTables(request: QueryRequest, signal: AbortSignal): Promise<Store> {
  const { tables, store } = request;
  if (tables === undefined) return await openStore(store === undefined ? {} : { directory: store });
  const list = await readTableList(tables);
  const adHoc = await openStore({ inMemory: true });
  try {
    for (const { definition, files, reading } of list) {
      await adHoc.createTable(definition);
      for (const path of files) {
        const { warnings, rejectedRows = 0 } = await adHoc.loadFile(definition.name, path, { ...reading, signal });
        for (const warning of warnings) console.error(`warning: ${definition.name}: ${warning}`);
        if (rejectedRows > 0) {
          const left = `${rejectedRows} rows of ${path} were left out`;
          console.error(`warning: ${definition.name}: ${left}; fenl table load keeps such rows with the reasons`);
        }
      }
    }
    return adHoc;
  } catch (error) {
    await adHoc.close();
    throw error;
  }
}

async function toStandardOutput(pieces: Iterable<string | Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await pipeline(Readable.from(pieces, { objectMode: true }), process.stdout, { end: false });
  } catch (error) {
    // Whoever reads has seen enough: `fenl query ... | head`.
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
  }
}

async function parquetToStandardOutput(result: QueryResult): Promise<void> {
  const folder = await mkdtemp(join(temporaryFolder(), "fenl-query-"));
  try {
    await toStandardOutput(createReadStream(await result.toParquet(join(folder, "answer.parquet"))));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeAnswer(result: QueryResult, { format, out }: QueryRequest): Promise<void> {
  switch (format) {
    case "csv":
      await (out === undefined ? toStandardOutput(toCsvPieces(result.output)) : result.toCsv(out));
      return;
    case "jsonl":
      await (out === undefined ? toStandardOutput(toJsonLinesPieces(result.output)) : result.toJsonLines(out));
      return;
    case "parquet":
      await (out === undefined ? parquetToStandardOutput(result) : result.toParquet(out));
      return;
    case "arrow":
      await (out === undefined ? toStandardOutput([toArrowFile(result.output)]) : result.toArrowFile(out));
  }
}

async function answer(request: QueryRequest, signal: AbortSignal): Promise<number> {
  const binary = request.format === "parquet" || request.format === "arrow";
  const answers = !request.dryRun && request.explain === undefined;
  if (binary && request.out === undefined && process.stdout.isTTY && answers) {
    throw new UsageError(`--format ${request.format} is binary: name a file with --out`);
  }
  const sliceFilter = sliceOf(request);
  const expression = await queryText(request);
  if (request.on === "spark") {
    if (request.memoryLimit !== undefined) throw new UsageError("--memory-limit is not for --on spark: see --conf");
    return await answerOnSpark(request, { expression, sliceFilter }, (result) => writeAnswer(result, request), signal);
  }
  refuseSparkOptions(request);
  useTempDirectory(request);
  const parameters = Object.fromEntries(request.param ?? []);
  const store = await openTables(request, signal);
  try {
    if (request.explain !== undefined) {
      const { text, diagnostics } = explainOver("fenl query", store, {
        expression,
        explain: request.explain,
        resultBehavior: request.resultBehavior,
        finalResultTime: request.finalTime,
        changedSinceTime: request.changedSince,
        dataTokenId: request.dataToken,
        parameters,
      });
      for (const { formatted } of diagnostics) console.error(formatted.trimEnd());
      await (request.out === undefined ? toStandardOutput([text]) : writePieces(request.out, [text]));
      return EXIT.done;
    }
    const result = await runQuery("fenl query", store, {
      expression,
      resultBehavior: request.resultBehavior,
      rowOrder: request.rowOrder,
      finalResultTime: request.finalTime,
      changedSinceTime: request.changedSince,
      limits: { previewRows: request.previewRows, memory: request.memoryLimit },
      dataTokenId: request.dataToken,
      parameters,
      dryRun: request.dryRun,
      sliceFilter,
      signal,
    });
    for (const { formatted } of result.diagnostics) console.error(formatted.trimEnd());
    if (request.dryRun) {
      console.log(JSON.stringify({ canExecute: result.canExecute, schema: result.schema }, null, 2));
      return result.canExecute ? EXIT.done : EXIT.failed;
    }
    for (const warning of result.output.warnings) console.error(`warning: ${warning}`);
    await writeAnswer(result, request);
    return EXIT.done;
  } finally {
    await store.close();
  }
}

/**
 * Runs the query of a command line and writes its answer; mistakes are told on standard error.
 * @returns the exit status
 */
export async function answerQuery(request: QueryRequest): Promise<number> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once("SIGINT", interrupt);
  try {
    return await answer(request, interrupted.signal);
  } catch (error) {
    if (interrupted.signal.aborted) return EXIT.interrupted;
    return reportError("fenl query", error);
  } finally {
    process.off("SIGINT", interrupt);
  }
}
