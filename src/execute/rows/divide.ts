import type { StoredRows } from "./stage-job.ts";

/** Rows by the range of key hashes that they belong to. */
export interface DividedRows {
  /** All of them, those of a range together; where there is one range only, the very rows that were divided. */
  readonly whole: StoredRows;
  /** Views of these, without ranges that have no rows. */
  readonly ranges: readonly (readonly [range: number, rows: StoredRows])[];
}

/** Rows that all belong to one range, which is the only one. */
export function undividedRows(rows: StoredRows): DividedRows {
  return { whole: rows, ranges: rows.rows === 0 ? [] : [[0, rows]] };
}
