import { createHash, randomUUID } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import type { FenlType } from "../../values/fenl-type.ts";
import { discard } from "../discard.ts";
import { storeFailure } from "../store-failure.ts";
import type { TableDefinition } from "../table-definition.ts";
import { TableError } from "../table-error.ts";
import type { PreparedFile, TableColumn } from "../table-snapshot.ts";
import { writeNewFile } from "../write-new-file.ts";

/** The version of the store's layout that this program writes; it refuses greater ones. */
export const STORE_FORMAT = 4;

/** A prepared file of a load, by its name in the store's `files`. */
export type ManifestFile = Omit<PreparedFile, "path"> & { readonly name: string; readonly bytes: number };

/** One load of a table: a file's rows. */
export interface ManifestLoad {
  readonly id: string;
  /** What was loaded, as a person would name it. */
  readonly source: string;
  /** SHA-256 of the loaded bytes, in hex. */
  readonly contentHash: string;
  /** How many bytes were loaded. */
  readonly contentBytes: number;
  readonly rows: number;
  /** ISO text. */
  readonly time: string;
  /** The place in `tokens` of the version that has this load. */
  readonly token: number;
  /** Empty where there are no rows, or where older versions were given up after the rows were merged with others. */
  readonly files: readonly ManifestFile[];
}

/** A table with its schema and loads. */
export interface ManifestTable {
  readonly id: string;
  readonly definition: TableDefinition;
  /** ISO text. */
  readonly createTime: string;
  /** The newest place in `tokens` when the table was created. */
  readonly createToken: number;
  /** Empty before the first load. */
  readonly columns: readonly TableColumn[];
  /** Null before the first load. */
  readonly keyType: FenlType | null;
  readonly loads: readonly ManifestLoad[];
  /** Files with the rows of all loads up to a version, by ascending versions: they are read instead of the loads'. */
  readonly merged?: readonly MergedLoads[];
}

/** The rows of a table's loads up to one, merged into files of their own. */
export interface MergedLoads {
  /** The place in `tokens` of the last load's version. */
  readonly token: number;
  readonly files: readonly ManifestFile[];
}

/** A table that is gone, so that versions of the data that had it can say so. */
export interface DeletedTable {
  readonly name: string;
  readonly createToken: number;
  readonly deleteToken: number;
}

/** A version of the data. */
export interface ManifestToken {
  readonly id: string;
  /** ISO text. */
  readonly time: string;
}

/** A named Fenl expression. */
export interface StoredView {
  readonly name: string;
  readonly expression: string;
  /** ISO text. */
  readonly createTime: string;
}

/** Where a materialization's rows go. */
export type MaterializationDestination =
  /** A file named after the materialization in a folder. */
  | { readonly kind: "files"; readonly fileType: "parquet" | "csv"; readonly folder: string }
  /** A table of a local DuckDB database. */
  | { readonly kind: "duckdb"; readonly database: string; readonly table: string };

/** What a materialization last did, whether it worked or not. */
export interface MaterializationRun {
  /** The version of the data that was read. */
  readonly dataToken: string;
  /** ISO text. */
  readonly time: string;
  readonly rows: number;
  /** Of all entities, how many were computed: all, or those with new events. */
  readonly computedEntities: number | null;
  /** Rows of tables that were read for it; not in what earlier versions wrote. */
  readonly rowsRead?: number;
}

/** An expression whose rows are kept up to date at a destination. */
export interface StoredMaterialization {
  readonly id: string;
  readonly name: string;
  readonly expression: string;
  readonly destination: MaterializationDestination;
  readonly resultBehavior: "all-results" | "final-results";
  /** Its caller's, as JSON. */
  readonly slice: unknown;
  /** ISO text. */
  readonly createTime: string;
  /** The output that is there. */
  readonly lastRun: MaterializationRun | null;
  /** Why the output is not of the newest data. */
  readonly failure: { readonly message: string; readonly time: string } | null;
}

/** All that a store knows, as one file. */
export interface Manifest {
  /** Counts the commits. */
  readonly revision: number;
  readonly tokens: readonly ManifestToken[];
  readonly tables: readonly ManifestTable[];
  readonly deletedTables: readonly DeletedTable[];
  readonly views: readonly StoredView[];
  /** Absent in stores that never had one. */
  readonly materializations?: readonly StoredMaterialization[];
}

/** A new version of the data. */
export function newToken(): ManifestToken {
  return { id: randomUUID(), time: new Date().toISOString() };
}

/** A store's manifest file, read when it changed and replaced as a whole. */
export class ManifestFileOfStore {
  private readonly path: string;
  private readonly previousPath: string;
  private readonly directory: string;
  private readonly durable: boolean;
  private cached: { readonly stamp: string; readonly manifest: Manifest } | undefined;

  constructor(directory: string, durable: boolean) {
    this.directory = directory;
    this.path = join(directory, "manifest.json");
    this.previousPath = join(directory, "manifest.previous.json");
    this.durable = durable;
  }

  /** What was last committed, or null in a new store. */
  read(): Manifest | null {
    let text: string;
    let stamp: string;
    try {
      const stat = statSync(this.path, { bigint: true });
      stamp = `${stat.ino} ${stat.mtimeNs} ${stat.size}`;
      if (this.cached?.stamp === stamp) return this.cached.manifest;
      text = readFileSync(this.path, "utf8");
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR") return null;
      throw storeFailure("read", this.path, error);
    }
    const manifest = this.parse(text);
    this.cached = { stamp, manifest };
    return manifest;
  }

  private parse(text: string): Manifest {
    let content: { format?: unknown; checksum?: unknown; store?: Manifest };
    try {
      content = JSON.parse(text);
    } catch (error) {
      throw this.damaged("it is not whole", error);
    }
    if (typeof content?.format !== "number") throw this.damaged("it has no format number");
    if (content.format > STORE_FORMAT) {
      const message = `the store in ${this.directory} has format ${content.format}, and this program knows formats up to ${STORE_FORMAT}: use a newer fenl, or another directory`;
      throw new TableError("store", message, { file: this.path });
    }
    if (content.store === undefined || content.checksum !== checksumOf(JSON.stringify(content.store))) {
      throw this.damaged("its checksum does not fit its content");
    }
    return content.store;
  }

  private damaged(why: string, cause?: unknown): TableError {
    const message = `${this.path} is damaged: ${why}; to go on with the version before, copy ${this.previousPath} over it`;
    return new TableError("store", message, { file: this.path }, { cause });
  }

  /** Puts a manifest in place of the last, atomically; the caller holds the lock. */
  write(manifest: Manifest): void {
    const draft = `${this.path}.${randomUUID()}`;
    const store = JSON.stringify(manifest);
    const text = `{"format":${STORE_FORMAT},"checksum":"${checksumOf(store)}","store":${store}}\n`;
    try {
      writeNewFile(draft, Buffer.from(text), this.durable);
      this.keepPrevious();
      renameSync(draft, this.path);
    } catch (error) {
      discard(draft);
      throw storeFailure("write", this.path, error);
    }
    if (!this.durable) return;
    try {
      syncDirectory(this.directory);
    } catch (error) {
      // Whoever reads sees the change already, so that it cannot be taken back.
      throw storeFailure(
        "tell whether the change, which is made, outlasts a failure of the power: cannot flush",
        this.directory,
        error,
      );
    }
  }

  private keepPrevious(): void {
    const link = `${this.previousPath}.${randomUUID()}`;
    try {
      linkSync(this.path, link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      throw error;
    }
    renameSync(link, this.previousPath);
  }
}

function checksumOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Makes a directory's entries durable. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
