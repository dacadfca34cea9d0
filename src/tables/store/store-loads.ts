import { randomUUID } from "node:crypto";
import type { Table as ArrowTable } from "apache-arrow";
import { discard } from "../discard.ts";
import type { FileFormat, FileOfRows } from "../load/read-file.ts";
import type { OnLoadProgress } from "../load-progress.ts";
import { removePrepared } from "../prepared/prepared-head.ts";
import { digestSource, fileSource, memorySource } from "../read/byte-source.ts";
import type { ReadOptions } from "../read/read-csv.ts";
import { isRemote } from "../read/remote-file.ts";
import { shown, TableError } from "../table-error.ts";
import type { DeclaredColumns } from "./declared-columns.ts";
import { declaredFor, textColumns } from "./declared-columns.ts";
import type { StoredTable } from "./manifest-view.ts";
import { findTable, rowsOf, storedTable } from "./manifest-view.ts";
import type { DataFolders } from "./move-files.ts";
import { FilesInMove } from "./move-files.ts";
import type { LoadSource, PreparedLoad } from "./prepare-load.ts";
import type { Commits } from "./store-commits.ts";
import type { Manifest, ManifestFile, ManifestTable } from "./store-manifest.ts";
import { newToken } from "./store-manifest.ts";

/** What a load did. */
export interface LoadResult {
  readonly table: StoredTable;
  /** The version of the data that has this load. */
  readonly dataToken: string;
  /** Rows of the file. */
  readonly rows: number;
  /** False when the table had this very content already. */
  readonly added: boolean;
  /** How many rows were left out, and the CSV file that has them with the reasons. */
  readonly rejectedRows?: number;
  readonly rejectFile?: string;
  /** Columns that could not be used, and values that were changed. */
  readonly warnings: readonly string[];
}

/** How data is loaded. */
export interface LoadOptions extends DeclaredColumns {
  /** Default: by the extension. */
  readonly format?: FileFormat;
  /** Of CSV: what divides cells, and what quotes them. */
  readonly delimiter?: string;
  readonly quote?: string;
  /**
   * Whether rows without a usable time, key or subsort, or with a value that is not of its declared type, fail the load
   * (the default) or are left out.
   */
  readonly onError?: "fail" | "skip";
  readonly signal?: AbortSignal;
  readonly onProgress?: OnLoadProgress | undefined;
  /** Files of at least so many bytes are loaded in pieces, on several threads; default 1 MiB. */
  readonly bulkBytes?: number | undefined;
}

type RowSource = Pick<FileOfRows, "read"> & Partial<Pick<FileOfRows, "loadInBulk">>;

/** The loads of a store: a file's rows come in whole or not at all. */
export class StoreLoads {
  private readonly commits: Commits;
  private readonly folders: DataFolders;

  constructor(commits: Commits, folders: DataFolders) {
    this.commits = commits;
    this.folders = folders;
  }

  async file(name: string, path: string, options: LoadOptions): Promise<LoadResult> {
    const manifest = this.commits.manifest();
    const table = findTable(manifest, name);
    const { openFile } = await import("../load/read-file.ts");
    const load = async (bytes: number) => {
      const { format, bulkBytes } = options;
      const file = await openFile(path, { format, bulkBytes, signal: options.signal });
      try {
        return await this.load(table, path, bytes, file, options);
      } finally {
        await file.close();
      }
    };
    if (isRemote(path)) return load(0);
    const source = await fileSource(path);
    try {
      if (table.loads.some((load) => load.contentBytes === source.size)) {
        const { contentHash } = await digestSource(source);
        const load = table.loads.find((candidate) => candidate.contentHash === contentHash);
        if (load !== undefined) {
          const dataToken = manifest.tokens.at(-1)!.id;
          return { table: storedTable(manifest, table), dataToken, rows: load.rows, added: false, warnings: [] };
        }
      }
    } finally {
      await source.close();
    }
    return load(source.size);
  }

  /** An Arrow table, or one as IPC bytes (a file or a stream). */
  async arrow(name: string, data: ArrowTable | Uint8Array, options: LoadOptions): Promise<LoadResult> {
    const table = findTable(this.commits.manifest(), name);
    const { readArrowSource, readArrowTable } = await import("../read/read-arrow.ts");
    const label = `Arrow data for ${name}`;
    const read = async (reading: ReadOptions) =>
      data instanceof Uint8Array ? readArrowSource(memorySource(label, data), reading) : readArrowTable(label, data);
    return this.load(table, label, data instanceof Uint8Array ? data.length : 0, { read }, options);
  }

  private async load(
    table: ManifestTable,
    label: string,
    bytes: number,
    source: RowSource,
    options: LoadOptions,
  ): Promise<LoadResult> {
    const { definition } = table;
    const declared = declaredFor(definition, options);
    const reading = { ...options, textColumns: textColumns(table, declared) };
    const from: LoadSource = {
      read: () => source.read(reading),
      loadInBulk: async (...bulk) => (await source.loadInBulk?.(reading, ...bulk)) ?? null,
    };
    const { prepareLoad, sameColumns } = await import("./prepare-load.ts");
    const { store, staging, durable } = this.folders;
    const place = { files: staging(), rejects: store, durable };
    const prepared = await prepareLoad(table, from, place, bytes, { ...options, ...declared });
    const moving = new FilesInMove(this.folders, this.commits);
    let added = false;
    try {
      const manifest = await this.commits.commit((before) => {
        const now = before.tables.find((candidate) => candidate.id === table.id);
        if (now === undefined) {
          throw new TableError("not-found", `table ${shown(definition.name)} was deleted while ${label} was read`);
        }
        if (now.loads.some((load) => load.contentHash === prepared.contentHash)) return null;
        if (rowsOf(now) > 0 && !sameColumns(now.columns, prepared.columns)) {
          throw new TableError(
            "schema",
            `table ${shown(definition.name)} was loaded by another process meanwhile, with other types; load ${label} again`,
          );
        }
        added = true;
        return withLoad(before, now, label, bytes, prepared, moving.move(prepared.written));
      });
      const now = storedTable(manifest, findTable(manifest, definition.name));
      const dataToken = manifest.tokens.at(-1)!.id;
      return { table: now, dataToken, rows: prepared.rows, added, ...prepared.rejects, warnings: prepared.warnings };
    } catch (error) {
      const { rejectFile } = prepared.rejects;
      if (moving.takeBack() && rejectFile !== undefined) discard(rejectFile);
      throw error;
    } finally {
      for (const { path } of prepared.written) removePrepared(path);
    }
  }
}

/** A manifest with one more load of a table. */
function withLoad(
  before: Manifest,
  table: ManifestTable,
  source: string,
  contentBytes: number,
  { contentHash, rows, columns, keyType }: PreparedLoad,
  files: readonly ManifestFile[],
): Manifest {
  const time = new Date().toISOString();
  const token = before.tokens.length;
  const load = { id: randomUUID(), source, contentHash, contentBytes, rows, time, token, files: [...files] };
  const keepSchema = rowsOf(table) > 0 || (rows === 0 && table.loads.length > 0);
  const loaded: ManifestTable = {
    ...table,
    columns: keepSchema ? table.columns : columns,
    keyType: keepSchema ? table.keyType : keyType,
    loads: [...table.loads, load],
  };
  return {
    ...before,
    tokens: [...before.tokens, newToken()],
    tables: before.tables.map((other) => (other.id === loaded.id ? loaded : other)),
  };
}
