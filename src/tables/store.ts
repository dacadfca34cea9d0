import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Table as ArrowTable } from "apache-arrow";
import { digestSource, fileSource, memorySource } from "./byte-source.ts";
import { isRemote } from "./input-file.ts";
import type { OnLoadProgress } from "./load-progress.ts";
import type { StoredTable } from "./manifest-view.ts";
import { contentsOf, findTable, rowsOf, snapshotOf, storedTable } from "./manifest-view.ts";
import { movePrepared, removePrepared } from "./prepared-head.ts";
import type { StoredQuery } from "./query-log.ts";
import { QueryLog } from "./query-log.ts";
import type { FileFormat } from "./read-file.ts";
import type { SourceTable } from "./source-table.ts";
import type { Commits, ContentsCheck } from "./store-commits.ts";
import { defaultDirectory, temporaryDirectory } from "./store-directory.ts";
import { storeFailure } from "./store-failure.ts";
import { StoreLock } from "./store-lock.ts";
import type { Manifest, ManifestTable, StoredView } from "./store-manifest.ts";
import { ManifestFileOfStore, newToken, syncDirectory } from "./store-manifest.ts";
import { StoreMaterializations } from "./store-materializations.ts";
import { StoreSessions } from "./store-sessions.ts";
import { StoreTables } from "./store-tables.ts";
import { StoreViews } from "./store-views.ts";
import type { TableDefinition } from "./table-definition.ts";
import { shown, TableError } from "./table-error.ts";
import type { TableSnapshot } from "./table-snapshot.ts";
import type { TimeUnit } from "./time-unit.ts";

export type { LoadProgress } from "./load-progress.ts";
export type { StoreContents, StoredLoad, StoredTable } from "./manifest-view.ts";
export type { StoredQuery } from "./query-log.ts";
export type { ContentsCheck } from "./store-commits.ts";
export type {
  MaterializationDestination,
  MaterializationRun,
  StoredMaterialization,
  StoredView,
} from "./store-manifest.ts";
export type { MaterializationDefinition } from "./store-materializations.ts";

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
export interface LoadOptions {
  /** Default: by the extension. */
  readonly format?: FileFormat;
  /** Of CSV: what divides cells, and what quotes them. */
  readonly delimiter?: string;
  readonly quote?: string;
  /** What integers of the time column count; default nanoseconds. */
  readonly timeUnit?: TimeUnit;
  /** Whether rows without a usable time, key or subsort fail the load (the default) or are left out. */
  readonly onError?: "fail" | "skip";
  readonly signal?: AbortSignal;
  readonly onProgress?: OnLoadProgress | undefined;
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
  /** `check` sees what the store has at the moment of the deletion; where it throws, nothing is deleted. */
  deleteTable(name: string, check?: ContentsCheck): Promise<{ readonly dataToken: string }>;
  loadFile(name: string, path: string, options?: LoadOptions): Promise<LoadResult>;
  /** Loads an Arrow table, or one as IPC bytes (a file or a stream). */
  loadArrow(name: string, data: ArrowTable | Uint8Array, options?: LoadOptions): Promise<LoadResult>;
  /** The newest version of the data. */
  latestDataToken(): string;
  /** All tables as of a version of the data, default the newest. */
  snapshot(dataToken?: string): readonly TableSnapshot[];
  /** The same view again is no error, another expression under its name is. `check` is as for `deleteTable`. */
  createView(name: string, expression: string, check?: ContentsCheck): Promise<StoredView>;
  getView(name: string): StoredView;
  listViews(search?: string): readonly StoredView[];
  deleteView(name: string, check?: ContentsCheck): Promise<void>;
  readonly materializations: StoreMaterializations;
  /** Runs an action while no other process runs one of the same name. */
  exclusively<T>(name: string, action: () => Promise<T>): Promise<T>;
  recordQuery(query: Omit<StoredQuery, "id" | "createTime">): Promise<StoredQuery>;
  getQuery(id: string): StoredQuery;
  listQueries(search?: string): readonly StoredQuery[];
  /** Reads all files and says what is damaged or missing; empty when all is well. */
  check(): Promise<readonly string[]>;
  /** Ends the session; an in-memory store is gone afterwards. */
  close(): Promise<void>;
}

const LOCK_TIMEOUT_MS = 60_000;
const LONG_LOCK_TIMEOUT_MS = 600_000;

/** Opens a store, and makes it where there is none. */
export async function openStore(options: StoreOptions = {}): Promise<Store> {
  const inMemory = options.inMemory ?? false;
  const directory = inMemory ? temporaryDirectory() : resolve(options.directory ?? defaultDirectory());
  const store = new FileStore(directory, inMemory, options.lockTimeout ?? LOCK_TIMEOUT_MS);
  await store.open();
  return store;
}

class FileStore implements Store {
  readonly directory: string;
  readonly materializations: StoreMaterializations;
  private readonly tables: StoreTables;
  private readonly views: StoreViews;
  private readonly files: string;
  private readonly inMemory: boolean;
  private readonly lockTimeout: number;
  private readonly manifestFile: ManifestFileOfStore;
  private readonly lock: StoreLock;
  private readonly sessions: StoreSessions;
  private readonly queries: QueryLog;
  private readonly removeAtExit = () => rmSync(this.directory, { recursive: true, force: true });
  private closed = false;

  constructor(directory: string, inMemory: boolean, lockTimeout: number) {
    this.directory = directory;
    this.files = join(directory, "files");
    this.inMemory = inMemory;
    this.lockTimeout = lockTimeout;
    this.manifestFile = new ManifestFileOfStore(directory, !inMemory);
    this.lock = new StoreLock(directory);
    this.sessions = new StoreSessions(directory);
    this.queries = new QueryLog(directory);
    const commits: Commits = {
      manifest: () => this.manifest(),
      commit: (change) => this.commit(change),
      contents: (manifest) => contentsOf(manifest, this.files),
    };
    this.tables = new StoreTables(commits);
    this.views = new StoreViews(commits);
    this.materializations = new StoreMaterializations(commits);
  }

  async open(): Promise<void> {
    if (this.inMemory) process.once("exit", this.removeAtExit);
    try {
      mkdirSync(this.directory, { recursive: true });
      this.manifestFile.read();
      this.sessions.begin();
      await this.lock.hold(this.lockTimeout, () => {
        const manifest = this.manifestFile.read() ?? newManifest();
        if (manifest.revision === 0) this.manifestFile.write({ ...manifest, revision: 1 });
        this.sessions.sweep(manifest);
        this.queries.compact();
      });
    } catch (error) {
      throw storeFailure("open the store in", this.directory, error);
    }
  }

  private manifest(): Manifest {
    if (this.closed) throw new TableError("store", "the store is closed");
    const manifest = this.manifestFile.read();
    if (manifest === null) {
      const message = `the store in ${this.directory} is gone: it was removed from outside`;
      throw new TableError("store", message, { file: this.directory });
    }
    return manifest;
  }

  /** Changes what is committed; `change` sees the newest manifest and gives the next, or null to leave it. */
  private async commit(change: (manifest: Manifest) => Manifest | null): Promise<Manifest> {
    this.manifest();
    return this.lock.hold(this.lockTimeout, () => {
      const before = this.manifest();
      const after = change(before);
      if (after === null) return before;
      const next = { ...after, revision: before.revision + 1 };
      this.manifestFile.write(next);
      return next;
    });
  }

  createTable(definition: TableDefinition): Promise<StoredTable> {
    return this.tables.create(definition);
  }

  getTable(name: string): StoredTable {
    return this.tables.get(name);
  }

  listTables(search = ""): readonly StoredTable[] {
    return this.tables.list(search);
  }

  deleteTable(name: string, check?: ContentsCheck): Promise<{ readonly dataToken: string }> {
    return this.tables.delete(name, check);
  }

  async loadFile(name: string, path: string, options: LoadOptions = {}): Promise<LoadResult> {
    const manifest = this.manifest();
    const table = findTable(manifest, name);
    const { readFile } = await import("./read-file.ts");
    const read = () => readFile(path, options.format, options);
    if (isRemote(path)) return this.load(table, path, 0, read, options);
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
    return this.load(table, path, source.size, read, options);
  }

  async loadArrow(name: string, data: ArrowTable | Uint8Array, options: LoadOptions = {}): Promise<LoadResult> {
    const table = findTable(this.manifest(), name);
    const { readArrowSource, readArrowTable } = await import("./read-arrow.ts");
    const label = `Arrow data for ${name}`;
    const read = () =>
      data instanceof Uint8Array ? readArrowSource(memorySource(label, data), options) : readArrowTable(label, data);
    return this.load(table, label, data instanceof Uint8Array ? data.length : 0, read, options);
  }

  private async load(
    table: ManifestTable,
    label: string,
    bytes: number,
    read: () => Promise<SourceTable>,
    options: LoadOptions,
  ): Promise<LoadResult> {
    const { definition } = table;
    const { prepareLoad, sameColumns } = await import("./prepare-load.ts");
    const place = { files: this.sessions.staging, rejects: this.directory, durable: !this.inMemory };
    const prepared = await prepareLoad(table, read, place, bytes, options);
    const { written } = prepared;
    let added = false;
    try {
      const manifest = await this.commit((before) => {
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
        const files = written.map(({ path, ...file }) => ({ name: `${randomUUID()}.arrow`, path, file }));
        for (const { name, path, file } of files) movePrepared(path, join(this.files, name), file.head !== undefined);
        if (!this.inMemory) syncDirectory(this.files);
        const load = {
          id: randomUUID(),
          source: label,
          contentHash: prepared.contentHash,
          contentBytes: bytes,
          rows: prepared.rows,
          time: new Date().toISOString(),
          token: before.tokens.length,
          files: files.map(({ name, file }) => ({ name, ...file })),
        };
        const keepSchema = rowsOf(now) > 0 || (prepared.rows === 0 && now.columns.length > 0);
        const loaded: ManifestTable = {
          ...now,
          columns: keepSchema ? now.columns : prepared.columns,
          keyType: keepSchema ? now.keyType : prepared.keyType,
          loads: [...now.loads, load],
        };
        added = true;
        return {
          ...before,
          tokens: [...before.tokens, newToken()],
          tables: before.tables.map((other) => (other.id === loaded.id ? loaded : other)),
        };
      });
      const now = storedTable(manifest, findTable(manifest, definition.name));
      const dataToken = manifest.tokens.at(-1)!.id;
      return { table: now, dataToken, rows: prepared.rows, added, ...prepared.rejects, warnings: prepared.warnings };
    } finally {
      for (const { path } of written) removePrepared(path);
    }
  }

  latestDataToken(): string {
    return this.manifest().tokens.at(-1)!.id;
  }

  snapshot(dataToken?: string): readonly TableSnapshot[] {
    return snapshotOf(this.manifest(), dataToken ?? null, this.files);
  }

  createView(name: string, expression: string, check?: ContentsCheck): Promise<StoredView> {
    return this.views.create(name, expression, check);
  }

  getView(name: string): StoredView {
    return this.views.get(name);
  }

  listViews(search = ""): readonly StoredView[] {
    return this.views.list(search);
  }

  deleteView(name: string, check?: ContentsCheck): Promise<void> {
    return this.views.delete(name, check);
  }

  async exclusively<T>(name: string, action: () => Promise<T>): Promise<T> {
    this.manifest();
    return new StoreLock(join(this.directory, name)).hold(LONG_LOCK_TIMEOUT_MS, action);
  }

  async recordQuery(query: Omit<StoredQuery, "id" | "createTime">): Promise<StoredQuery> {
    this.manifest();
    return this.queries.add(query);
  }

  getQuery(id: string): StoredQuery {
    const query = this.listQueries().find((candidate) => candidate.id === id);
    if (query === undefined)
      throw new TableError("not-found", `query not found: there is no query ${shown(String(id))}`);
    return query;
  }

  listQueries(search = ""): readonly StoredQuery[] {
    this.manifest();
    return this.queries.list().filter((query) => query.expression.includes(search));
  }

  async check(): Promise<readonly string[]> {
    const { damagedFiles } = await import("./damaged-files.ts");
    return damagedFiles(this.manifest(), this.files);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    if (!this.inMemory) {
      this.sessions.end();
    } else {
      process.removeListener("exit", this.removeAtExit);
      this.removeAtExit();
    }
    this.closed = true;
  }
}

function newManifest(): Manifest {
  return { revision: 0, tokens: [newToken()], tables: [], deletedTables: [], views: [] };
}
