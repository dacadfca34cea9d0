import type { QueryParameter } from "../analyze/parameters.ts";
import type { ResultOrder } from "../execute/execute-options.ts";
import { SliceError } from "../execute/rows/slice.ts";
import { explainFenl } from "../explain-fenl.ts";
import { batchesOutput } from "../frames/output.ts";
import { type FenlOptions, runFenl } from "../run-fenl.ts";
import type { Store } from "../tables/store/store.ts";
import { formatTimestamp } from "../values/timestamp.ts";
import { ArgumentError, checkOptions, flag, nonEmptyText, type OptionRule, oneOf, required } from "./argument-error.ts";
import { describeDiagnostics, FenlError, isError } from "./fenl-error.ts";
import { type Instant, instantRule, toNanoseconds } from "./instant.ts";
import { type ParameterValue, parametersRule, toParameters } from "./parameters.ts";
import { type QueryConfig, QueryResult } from "./query-result.ts";
import { checkSlice, type SliceFilter, sliceRule, toEngineSlice } from "./slice-filter.ts";

/** How a query is run. */
export interface QueryOptions {
  /** The Fenl text. */
  readonly expression: string;
  /** All rows (the default), or the last one of each entity. */
  readonly resultBehavior?: "all-results" | "final-results";
  /**
   * Rows by time over all entities (the default), or entity by entity, by the hashes of their keys, and by time within each,
   * which takes less time.
   */
  readonly rowOrder?: ResultOrder | null;
  /** Final results as of this time, inclusive; implies "final-results". */
  readonly finalResultTime?: Instant | null;
  /** Only results that changed at or after this time. */
  readonly changedSinceTime?: Instant | null;
  /** The version of the data to read; default the newest. */
  readonly dataTokenId?: string | null;
  /** Check the query without running it: a wrong one gives a result with diagnostics instead of an error. */
  readonly dryRun?: boolean | null;
  /**
   * `previewRows`: stop after this many rows. `memory`: bytes that the rows in work may take, about; what is beyond goes
   * to temporary files. By default a quarter of the machine's memory.
   */
  readonly limits?: { readonly previewRows?: number | null; readonly memory?: number | null } | null;
  /** Which entities are read; null reads all also where the session has a default slice. */
  readonly sliceFilter?: SliceFilter | null;
  /** Values that the text names `$name`; each is a literal of its own type, never a part of the text. */
  readonly parameters?: Readonly<Record<string, ParameterValue>> | null;
  /** Accepted: no function is held back as experimental. */
  readonly experimental?: boolean | null;
  /** Stops the query. */
  readonly signal?: AbortSignal | null;
  /** Told from time to time how many rows have been read. */
  readonly onProgress?: ((progress: { readonly rowsRead: number; readonly rowsTotal: number }) => void) | null;
}

/** The checks of {@link QueryOptions}, for calls that take more. */
export const queryRules: Readonly<Record<keyof QueryOptions, OptionRule>> = {
  expression: required(nonEmptyText),
  resultBehavior: oneOf("all-results", "final-results"),
  rowOrder: oneOf("time", "entity"),
  finalResultTime: instantRule,
  changedSinceTime: instantRule,
  dataTokenId: nonEmptyText,
  dryRun: flag,
  limits: { expected: "an object with previewRows and memory", holds: (value) => typeof value === "object" },
  sliceFilter: sliceRule,
  parameters: parametersRule,
  experimental: flag,
  signal: { expected: "an AbortSignal", holds: (value) => value instanceof AbortSignal },
  onProgress: { expected: "a function", holds: (value) => typeof value === "function" },
};

const limitRules: Readonly<Record<string, OptionRule>> = {
  previewRows: {
    expected: "a whole number from 1",
    holds: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
  },
  memory: {
    expected: "a whole number of bytes from 1000000",
    holds: (value) => Number.isSafeInteger(value) && (value as number) >= 1_000_000,
  },
};

/** What the engine is told of a query's options. @throws ArgumentError */
export function engineOptions(call: string, options: QueryOptions): FenlOptions {
  if (options.limits != null) checkOptions(`${call}: limits`, options.limits, limitRules);
  if (options.finalResultTime != null && options.resultBehavior === "all-results") {
    throw new ArgumentError(`${call}: finalResultTime must be used with resultBehavior "final-results".`);
  }
  const time = (option: "finalResultTime" | "changedSinceTime") =>
    options[option] == null ? undefined : toNanoseconds(call, option, options[option]);
  return {
    resultBehavior: options.finalResultTime != null ? "final-results" : (options.resultBehavior ?? "all-results"),
    rowOrder: options.rowOrder ?? "time",
    finalTime: time("finalResultTime"),
    changedSince: time("changedSinceTime"),
    previewRows: options.limits?.previewRows ?? undefined,
    memoryLimit: options.limits?.memory ?? undefined,
    slice: options.sliceFilter == null ? undefined : toEngineSlice(checkSlice(call, options.sliceFilter)),
    dryRun: options.dryRun ?? false,
    signal: options.signal ?? undefined,
  };
}

/** How a query is run, for its result and the record of queries. */
export function configOf(
  options: QueryOptions,
  engine: FenlOptions,
  parameters: readonly QueryParameter[],
): QueryConfig {
  const isoText = (time: bigint | undefined) => (time === undefined ? null : `${formatTimestamp(time)}Z`);
  return {
    resultBehavior: engine.resultBehavior,
    rowOrder: engine.rowOrder ?? "time",
    finalResultTime: isoText(engine.finalTime),
    changedSinceTime: isoText(engine.changedSince),
    previewRows: engine.previewRows ?? null,
    sliceFilter: options.sliceFilter ?? null,
    dryRun: engine.dryRun ?? false,
    parameters,
  };
}

async function record(store: Store, expression: string, dataToken: string, config: QueryConfig) {
  try {
    const { id } = await store.recordQuery({ expression, dataToken, detail: config });
    return { queryId: id, warnings: [] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { queryId: null, warnings: [`The query was not put on record: ${reason}`] };
  }
}

/**
 * Runs a query over the tables and views of a store.
 * @throws FenlError for a wrong query that is no dry run; TableError for an unknown data token
 */
export async function runQuery(call: string, store: Store, options: QueryOptions): Promise<QueryResult> {
  const engine = engineOptions(call, options);
  const parameters = toParameters(call, options.parameters);
  const config = configOf(options, engine, parameters);
  const dataTokenId = options.dataTokenId ?? store.latestDataToken();
  const { expression } = options;
  const started = performance.now();
  const tables = store.snapshot(dataTokenId);
  const prepared = performance.now();
  let read = { rowsRead: 0, rowsTotal: 0 };
  const environment = { tables, views: store.listViews(), parameters };
  const onProgress: FenlOptions["onProgress"] = (progress) => {
    read = progress;
    options.onProgress?.(progress);
  };
  const answer = await runFenl(expression, environment, { ...engine, onProgress }).catch((error: unknown) => {
    throw error instanceof SliceError ? new ArgumentError(`${call}: ${error.message}.`) : error;
  });
  const finished = performance.now();
  const diagnostics = describeDiagnostics(answer.diagnostics, answer.sources);
  if (!engine.dryRun && diagnostics.some(isError)) throw new FenlError(diagnostics);
  const { queryId, warnings } = await record(store, expression, dataTokenId, config);
  return new QueryResult({
    expression,
    queryId,
    dataTokenId,
    config,
    fields: answer.schema,
    diagnostics,
    warnings,
    metrics: {
      timePreparing: (prepared - started) / 1000,
      timeComputing: (finished - prepared) / 1000,
      totalInputRows: read.rowsTotal,
      processedInputRows: read.rowsRead,
      producedOutputRows: answer.batches?.rows ?? 0,
    },
    exhaustedBy(error, form) {
      const diagnostic = answer.exhaustedBy?.(error, form) ?? null;
      return diagnostic && new FenlError(describeDiagnostics([diagnostic], answer.sources));
    },
    explainPlan: () => explainFenl(expression, environment, "plan", engine).text,
    output: answer.batches === undefined ? null : batchesOutput(answer.batches, answer.continuous),
  });
}
