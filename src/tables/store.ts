import type { Table as ArrowTable } from "apache-arrow";
import type { FenlType } from "../values/fenl-type.ts";
import type { TableDefinition } from "./table-definition.ts";
import type { TableColumn, TableSnapshot } from "./table-snapshot.ts";

/** One load of a table: a file's rows. */
export interface StoredLoad {
  readonly id: string;
  /** What was loaded, as a person would name it. */
  readonly source: string;
  /** SHA-256 of the loaded bytes, in hex. */
  readonly contentHash: string;
  readonly rows: number;
  /** ISO text. */
  readonly time: string;
  readonly dataToken: string;
}

/** A table of the store. */
export interface StoredTable {
  readonly id: string;
  readonly definition: TableDefinition;
  /** ISO text. */
  readonly createTime: string;
  /** Counts the loads. */
  readonly version: number;
  readonly rows: number;
  /** Empty before the first load. */
  readonly columns: readonly TableColumn[];
  /** Null before the first load. */
  readonly keyType: FenlType | null;
  readonly loads: readonly StoredLoad[];
}

/** What a load did. */
export interface LoadResult {
  readonly table: StoredTable;
  /** The version of the data that has this load. */
  readonly dataToken: string;
  /** Rows of the file. */
  readonly rows: number;
  /** False when the table had this very content already. */
  readonly added: boolean;
  /** Columns that could not be used, and values that were changed. */
  readonly warnings: readonly string[];
}

/** How data is loaded. */
export interface LoadOptions {
  /** Default: by the extension. */
  readonly format?: "csv" | "parquet" | "arrow";
  readonly signal?: AbortSignal;
  onProgress?(progress: { readonly bytesRead: number; readonly bytesTotal: number; readonly rows: number }): void;
}

/** A named Fenl expression. */
export interface StoredView {
  readonly name: string;
  readonly expression: string;
  /** ISO text. */
  readonly createTime: string;
}

/** A query that was run; `detail` is its caller's, as JSON. */
export interface StoredQuery {
  readonly id: string;
  readonly expression: string;
  readonly dataToken: string;
  /** ISO text. */
  readonly createTime: string;
  readonly detail: unknown;
}

/** Where a store is and how it behaves. */
export interface StoreOptions {
  /** Default: `$FENL_HOME`, else `~/.cache/fenl`. */
  readonly directory?: string;
  /** A temporary directory that is removed at the end. */
  readonly inMemory?: boolean;
  /** How long to wait for another writer, in milliseconds; default a minute. */
  readonly lockTimeout?: number;
}

/**
 * Tables, their data in versions, views and the queries that were run. Every reading method shows what was last
 * committed, by this process or another; every writing method is all or nothing. Mistakes throw `TableError`.
 */
export interface Store {
  readonly directory: string;
  /** The same definition again gives the table that is there. */
  createTable(definition: TableDefinition): Promise<StoredTable>;
  getTable(name: string): StoredTable;
  /** Those whose names contain `search`, by name. */
  listTables(search?: string): readonly StoredTable[];
  deleteTable(name: string): Promise<{ readonly dataToken: string }>;
  loadFile(name: string, path: string, options?: LoadOptions): Promise<LoadResult>;
  /** Loads an Arrow table, or one as IPC bytes (a file or a stream). */
  loadArrow(name: string, data: ArrowTable | Uint8Array, options?: LoadOptions): Promise<LoadResult>;
  /** The newest version of the data. */
  latestDataToken(): string;
  /** All tables as of a version of the data, default the newest. */
  snapshot(dataToken?: string): readonly TableSnapshot[];
  /** The same view again is no error, another expression under its name is. */
  createView(name: string, expression: string): Promise<StoredView>;
  getView(name: string): StoredView;
  listViews(search?: string): readonly StoredView[];
  deleteView(name: string): Promise<void>;
  recordQuery(query: Omit<StoredQuery, "id" | "createTime">): Promise<StoredQuery>;
  getQuery(id: string): StoredQuery;
  listQueries(search?: string): readonly StoredQuery[];
  /** Ends the session; an in-memory store is gone afterwards. */
  close(): Promise<void>;
}
