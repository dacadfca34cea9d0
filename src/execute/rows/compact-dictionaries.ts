import { compactDictionary } from "./dictionary.ts";
import type { StoredRows } from "./row-set.ts";

/** Rows whose dictionaries have no more values than the rows use; dictionaries no larger than the rows stay. */
export function compactDictionaries(rows: StoredRows): StoredRows {
  const columns = rows.columns.map(compactDictionary);
  return { ...rows, columns, ...(rows.key ? { key: compactDictionary(rows.key) } : {}) };
}
