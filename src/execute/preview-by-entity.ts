import { type ResultForm, wantedParts } from "./query-batches.ts";
import { owned } from "./rows/allocate.ts";
import { numbersAsHashes } from "./rows/numbered-keys.ts";
import type { RowRun } from "./rows/row-run.ts";
import type { SpillPlace, StoredRows } from "./rows/stage-job.ts";
import { sortOutOfCore } from "./spill/external-sort.ts";
import { type RowOrder, sorted } from "./spill/merge-runs.ts";
import { RowPlaces } from "./spill/place-rows.ts";

/** The order of entities, whose rows are in that of time already. */
const BY_ENTITY: RowOrder = { keys: ({ keyHash }) => [{ values: keyHash }], ties: () => [] };

/** Rows in the order of time, as a preview chooses them, brought into that of entities. */
export function byEntity(rows: StoredRows): StoredRows {
  if (!rows.key?.numbered) return sorted(rows, BY_ENTITY, owned);
  return { ...sorted(numbersAsHashes(rows, 0), BY_ENTITY, owned), keyHash: rows.keyHash };
}

/** The same of rows that are in temporary files. */
export function chosenByEntity(runs: readonly RowRun[], form: ResultForm, spill: SpillPlace): RowRun {
  const { writer } = new RowPlaces(spill, 0);
  try {
    const run = sortOutOfCore(wantedParts(runs, form), BY_ENTITY, form.mostRows, writer, (rows) => rows);
    return run ?? wantedParts(runs, form)[Symbol.iterator]().next().value!;
  } finally {
    writer.close();
  }
}
