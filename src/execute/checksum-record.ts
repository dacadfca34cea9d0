import { isAsWritten } from "../tables/prepared/written-here.ts";
import type { PreparedFile } from "../tables/table-snapshot.ts";

/** Files whose checksums were found right in this process. */
const verified = new Set<string>();

/**
 * Sees to it that a query's files are verified once in the life of the process, by the first run that reads them; those
 * that the process has written itself need not be.
 */
export class ChecksumRecord {
  readonly #claimed = new Set<string>();

  /** True where the asking run is to verify the file. */
  claim({ path, crc32 }: PreparedFile): boolean {
    if (crc32 === undefined || verified.has(path) || this.#claimed.has(path)) return false;
    if (isAsWritten(path)) {
      verified.add(path);
      return false;
    }
    this.#claimed.add(path);
    return true;
  }

  /** All runs so far have succeeded. */
  confirm(): void {
    for (const path of this.#claimed) verified.add(path);
    this.#claimed.clear();
  }
}
