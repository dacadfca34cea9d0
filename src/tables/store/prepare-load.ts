import type { FenlType } from "../../values/fenl-type.ts";
import { sameType } from "../../values/fenl-type.ts";
import type { BulkOptions } from "../bulk/bulk-job.ts";
import type { BulkLoad } from "../bulk/bulk-load.ts";
import { fitSchema } from "../load/fit-schema.ts";
import { skipRows, writeRejects } from "../load/skip-rows.ts";
import type { OnLoadProgress } from "../load-progress.ts";
import { requireColumns } from "../prepared/prepare.ts";
import type { WrittenFile } from "../prepared/write-prepared.ts";
import { writePrepared } from "../prepared/write-prepared.ts";
import type { SourceTable } from "../read/source-table.ts";
import { storeFailure } from "../store-failure.ts";
import type { TableDefinition } from "../table-definition.ts";
import type { TableColumn } from "../table-snapshot.ts";
import type { DeclaredColumns } from "./declared-columns.ts";
import { declaredSource } from "./declared-columns.ts";
import { rowsOf } from "./manifest-view.ts";
import type { ManifestTable } from "./store-manifest.ts";

/** A file's rows on their way into a table: in prepared files, and not committed yet. */
export interface PreparedLoad {
  readonly rows: number;
  readonly columns: readonly TableColumn[];
  readonly keyType: FenlType;
  readonly contentHash: string;
  /** Empty where the table had this content already. */
  readonly written: readonly WrittenFile[];
  /** How many rows were left out, and where they are. */
  readonly rejects: { readonly rejectedRows?: number; readonly rejectFile?: string };
  readonly warnings: readonly string[];
}

/** What is loaded. */
export interface LoadSource {
  read(): Promise<SourceTable>;
  /** Loads it in pieces, where that can be done; null where not. */
  loadInBulk?(definition: TableDefinition, options: BulkOptions): Promise<BulkLoad | null>;
}

/** Where a load is prepared. */
export interface LoadPlace {
  /** A directory for the prepared files. */
  readonly files: string;
  /** The store, for rows that are left out. */
  readonly rejects: string;
  /** Whether files are on the disk when they are written. */
  readonly durable: boolean;
}

/** What a load is asked to do beside reading. */
export interface PrepareOptions extends DeclaredColumns {
  readonly onError?: "fail" | "skip" | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnLoadProgress | undefined;
}

/** Reads a source and writes its rows as prepared files that fit a table. @throws TableError */
export async function prepareLoad(
  table: ManifestTable,
  from: LoadSource,
  place: LoadPlace,
  totalBytes: number,
  options: PrepareOptions,
): Promise<PreparedLoad> {
  const { definition } = table;
  const { onError = "fail" } = options;
  const loaded = await loadInBulk();
  if (loaded !== null) return { ...loaded, rejects: {}, warnings: [] };
  const raw = await from.read();
  const { source: typed, misfits } = await declaredSource(definition, raw, options, onError);
  const { source: kept, rejected } =
    onError === "skip" ? skipRows(definition, typed, misfits) : { source: typed, rejected: [] };
  const source = fitted(table, kept);
  const { key } = requireColumns(definition, source);
  const known = table.loads.some((load) => load.contentHash === source.contentHash);
  const written = known ? [] : await writeFiles();
  const rejectedRows = rejected.length + (raw.rejected ?? []).length;
  const rejects =
    rejectedRows === 0 || known
      ? {}
      : { rejectedRows, rejectFile: writeRejects(place.rejects, definition.name, raw, rejected) };
  const { rows, contentHash, warnings } = source;
  const columns = source.columns.map(({ name, type }) => ({ name, type }));
  return { rows, columns, keyType: key.type, contentHash, written, rejects, warnings };

  async function loadInBulk(): Promise<BulkLoad | null> {
    const { timeUnit, signal, onProgress } = options;
    // Declared columns are only fitted to whole files.
    if (options.timeFormat !== undefined || (options.columns ?? []).length > 0) return null;
    const columns = rowsOf(table) > 0 ? table.columns : null;
    const settings = { directory: place.files, durable: place.durable, columns, timeUnit, signal, onProgress };
    try {
      return (await from.loadInBulk?.(definition, settings)) ?? null;
    } catch (error) {
      throw storeFailure("write to the store in", place.rejects, error);
    }
  }

  async function writeFiles(): Promise<WrittenFile[]> {
    const onRows = (rows: number) => options.onProgress?.({ phase: "writing", rows, bytes: totalBytes, totalBytes });
    try {
      return await writePrepared(definition, source, place.files, place.durable, { signal: options.signal, onRows });
    } catch (error) {
      throw storeFailure("write to the store in", place.rejects, error);
    }
  }
}

/** Whether columns have the same names and types, in the same order. */
export function sameColumns(some: readonly TableColumn[], others: readonly TableColumn[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ name, type }, index) => name === others[index]!.name && sameType(type, others[index]!.type))
  );
}

/** A source with a table's columns, where the table has data or a schema that no row contradicts. */
function fitted(table: ManifestTable, source: SourceTable): SourceTable {
  const settled = rowsOf(table) > 0 || (source.rows === 0 && table.loads.length > 0);
  return settled ? fitSchema(table.columns, source, table.definition.name) : source;
}
