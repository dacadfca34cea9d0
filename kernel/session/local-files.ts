import { statSync } from "node:fs";

interface LocalFile {
  version: number;
  /** Modification time and size when it was last looked at. */
  stamp: string;
  readonly importers: Set<string>;
}

/** The user's own files that have been imported. A changed one, and all that import it, are loaded again. */
export class LocalFiles {
  readonly #files = new Map<string, LocalFile>();
  #generation = 0;

  /** Looks for changes since the last time. */
  refresh(): void {
    const changed = [...this.#files].filter(([path, file]) => fileStamp(path) !== file.stamp);
    if (changed.length === 0) return;
    this.#generation++;
    for (const [path, file] of changed) {
      file.stamp = fileStamp(path);
      this.#raise(path);
    }
  }

  /** Has a file and what it imports loaded again although nothing changed, because loading them had failed. */
  renew(path: string): void {
    this.#generation++;
    const imported = new Set([path]);
    for (const parent of imported) {
      for (const [child, { importers }] of this.#files) if (importers.has(parent)) imported.add(child);
    }
    for (const file of imported) this.#raise(file);
  }

  /** The version under which to load a file; 0 is the first. @param importer the local file that imports it. */
  version(path: string, importer: string | null): number {
    let file = this.#files.get(path);
    if (file === undefined) {
      file = { version: 0, stamp: fileStamp(path), importers: new Set() };
      this.#files.set(path, file);
    }
    if (importer !== null) file.importers.add(importer);
    return file.version;
  }

  #raise(path: string): void {
    const file = this.#files.get(path);
    if (file === undefined || file.version === this.#generation) return;
    file.version = this.#generation;
    for (const importer of file.importers) this.#raise(importer);
  }
}

/** A text that differs when a file has been written again. */
export function fileStamp(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat === undefined ? "gone" : `${stat.mtimeNs} ${stat.size}`;
}
