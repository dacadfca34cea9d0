import { rmSync } from "node:fs";
import { owned } from "../rows/allocate.ts";
import { concatRows } from "../rows/gather.ts";
import type { RowRun, SpilledBlock, SpilledRun } from "../rows/row-run.ts";
import type { StoredRows } from "../rows/row-set.ts";
import { type RowOrder, RunMerge, sorted } from "./merge-runs.ts";
import { type RunReader, runReader } from "./run-reader.ts";
import { SpillWriter } from "./spill-file.ts";

/** What is done to rows in order on their way out, given those in front of them. */
export type Adjust = (rows: StoredRows, before: StoredRows | null) => StoredRows;

/**
 * Puts rows in order of which only about `mostRows` are in memory at a time: sorted parts are written to a temporary
 * file, and merged into `out`. Rows that are equal stay as they come. Null where there are no rows.
 */
export function sortOutOfCore(
  parts: Iterable<StoredRows>,
  order: RowOrder,
  mostRows: number,
  out: SpillWriter,
  adjust: Adjust,
): SpilledRun | null {
  const scratch = new SpillWriter(`${out.path}.parts`);
  const readers: RunReader[] = [];
  try {
    for (const rows of sortedParts(parts, order, mostRows)) readers.push(runReader(scratch.run(rows)));
    return writeInOrder(merged(new RunMerge(readers, order, mostRows)), out, adjust);
  } finally {
    for (const reader of readers) reader.close();
    scratch.close();
    rmSync(scratch.path, { force: true });
  }
}

function* merged(merge: RunMerge): Generator<StoredRows> {
  for (let rows = merge.next(); rows !== null; rows = merge.next()) yield rows;
}

/** Writes rows that come in order into `out`. Null where there are none. */
export function writeInOrder(parts: Iterable<StoredRows>, out: SpillWriter, adjust: Adjust): SpilledRun | null {
  const blocks: SpilledBlock[] = [];
  let before: StoredRows | null = null;
  for (const rows of parts) {
    const adjusted: StoredRows = adjust(rows, before);
    blocks.push(...out.run(adjusted).blocks);
    before = adjusted;
  }
  return blocks.length === 0 ? null : out.runOf(blocks);
}

/** Merges runs that are in order into one, in `out`; only about `mostRows` of their rows are in memory at a time. */
export function mergedRun(runs: readonly RowRun[], order: RowOrder, mostRows: number, out: SpillWriter): SpilledRun {
  const readers: RunReader[] = [];
  try {
    for (const run of runs) readers.push(runReader(run));
    const merge = new RunMerge(readers, order, mostRows);
    const parts: SpilledRun[] = [];
    for (let rows = merge.next(); rows !== null; rows = merge.next()) parts.push(out.run(rows));
    return out.runOf(parts.flatMap(({ blocks }) => blocks));
  } finally {
    for (const reader of readers) reader.close();
  }
}

/** Parts joined to about `mostRows` rows, each in order. */
function* sortedParts(parts: Iterable<StoredRows>, order: RowOrder, mostRows: number): Generator<StoredRows> {
  let waiting: StoredRows[] = [];
  let rows = 0;
  for (const part of parts) {
    if (rows > 0 && rows + part.rows > mostRows) {
      yield sorted(concatRows(waiting, owned), order, owned);
      [waiting, rows] = [[], 0];
    }
    waiting.push(part);
    rows += part.rows;
  }
  if (waiting.length > 0) yield sorted(concatRows(waiting, owned), order, owned);
}

/** The rows of runs one after the other, at most about `mostRows` at a time. */
export function* readInParts(runs: readonly RunReader[], mostRows: number): Generator<StoredRows> {
  for (const reader of runs) {
    for (let from = 0; from < reader.rows; ) {
      const rows = reader.read(from, Math.min(reader.rows, from + mostRows));
      yield rows;
      from += rows.rows;
    }
  }
}
