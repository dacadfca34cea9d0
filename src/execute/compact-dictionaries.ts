import type { HostValue } from "../values/host-value.ts";
import type { RowSetColumn, StoredRows } from "./row-set.ts";

/** Rows whose dictionaries have no more values than the rows use; dictionaries no larger than the rows stay. */
export function compactDictionaries(rows: StoredRows): StoredRows {
  const isLarge = (column: RowSetColumn) => (column.dictionary?.length ?? 0) > rows.rows;
  if (!rows.columns.some(isLarge) && !(rows.key && isLarge(rows.key))) return rows;
  const compact = (column: RowSetColumn) => (isLarge(column) ? compacted(column, rows.rows) : column);
  return { ...rows, columns: rows.columns.map(compact), ...(rows.key ? { key: compact(rows.key) } : {}) };
}

function compacted(column: RowSetColumn, rows: number): RowSetColumn {
  const { dictionary, valid } = column;
  const codes = column.values as Int32Array;
  const known = new Map<number, number>();
  const used: HostValue[] = [];
  const values = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    if (valid && !valid[row]) continue;
    const code = codes[row]!;
    let own = known.get(code);
    if (own === undefined) {
      own = used.push(dictionary![code]!) - 1;
      known.set(code, own);
    }
    values[row] = own;
  }
  return { ...column, values, dictionary: used };
}
