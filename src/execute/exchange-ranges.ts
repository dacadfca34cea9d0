import { assemble } from "../compile/assemble.ts";
import type { KeyDictionary } from "./key-dictionary.ts";
import { TIME_SORT_WAT } from "./order/time-sort-wat.ts";
import type { MemoryPlan } from "./rows/memory-plan.ts";
import type { RowRun } from "./rows/row-run.ts";
import type { ExchangeJob, JobResult, SentSource, SpillPlace, StoredRows } from "./rows/stage-job.ts";
import { exchangeRows } from "./stage/exchange-rows.ts";
import { runOnWorker } from "./worker-pool.ts";

/** Rows that the main thread puts in order itself: asking a worker costs more. */
const ROWS_WORTH_A_JOB = 1 << 12;

/** What a request takes with its answer, but for what it asks for, about. */
const BYTES_PER_REQUEST = 80;
const BYTES_PER_PART = 9;

/**
 * Whether all requests that a stage makes of some rows can stay in memory until they are answered.
 * @param parts how many values each asks for
 */
export function areKept(
  sources: readonly { readonly rows: number }[],
  parts: number,
  { heldBytes }: MemoryPlan,
): boolean {
  const rows = sources.reduce((sum, source) => sum + source.rows, 0);
  return rows * (BYTES_PER_REQUEST + parts * BYTES_PER_PART) <= heldBytes;
}

/** What several runs sent to one range of entities, whose keys are of the query's dictionary. */
export type SentRange = Pick<SentSource, "parts" | "keyBases" | "asked">;

/**
 * What was sent to each range of entities.
 * @param asked for answers that are written to their requests' places: the requests of each range
 */
export function sentRanges(
  results: readonly JobResult[],
  keys: KeyDictionary,
  asked: readonly (readonly StoredRows[])[] | null,
): SentRange[] {
  const form = results[0]!.rows[0]!;
  return results.map((_, range) => {
    const sent = results.flatMap(({ divided }) => divided![range]!);
    const adopted = (sent.length === 0 ? [form] : sent).map((rows) => keys.adopt(rows));
    const parts = adopted.map(({ run }) => run);
    return { parts, keyBases: adopted.map(({ base }) => base), ...(asked ? { asked: asked[range]! } : {}) };
  });
}

/** Brings rows to the ranges of the entities that they were put under. */
export async function exchangeRanges(
  sent: readonly SentRange[],
  how: { readonly rekeyed: ExchangeJob["rekeyed"]; readonly memory: MemoryPlan; readonly spill: SpillPlace },
): Promise<RowRun[]> {
  return Promise.all(
    sent.map(async (range) => {
      const job = { kind: "exchange", ...range, ...how } as const;
      const rows = range.parts.reduce((sum, part) => sum + part.rows, 0);
      if (rows < ROWS_WORTH_A_JOB) return exchangeRows(job, null);
      return (await runOnWorker({ ...job, sorter: await assemble(TIME_SORT_WAT) })).rows[0]!;
    }),
  );
}
