import { sliceRows } from "./gather.ts";
import { lowerBound, upperBound } from "./load-scan.ts";
import type { HashRange, StoredRows } from "./stage-job.ts";

/** Rows that one run of a stage takes in; more are divided among ranges of key hashes. */
const ROWS_PER_BUCKET = 1 << 20;
/** Below this many rows another thread costs more than it saves. */
const ROWS_WORTH_A_THREAD = 1 << 16;

/** Equal ranges of the key hashes, a power of two of them, so that a range holds a bounded number of rows. */
export function hashRanges(rows: number, threads: number): HashRange[] {
  const wanted = Math.max(
    Math.ceil(rows / ROWS_PER_BUCKET),
    Math.min(threads, Math.ceil(rows / ROWS_WORTH_A_THREAD)),
    1,
  );
  const bits = Math.ceil(Math.log2(wanted));
  const size = 1n << BigInt(64 - bits);
  return Array.from({ length: 1 << bits }, (_, index) => ({
    first: (BigInt(index) * size).toString(),
    last: (BigInt(index + 1) * size - 1n).toString(),
  }));
}

/** The rows of a range, from rows that are sorted by key hash. */
export function rowsOfRange(rows: StoredRows, range: HashRange): StoredRows {
  const from = lowerBound(rows.keyHash, BigInt(range.first));
  const to = upperBound(rows.keyHash, BigInt(range.last));
  return from === 0 && to === rows.rows ? rows : sliceRows(rows, from, to);
}
