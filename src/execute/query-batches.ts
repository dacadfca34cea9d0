import type { AnswerParts } from "./entity-result.ts";
import { ownTexts } from "./key-dictionary.ts";
import { rowsThrough } from "./preview-run.ts";
import { unwatchResult, watchResult } from "./rows/garbage.ts";
import { concatRows, sliceRows } from "./rows/gather.ts";
import { heldRows } from "./rows/numbered-keys.ts";
import { bytesOf, type RowRun } from "./rows/row-run.ts";
import type { QueryRows, StoredRows } from "./rows/row-set.ts";
import { recycle, recycleHere, recycleTexts } from "./rows/spare-memory.ts";
import { readInParts } from "./spill/external-sort.ts";
import { RunMerge } from "./spill/merge-runs.ts";
import { type RunReader, runReader } from "./spill/run-reader.ts";
import { RESULT_ORDER } from "./stage/stored-rows.ts";

/** A query's answer, as a whole or in batches, in order. */
export interface QueryBatches {
  readonly rows: number;
  /** Whether it has several parts, which have to be put together to be one. */
  readonly isDivided: boolean;
  /** Whether the answer is too large for memory, so that batches are read from temporary files. */
  readonly isSpilled: boolean;
  /** All rows at once. */
  whole(): QueryRows;
  /** The rows a part at a time; at least one batch, which may have no rows. */
  batches(): Iterable<QueryRows>;
  /** Removes the temporary files, or has later answers use the memory of this one: nobody may read its rows afterwards. */
  release(): void;
}

/** An answer that is in memory as a whole. */
export function wholeAnswer(answer: QueryRows): QueryBatches {
  return heldAnswer({ parts: [answer], key: answer.key, whole: () => answer }, () => {
    // The dictionary of the keys is not read for that.
    const { name, type, values, valid } = answer.key;
    recycleHere({ ...heldRows(answer.rows), key: { name, type, values, ...(valid ? { valid } : {}) } });
  });
}

/** An answer in memory whose parts are those of `rows`. */
export function dividedAnswer(answer: AnswerParts, rows: readonly StoredRows[]): QueryBatches {
  return heldAnswer(answer, () => recycle(rows));
}

/** @param giveBack has later answers use the memory of the rows */
function heldAnswer(answer: AnswerParts, giveBack: () => void): QueryBatches {
  const rows = answer.parts.reduce((sum, part) => sum + part.rows.rows, 0);
  const isDivided = answer.parts.length > 1;
  // Whoever keeps what was given back does not keep its memory.
  let kept: HeldAnswer | null = { ...answer, giveBack, held: answer.parts.map(held), united: null };
  const present = () => {
    if (kept === null) throw new Error("the answer was given back");
    return kept;
  };
  return {
    rows,
    isDivided,
    isSpilled: false,
    whole() {
      const all = present();
      if (!isDivided) return all.parts[0]!;
      // Somebody may have parts, so that these go when nobody has them any more.
      all.united ??= held(all.whole());
      return all.united.answer;
    },
    *batches() {
      yield* present().parts;
    },
    release() {
      // Given back twice, it would be that of two answers.
      if (kept === null) return;
      const { held, united, key, giveBack } = kept;
      for (const { answer, bytes } of united ? [...held, united] : held) unwatchResult(answer.rows, bytes);
      giveBack();
      const texts = ownTexts(key);
      if (texts !== null) recycleTexts(texts);
      kept = null;
    },
  };
}

interface HeldAnswer extends AnswerParts {
  readonly held: readonly HeldPart[];
  /** All parts as one, once somebody has asked for that. */
  united: HeldPart | null;
  giveBack(): void;
}

interface HeldPart {
  readonly answer: QueryRows;
  readonly bytes: number;
}

function held(answer: QueryRows): HeldPart {
  const bytes = bytesOf(heldRows(answer.rows));
  watchResult(answer.rows, bytes);
  return { answer, bytes };
}

/** How the runs of a result become one. */
export interface ResultForm {
  /** In the order of time, or one run after the other. */
  readonly timed: boolean;
  readonly mostRows: number;
  /** The last time whose rows are wanted; null: all. Where it is given, it is not known how many rows there are. */
  readonly through: bigint | null;
  /** Rows after these are not wanted. */
  readonly limit: number;
  /** What the rows become in the end. */
  finish(rows: StoredRows): QueryRows;
  release(): void;
}

/** An answer that is put together while it is read, from runs that are in order. */
export function spilledAnswer(runs: readonly RowRun[], form: ResultForm): QueryBatches {
  const rows = Math.min(
    form.limit,
    runs.reduce((sum, run) => sum + run.rows, 0),
  );
  const parts = () => wantedParts(runs, form);
  const whole = () => form.finish(concatRows([...parts()]));
  const batches = function* () {
    for (const part of parts()) yield form.finish(part);
  };
  return { rows, isDivided: true, isSpilled: true, whole, batches, release: form.release };
}

/** The rows of runs in the order of a result, as far as they are wanted. */
export function wantedParts(runs: readonly RowRun[], form: ResultForm): Iterable<StoredRows> {
  return limited(orderedParts(runs, form), form.limit, form.through);
}

function* orderedParts(runs: readonly RowRun[], { timed, mostRows }: ResultForm): Generator<StoredRows> {
  const readers: RunReader[] = [];
  try {
    for (const run of runs) readers.push(runReader(run));
    if (!timed) {
      yield* readInParts(readers, mostRows);
      return;
    }
    const merge = new RunMerge(readers, RESULT_ORDER, mostRows);
    for (let rows = merge.next(); rows !== null; rows = merge.next()) yield rows;
  } finally {
    for (const reader of readers) reader.close();
  }
}

/** As many rows as are wanted, in parts. */
function* limited(parts: Iterable<StoredRows>, limit: number, through: bigint | null): Generator<StoredRows> {
  let left = limit;
  for (const part of parts) {
    const wanted = Math.min(left, through === null ? part.rows : rowsThrough(part.time, through));
    yield wanted === part.rows ? part : sliceRows(part, 0, wanted);
    left -= wanted;
    if (left === 0 || wanted < part.rows) return;
  }
}
