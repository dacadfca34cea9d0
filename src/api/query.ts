import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { WriteError } from "../frames/write-file.ts";
import type { StoredQuery } from "../tables/store/store.ts";
import { checkOptions, nonEmptyText, oneOf, required } from "./argument-error.ts";
import { type Listing, type ListOptions, listRules, pageOf } from "./listing.ts";
import { watched } from "./long-work.ts";
import { parameterValues } from "./parameters.ts";
import type { QueryConfig, QueryResult } from "./query-result.ts";
import { type QueryOptions, queryRules, runQuery } from "./run-query.ts";
import { type Session, sessionOption, sessionOrDefault } from "./session.ts";

export { type EntityKey, entityFilter, entityPercentFilter, type SliceFilter } from "./slice-filter.ts";

const responseRule = oneOf("parquet", "csv");

/** Options of {@link createQuery}. */
export interface CreateQueryOptions extends QueryOptions {
  /** Also write the answer to a file in the session's folder; `outputPaths` of the result names it. */
  readonly responseAs?: "parquet" | "csv" | null;
  /** Default: the living session, or a new one with the defaults. */
  readonly session?: Session | null;
}

/**
 * Runs a Fenl query over the session's tables and views.
 * @throws FenlError for a wrong query, with its diagnostics
 */
export async function createQuery(options: CreateQueryOptions): Promise<QueryResult> {
  checkOptions("createQuery", options, { ...queryRules, responseAs: responseRule, session: sessionOption });
  const session = await sessionOrDefault(options.session);
  const sliceFilter = options.sliceFilter === undefined ? session.defaultSlice : options.sliceFilter;
  const { expression } = options;
  const running = watched({ kind: "query", table: null }, options.signal, ({ signal, progress }) => {
    const onProgress: QueryOptions["onProgress"] = (now) => {
      const { rowsRead: rows, rowsTotal } = now;
      progress({ step: "computing", rows, rowsTotal, fraction: rowsTotal > 0 ? Math.min(1, rows / rowsTotal) : null });
      options.onProgress?.(now);
    };
    const limits = session.memoryLimit === null ? options.limits : { memory: session.memoryLimit, ...options.limits };
    return runQuery("createQuery", session.store, { ...options, limits, sliceFilter, signal, onProgress });
  });
  const result = await running.catch((error: unknown) => {
    session.log?.add("query failed", { expression, reason: error instanceof Error ? error.message : String(error) });
    throw error;
  });
  const { queryId, dataTokenId, metrics } = result;
  session.log?.add("query", { expression, queryId, dataTokenId, metrics });
  if (options.responseAs != null && !options.dryRun) await writeResponse(result, session, options.responseAs);
  return result;
}

async function writeResponse(result: QueryResult, session: Session, format: "parquet" | "csv"): Promise<void> {
  const folder = join(session.path, "results");
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new WriteError(folder, (error as Error).message, error);
  }
  const path = join(folder, `${result.queryId ?? randomUUID()}.${format}`);
  await (format === "csv" ? result.toCsv(path) : result.toParquet(path));
}

/** A query that was run before. */
export interface PastQuery {
  readonly queryId: string;
  readonly expression: string;
  readonly dataTokenId: string;
  readonly createTime: Date;
  readonly config: QueryConfig;
  /** Runs it again, over the same version of the data unless a changed option says otherwise. */
  run(changes?: Partial<Omit<CreateQueryOptions, "expression">>): Promise<QueryResult>;
  /** Runs it again over the newest version of the data. */
  runWithLatest(): Promise<QueryResult>;
}

function pastQuery(stored: StoredQuery, session: Session): PastQuery {
  const config = stored.detail as QueryConfig;
  const again = (dataTokenId: string | null, changes: Partial<CreateQueryOptions>) =>
    createQuery({
      expression: stored.expression,
      resultBehavior: config.resultBehavior,
      // Queries of earlier versions were recorded without it.
      rowOrder: config.rowOrder ?? "time",
      finalResultTime: config.finalResultTime,
      changedSinceTime: config.changedSinceTime,
      limits: { previewRows: config.previewRows },
      sliceFilter: config.sliceFilter,
      dryRun: config.dryRun,
      // Queries of earlier versions were recorded without parameters.
      parameters: parameterValues(config.parameters ?? []),
      session,
      dataTokenId,
      ...changes,
    });
  return {
    queryId: stored.id,
    expression: stored.expression,
    dataTokenId: stored.dataToken,
    createTime: new Date(stored.createTime),
    config,
    run: (changes = {}) => again(stored.dataToken, changes),
    runWithLatest: () => again(null, {}),
  };
}

/** A query of the session's past, by its id. */
export async function getQuery(
  query: string | { readonly queryId: string; readonly session?: Session | null },
): Promise<PastQuery> {
  const options = typeof query === "string" ? { queryId: query } : query;
  checkOptions("getQuery", options, { queryId: required(nonEmptyText), session: sessionOption });
  const session = await sessionOrDefault("session" in options ? options.session : null);
  return pastQuery(session.store.getQuery(options.queryId), session);
}

/** The queries of the session's past, newest first; `search` is a part of the expression. */
export async function listQueries(
  options: ListOptions & { readonly session?: Session | null } = {},
): Promise<Listing<PastQuery>> {
  checkOptions("listQueries", options, { ...listRules, session: sessionOption });
  const session = await sessionOrDefault(options.session);
  const stored = session.store.listQueries(options.search ?? undefined).toReversed();
  const place = new Map(stored.map(({ id }, index) => [id, index]));
  // A query that is not on record any more was older than those that are.
  const follows = ({ id }: StoredQuery, last: string) => place.get(id)! > (place.get(last) ?? stored.length);
  const page = pageOf("listQueries", stored, ({ id }) => id, follows, options);
  const queries = page.map((query) => pastQuery(query, session));
  return Object.defineProperty(queries, "nextPageToken", { value: page.nextPageToken }) as Listing<PastQuery>;
}
