import { valueAt } from "../../src/tables/column-data.ts";
import { readPrepared } from "../../src/tables/read-prepared.ts";
import type { LoadOptions, Store } from "../../src/tables/store.ts";

/** All rows of a store's only table, as its prepared files have them, files in the order of their hashes. */
export function loadedRows(store: Store): unknown[][] {
  const [table] = store.snapshot();
  const names = table!.columns.map(({ name }) => name);
  const files = [...table!.files].sort((a, b) => (BigInt(a.firstKeyHash) < BigInt(b.firstKeyHash) ? -1 : 1));
  return files.flatMap((file) => {
    const { rows, keyHash, time, subsort, columns } = readPrepared(file, names, { verify: true });
    return Array.from({ length: rows }, (_, row) => [
      keyHash[row],
      time[row],
      subsort[row],
      ...names.map((name) => valueAt(columns.get(name)!, row)),
    ]);
  });
}

/** Loads a file by the reader of whole files. */
export async function loadPlainly(store: Store, table: string, path: string, options: LoadOptions = {}) {
  return store.loadFile(table, path, { ...options, bulkBytes: Number.POSITIVE_INFINITY });
}
