import { removePrepared } from "../prepared/prepared-head.ts";
import type { WrittenFile } from "../prepared/write-prepared.ts";
import { storeFailure } from "../store-failure.ts";
import { shown, TableError } from "../table-error.ts";
import { findTable, preparedFile, tableFiles } from "./manifest-view.ts";
import type { DataFolders } from "./move-files.ts";
import { FilesInMove } from "./move-files.ts";
import type { Commits } from "./store-commits.ts";
import type { ManifestFile, ManifestTable } from "./store-manifest.ts";

/** How a table is compacted. */
export interface CompactOptions {
  /** Whether versions of the data before the table's last load can no longer be read, so that their files can go. */
  readonly forgetVersions?: boolean;
  readonly signal?: AbortSignal;
}

/** What became of a table's files. */
export interface Compaction {
  readonly table: string;
  /** How many files the newest version of the table had, and has. */
  readonly filesBefore: number;
  readonly filesAfter: number;
  /** How many files and bytes are kept for older versions only. */
  readonly olderFiles: number;
  readonly olderBytes: number;
}

function describe(name: string, filesBefore: number, table: ManifestTable): Compaction {
  const current = tableFiles(table, Number.POSITIVE_INFINITY) ?? [];
  const read = new Set(current.map((file) => file.name));
  const all = [...table.loads, ...(table.merged ?? [])].flatMap(({ files }) => files);
  const older = all.filter((file) => !read.has(file.name));
  const olderBytes = older.reduce((sum, { bytes, head }) => sum + bytes + (head?.bytes ?? 0), 0);
  return { table: name, filesBefore, filesAfter: current.length, olderFiles: older.length, olderBytes };
}

/**
 * Merges the files that loads have left of a table into few. What a version of the data holds stays as it was; older
 * versions are read from the loads' own files, as long as these are kept.
 */
export class StoreCompaction {
  private readonly commits: Commits;
  private readonly folders: DataFolders;

  constructor(commits: Commits, folders: DataFolders) {
    this.commits = commits;
    this.folders = folders;
  }

  async compact(name: string, { forgetVersions = false, signal }: CompactOptions): Promise<Compaction> {
    const table = findTable(this.commits.manifest(), name);
    const last = table.loads.at(-1);
    if (last === undefined) return describe(name, 0, table);
    const { token } = last;
    const files = tableFiles(table, token) ?? [];
    const written = await this.merge(table, files, signal);
    const moving = new FilesInMove(this.folders, this.commits);
    try {
      const manifest = await this.commits.commit((before) => {
        const current = before.tables.find(({ id }) => id === table.id);
        if (current === undefined || current.merged?.at(-1)?.token !== table.merged?.at(-1)?.token) {
          const message = `table ${shown(name)} was deleted or compacted by another process meanwhile; nothing was changed`;
          throw new TableError("store", message);
        }
        if (written === null && !forgetVersions) return null;
        const newest = { token, files: written === null ? files : moving.move(written) };
        const forgotten = current.loads.map((load) => (load.token <= token ? { ...load, files: [] } : load));
        const next: ManifestTable = forgetVersions
          ? { ...current, loads: forgotten, merged: [newest] }
          : { ...current, merged: [...(current.merged ?? []), newest] };
        return { ...before, tables: before.tables.map((other) => (other === current ? next : other)) };
      });
      return describe(name, files.length, findTable(manifest, name));
    } catch (error) {
      moving.takeBack();
      throw error;
    } finally {
      for (const { path } of written ?? []) removePrepared(path);
    }
  }

  /** Fewer files with the same rows, not committed yet; null where these files are few already. */
  private async merge(
    table: ManifestTable,
    files: readonly ManifestFile[],
    signal: AbortSignal | undefined,
  ): Promise<readonly WrittenFile[] | null> {
    const { fewestFiles, mergePrepared } = await import("../prepared/merge-prepared.ts");
    if (files.length <= fewestFiles(files)) return null;
    const { staging, durable, store } = this.folders;
    const sources = files.map((file) => preparedFile(file, this.folders.files));
    try {
      return await mergePrepared(sources, table.columns, {
        key: table.definition.keyColumn,
        directory: staging(),
        durable,
        signal,
      });
    } catch (error) {
      throw storeFailure("write to the store in", store, error);
    }
  }
}
