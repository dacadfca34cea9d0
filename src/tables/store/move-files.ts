import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { movePrepared, removePrepared } from "../prepared/prepared-head.ts";
import type { WrittenFile } from "../prepared/write-prepared.ts";
import { storeFailure } from "../store-failure.ts";
import { filesOf } from "./manifest-view.ts";
import type { Commits } from "./store-commits.ts";
import type { ManifestFile } from "./store-manifest.ts";
import { syncDirectory } from "./store-manifest.ts";

/** Where a store keeps its data. */
export interface DataFolders {
  /** The store itself. */
  readonly store: string;
  /** Committed files. */
  readonly files: string;
  /** Where files are that are not committed yet; it is made if need be. */
  staging(): string;
  /** Whether files are on the disk when they are written. */
  readonly durable: boolean;
}

/** Prepared files on their way from where they were written to where committed ones are. */
export class FilesInMove {
  private readonly folders: DataFolders;
  private readonly commits: Commits;
  private readonly moved: ManifestFile[] = [];

  constructor(folders: DataFolders, commits: Commits) {
    this.folders = folders;
    this.commits = commits;
  }

  /** Moves files, as a part of the commit that makes them known. */
  move(written: readonly WrittenFile[]): readonly ManifestFile[] {
    const { files, durable } = this.folders;
    try {
      for (const { path, ...file } of written) {
        const name = `${randomUUID()}.arrow`;
        this.moved.push({ name, ...file });
        movePrepared(path, join(files, name), file.head !== undefined);
      }
      if (durable) syncDirectory(files);
    } catch (error) {
      throw storeFailure("write to the store in", files, error);
    }
    return this.moved;
  }

  /** Removes what was moved for a commit that failed; false where the commit came through all the same. */
  takeBack(): boolean {
    let committed: ReadonlySet<string>;
    try {
      committed = filesOf(this.commits.manifest());
    } catch {
      // What is committed cannot be told; what is not is swept when the store is opened again.
      return false;
    }
    if (this.moved.some(({ name }) => committed.has(name))) return false;
    for (const { name } of this.moved) removePrepared(join(this.folders.files, name));
    return true;
  }
}
