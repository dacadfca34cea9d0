import type { Stage } from "../plan/stages.ts";
import type { PreparedFile, TableSnapshot } from "../tables/table-snapshot.ts";
import type { ChainSource, HashRange } from "./rows/stage-job.ts";

/** Rows that one run of a stage takes in at most, unless one range of few entities has more. */
const ROWS_PER_BUCKET = 1 << 20;
/** The same where it hands out a row for each entity only. */
const FINAL_ROWS_PER_BUCKET = 1 << 22;
/** Below this many rows another thread costs more than it saves. */
const ROWS_WORTH_A_THREAD = 1 << 16;
/** What a row takes while a stage runs: its columns as they are read and as they are handed out. */
const BYTES_PER_ROW = 256;
const MOST_BITS = 12;
/** Prepared files have a million rows at most, unless one entity has more. */
const MOST_BRIEF_ROWS = 1 << 21;

/** As many windows of a source are in what a run may take, so that these rows are read as a whole. */
const WINDOWS_IN_LIMIT = 4;

/** Values of the rows that one run takes in and hands out, at most, about: those of tables of many columns. */
const BUCKET_BYTES = 1 << 27;

/**
 * How many equal ranges of the key hashes the rows of stages are divided among, as a power of two, so that `threads` of
 * them at a time stay within a limit of memory.
 * @param fields of the result
 * @param textBytes of a row, at most
 */
export function bucketBits(
  stages: readonly Stage[],
  tables: ReadonlyMap<string, TableSnapshot>,
  fields: number,
  threads: number,
  memoryLimit: number,
  textBytes = 0,
): number {
  const rows = Math.max(0, ...stages.map((stage) => scannedRows(stage, tables)));
  const rowBytes = bytesPerRow(stages, fields);
  const inLimit = memoryLimit / (threads * Math.max(BYTES_PER_ROW, rowBytes + textBytes));
  const isFinal = stages.every(({ sink }) => sink.kind === "final");
  const most = Math.max(ROWS_PER_BUCKET, isFinal ? Math.min(FINAL_ROWS_PER_BUCKET, inLimit / WINDOWS_IN_LIMIT) : 0);
  const rowsPerBucket = Math.max(1, Math.min(most, BUCKET_BYTES / rowBytes, inLimit));
  const wanted = Math.max(Math.ceil(rows / rowsPerBucket), Math.min(threads, threadsWorth(rows)), 1);
  return Math.min(MOST_BITS, Math.ceil(Math.log2(wanted)));
}

/** Bytes of the values that a stage reads and hands out for a row, at most, about, without those of texts and lists. */
export function bytesPerRow(stages: readonly Stage[], fields: number): number {
  const values = stages.map(({ sources, sink }) => {
    const read = sources.reduce((sum, source) => sum + ("values" in source ? source.values.length : 0), 0);
    return read + (sink.kind === "stored" ? sink.columns.length : fields);
  });
  return 8 * Math.max(0, ...values);
}

/** How many threads are of use for so many rows. */
export function threadsWorth(rows: number): number {
  return Math.ceil(rows / ROWS_WORTH_A_THREAD);
}

/** 2^`bits` equal ranges of the key hashes. */
export function hashRanges(bits: number): HashRange[] {
  const size = 1n << BigInt(64 - bits);
  return Array.from({ length: 1 << bits }, (_, index) => ({
    first: (BigInt(index) * size).toString(),
    last: (BigInt(index + 1) * size - 1n).toString(),
  }));
}

/** Whether a file has entities of a range. */
export function hasAny(file: PreparedFile, { first, last }: HashRange): boolean {
  return BigInt(file.lastKeyHash) >= BigInt(first) && BigInt(file.firstKeyHash) <= BigInt(last);
}

/** Whether a run reads no more rows than a range has that is not that of one large entity. */
export function isBrief(sources: readonly ChainSource[]): boolean {
  const rows = (source: ChainSource): number => {
    if (source.kind === "chained") return 0;
    if (source.kind === "sent") return source.parts.reduce((sum, part) => sum + part.rows, 0);
    return source.kind === "rows" ? source.rows.rows : Math.max(0, ...source.files.map(({ file }) => file.rows));
  };
  return sources.every((source) => rows(source) <= MOST_BRIEF_ROWS);
}

/** How many rows of tables a stage reads, of all entities. */
export function scannedRows(stage: Stage, tables: ReadonlyMap<string, TableSnapshot>): number {
  return stage.sources.reduce((sum, source) => {
    if (source.kind !== "scan") return sum;
    return sum + tables.get(source.table)!.files.reduce((rows, file) => rows + file.rows, 0);
  }, 0);
}
