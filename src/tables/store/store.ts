import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Table as ArrowTable } from "apache-arrow";
import { discard } from "../discard.ts";
import { storeFailure } from "../store-failure.ts";
import type { TableDefinition } from "../table-definition.ts";
import { shown, TableError } from "../table-error.ts";
import type { TableSnapshot } from "../table-snapshot.ts";
import type { StoredTable } from "./manifest-view.ts";
import { contentsOf, snapshotOf } from "./manifest-view.ts";
import type { StoredQuery } from "./query-log.ts";
import { QueryLog } from "./query-log.ts";
import type { Commits, ContentsCheck } from "./store-commits.ts";
import type { Compaction, CompactOptions } from "./store-compaction.ts";
import { StoreCompaction } from "./store-compaction.ts";
import { defaultDirectory, temporaryDirectory } from "./store-directory.ts";
import type { LoadOptions, LoadResult } from "./store-loads.ts";
import { StoreLoads } from "./store-loads.ts";
import { StoreLock } from "./store-lock.ts";
import type { Manifest, StoredView } from "./store-manifest.ts";
import { ManifestFileOfStore, newToken } from "./store-manifest.ts";
import { StoreMaterializations } from "./store-materializations.ts";
import { StoreSessions } from "./store-sessions.ts";
import { StoreTables } from "./store-tables.ts";
import { StoreViews } from "./store-views.ts";

export type { LoadProgress } from "../load-progress.ts";
export type { StoreContents, StoredLoad, StoredTable } from "./manifest-view.ts";
export type { StoredQuery } from "./query-log.ts";
export type { ContentsCheck } from "./store-commits.ts";
export type { Compaction, CompactOptions } from "./store-compaction.ts";
export type { LoadOptions, LoadResult } from "./store-loads.ts";
export type {
  MaterializationDestination,
  MaterializationRun,
  StoredMaterialization,
  StoredView,
} from "./store-manifest.ts";
export type { MaterializationDefinition } from "./store-materializations.ts";

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
  /** Merges the files that loads have left of a table into few; the table's data stays as it is. */
  compact(name: string, options?: CompactOptions): Promise<Compaction>;
  /** Removes files that no version of the data has any more, unless other processes may read them. */
  sweep(): Promise<void>;
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
/** How long opening a store waits for another writer to clear up. */
const TIDY_TIMEOUT_MS = 1_000;
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
  private readonly loads: StoreLoads;
  private readonly compaction: StoreCompaction;
  private readonly views: StoreViews;
  private readonly files: string;
  private readonly inMemory: boolean;
  private readonly lockTimeout: number;
  private readonly manifestFile: ManifestFileOfStore;
  private readonly lock: StoreLock;
  private readonly sessions: StoreSessions;
  private readonly queries: QueryLog;
  private readonly removeAtExit = () => discard(this.directory);
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
    const staging = () => this.sessions.staging();
    const folders = { store: directory, files: this.files, staging, durable: !inMemory };
    this.loads = new StoreLoads(commits, folders);
    this.compaction = new StoreCompaction(commits, folders);
    this.views = new StoreViews(commits);
    this.materializations = new StoreMaterializations(commits);
  }

  async open(): Promise<void> {
    if (this.inMemory) process.once("exit", this.removeAtExit);
    try {
      if (this.manifestFile.read() === null) await this.make();
      else await this.tidy();
    } catch (error) {
      throw storeFailure("open the store in", this.directory, error);
    }
  }

  private async make(): Promise<void> {
    mkdirSync(this.directory, { recursive: true });
    this.sessions.begin();
    await this.lock.hold(this.lockTimeout, () => {
      if (this.manifestFile.read() === null) this.manifestFile.write({ ...newManifest(), revision: 1 });
    });
  }

  /** Clears up; where that cannot be done now, as another process writes or the disk refuses, reading still can be. */
  private async tidy(): Promise<void> {
    try {
      this.sessions.begin();
      await this.lock.hold(Math.min(TIDY_TIMEOUT_MS, this.lockTimeout), () => {
        this.sessions.sweep(this.manifest());
        this.queries.compact();
      });
    } catch (error) {
      const failure = storeFailure("open the store in", this.directory, error);
      if (!(failure instanceof TableError && failure.kind === "store")) throw error;
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

  loadFile(name: string, path: string, options: LoadOptions = {}): Promise<LoadResult> {
    return this.loads.file(name, path, options);
  }

  loadArrow(name: string, data: ArrowTable | Uint8Array, options: LoadOptions = {}): Promise<LoadResult> {
    return this.loads.arrow(name, data, options);
  }

  compact(name: string, options: CompactOptions = {}): Promise<Compaction> {
    return this.compaction.compact(name, options);
  }

  async sweep(): Promise<void> {
    await this.lock.hold(this.lockTimeout, () => this.sessions.sweep(this.manifest()));
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
