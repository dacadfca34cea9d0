import { valueAt } from "../../src/tables/column-data.ts";
import { readPrepared } from "../../src/tables/prepared/read-prepared.ts";
import type { LoadOptions, Store } from "../../src/tables/store/store.ts";
import type { PreparedFile, TableColumn } from "../../src/tables/table-snapshot.ts";

/** All rows of prepared files, files in the order of their hashes. */
export function rowsOfFiles(files: readonly PreparedFile[], columns: readonly TableColumn[]): unknown[][] {
  const names = columns.map(({ name }) => name);
  const sorted = [...files].sort((a, b) => (BigInt(a.firstKeyHash) < BigInt(b.firstKeyHash) ? -1 : 1));
  return sorted.flatMap((file) => {
    const { rows, keyHash, time, subsort, columns: read } = readPrepared(file, names, { verify: true });
    return Array.from({ length: rows }, (_, row) => [
      keyHash[row],
      time[row],
      subsort[row],
      ...names.map((name) => valueAt(read.get(name)!, row)),
    ]);
  });
}

/** All rows of a store's only table. */
export function loadedRows(store: Store): unknown[][] {
  const [table] = store.snapshot();
  return rowsOfFiles(table!.files, table!.columns);
}

/** Loads a file by the reader of whole files. */
export async function loadPlainly(store: Store, table: string, path: string, options: LoadOptions = {}) {
  return store.loadFile(table, path, { ...options, bulkBytes: Number.POSITIVE_INFINITY });
}
