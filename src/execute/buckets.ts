import type { HashRange } from "./stage-job.ts";

/** Rows that one run of a stage takes in; more are divided among ranges of key hashes. */
const ROWS_PER_BUCKET = 1 << 20;
/** Below this many rows another thread costs more than it saves. */
const ROWS_WORTH_A_THREAD = 1 << 16;

/** How many equal ranges of the key hashes `rows` are divided among, as a power of two. */
export function bucketBits(rows: number, threads: number): number {
  const wanted = Math.max(
    Math.ceil(rows / ROWS_PER_BUCKET),
    Math.min(threads, Math.ceil(rows / ROWS_WORTH_A_THREAD)),
    1,
  );
  return Math.ceil(Math.log2(wanted));
}

/** 2^`bits` equal ranges of the key hashes. */
export function hashRanges(bits: number): HashRange[] {
  const size = 1n << BigInt(64 - bits);
  return Array.from({ length: 1 << bits }, (_, index) => ({
    first: (BigInt(index) * size).toString(),
    last: (BigInt(index + 1) * size - 1n).toString(),
  }));
}
