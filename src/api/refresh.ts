import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { analyze } from "../analyze/analyze.ts";
import { runFinalResults } from "../execute/incremental-run.ts";
import { csvPieces } from "../frames/csv-export.ts";
import { writeDuckDbTable } from "../frames/duckdb-export.ts";
import { batchesOutput, type Output, toOutput } from "../frames/output.ts";
import { writeParquet } from "../frames/parquet/parquet-export.ts";
import { sweepDrafts } from "../frames/sweep-drafts.ts";
import { writeFailure } from "../frames/write-file.ts";
import { writePieces } from "../frames/write-pieces.ts";
import { planQuery } from "../plan/plan-query.ts";
import { runFenl } from "../run-fenl.ts";
import type { MaterializationDestination, Store, StoredMaterialization } from "../tables/store/store.ts";
import { TableError } from "../tables/table-error.ts";
import type { TableSnapshot } from "../tables/table-snapshot.ts";
import type { Diagnostic, SourceTexts } from "../text/diagnostic.ts";
import { usedNames } from "./dependents.ts";
import { describeDiagnostics, FenlError } from "./fenl-error.ts";
import { dropState, keepState, keptState } from "./materialization-state.ts";
import { type SliceFilter, toEngineSlice } from "./slice-filter.ts";

/** What became of the materializations that a load concerned. */
export interface Refreshed {
  /** Those that were brought up to date. */
  readonly names: readonly string[];
  /** Of each that could not be: why. */
  readonly warnings: readonly string[];
}

/** How a materialization is computed. */
export interface RefreshOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes that the rows in work may take, about; by default a quarter of the machine's memory. */
  readonly memoryLimit?: number | undefined;
}

interface Computed {
  readonly output: Output;
  readonly computedEntities: number | null;
  readonly rowsRead: number;
  /** Keeps what the next run starts from. */
  keep(): Promise<void>;
}

/** The file or database that holds a materialization's output. */
export function outputPathOf(name: string, destination: MaterializationDestination): string {
  return destination.kind === "files"
    ? join(destination.folder, `${name}.${destination.fileType}`)
    : destination.database;
}

/** True when tables that a materialization uses have data that its output does not show. */
export function isStale(store: Store, { expression, lastRun }: StoredMaterialization): boolean {
  if (lastRun === null) return true;
  if (lastRun.dataToken === store.latestDataToken()) return false;
  const used = usedNames(expression, store.listViews());
  const files = (tables: readonly TableSnapshot[]) =>
    JSON.stringify(tables.filter(({ name }) => used.has(name)).map((table) => table.files.map(({ path }) => path)));
  try {
    return files(store.snapshot(lastRun.dataToken)) !== files(store.snapshot());
  } catch (error) {
    // A table was deleted since, so the version of the data is not whole.
    if (error instanceof TableError && error.kind === "not-found") return true;
    throw error;
  }
}

function failed(diagnostics: readonly Diagnostic[], sources: SourceTexts): FenlError {
  return new FenlError(describeDiagnostics(diagnostics, sources));
}

async function compute(
  store: Store,
  stored: StoredMaterialization,
  tables: readonly TableSnapshot[],
  { signal, memoryLimit }: RefreshOptions,
): Promise<Computed> {
  const environment = { tables, views: store.listViews() };
  const filter = stored.slice as SliceFilter | null;
  const slice = filter === null ? undefined : toEngineSlice(filter);
  if (stored.resultBehavior === "all-results") {
    let rowsRead = 0;
    const onProgress = (progress: { readonly rowsRead: number }) => {
      rowsRead = progress.rowsRead;
    };
    const options = { resultBehavior: stored.resultBehavior, slice, signal, memoryLimit, onProgress };
    const answer = await runFenl(stored.expression, environment, options);
    if (answer.batches === undefined) throw failed(answer.diagnostics, answer.sources);
    return { output: batchesOutput(answer.batches), computedEntities: null, rowsRead, keep: async () => {} };
  }
  const { query, diagnostics, sources } = analyze(stored.expression, environment);
  if (query === null) throw failed(diagnostics, sources);
  const { plan, fault } = planQuery(query, tables);
  if (plan === null) throw failed([...diagnostics, fault], sources);
  const earlier = keptState(store.directory, stored.id);
  const { state, ...run } = await runFinalResults(plan, tables, earlier, { slice, signal, memoryLimit });
  return { output: toOutput(state.rows), ...run, keep: () => keepState(store.directory, stored.id, state) };
}

async function write(output: Output, name: string, destination: MaterializationDestination): Promise<void> {
  if (destination.kind === "duckdb") {
    await writeDuckDbTable(output, destination.database, destination.table);
    return;
  }
  const path = outputPathOf(name, destination);
  try {
    await mkdir(destination.folder, { recursive: true });
    await sweepDrafts(path);
  } catch (error) {
    throw writeFailure(path, error);
  }
  // The store takes down that it is up to date.
  const how = { durable: true };
  if (destination.fileType === "csv") await writePieces(path, csvPieces(output), how);
  else await writeParquet(output, path, how);
}

/**
 * Brings a materialization's output up to date, where it is not. One process at a time does so, and the output of a
 * newer version of the data is never replaced by that of an older one.
 */
export async function refreshOne(store: Store, name: string, options: RefreshOptions = {}): Promise<boolean> {
  return store.exclusively("materializations", async () => {
    const stored = store.materializations.get(name);
    if (!isStale(store, stored) && stored.failure === null) return false;
    const dataToken = store.latestDataToken();
    try {
      const { output, computedEntities, rowsRead, keep } = await compute(
        store,
        stored,
        store.snapshot(dataToken),
        options,
      );
      await write(output, stored.name, stored.destination);
      await keep();
      const lastRun = { dataToken, time: new Date().toISOString(), rows: output.rows, computedEntities, rowsRead };
      await store.materializations.record(stored.id, { lastRun, failure: null });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const failure = { message, time: new Date().toISOString() };
      // Where even that cannot be kept, the output is behind the data all the same, which tells.
      await store.materializations.record(stored.id, { failure }).catch(() => {});
      throw error;
    }
    return true;
  });
}

/** Brings all materializations up to date that are not; a failure of one is told, and keeps its last output. */
export async function refreshAll(store: Store, options: RefreshOptions = {}): Promise<Refreshed> {
  const names: string[] = [];
  const warnings: string[] = [];
  for (const stored of store.materializations.list()) {
    try {
      if (isStale(store, stored) && (await refreshOne(store, stored.name, options))) names.push(stored.name);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      warnings.push(`The materialization '${stored.name}' was not brought up to date: ${reason}`);
    }
  }
  return { names, warnings };
}

/** Deletes a materialization with what was kept for its next run. */
export async function forget(store: Store, name: string): Promise<void> {
  await store.exclusively("materializations", async () => {
    const { id } = store.materializations.get(name);
    await store.materializations.delete(name);
    dropState(store.directory, id);
  });
}
