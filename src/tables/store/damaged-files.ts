import { headFile } from "../prepared/prepared-head.ts";
import { readPrepared } from "../prepared/read-prepared.ts";
import { shown, TableError } from "../table-error.ts";
import { allFiles, preparedFile } from "./manifest-view.ts";
import type { Manifest } from "./store-manifest.ts";

/** Reads every file of a store and says which are damaged or missing. */
export function damagedFiles(manifest: Manifest, directory: string): string[] {
  const problems: string[] = [];
  for (const table of manifest.tables) {
    const columns = table.columns.map((column) => column.name);
    const files = allFiles(table).map((file) => preparedFile(file, directory));
    const heads = files.map(headFile).filter((head) => head !== null);
    for (const file of [...files, ...heads]) {
      try {
        readPrepared(file, columns, { verify: true });
      } catch (error) {
        if (!(error instanceof TableError)) throw error;
        problems.push(`table ${shown(table.definition.name)}: ${error.message}`);
      }
    }
  }
  return problems;
}
