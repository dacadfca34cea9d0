import { availableParallelism } from "node:os";
import { assemble } from "../compile/assemble.ts";
import { slotShares } from "./order/time-slots.ts";
import { TIME_SORT_WAT } from "./order/time-sort-wat.ts";
import { type Allocate, countMemory, shared } from "./rows/allocate.ts";
import { jointNumbers, withKeyCodes } from "./rows/numbered-keys.ts";
import type { OrderJob, StoredRows } from "./rows/stage-job.ts";
import { uniteParts } from "./rows/united-parts.ts";
import { resultRows } from "./stage/stored-rows.ts";
import { runOnWorker } from "./worker-pool.ts";

/** Fewer rows are put in order on the spot. */
const ROWS_WORTH_A_THREAD = 1 << 15;
/** More rows in one span would not fit into a worker's memory with what it takes to sort them. */
const MOST_ROWS = 1 << 26;
const SAMPLES_A_SPAN = 256;

/** Result rows in (time, rank, subsort, key hash) order over all entities; many of them by spans of time, in parallel. */
export async function orderResult(all: readonly StoredRows[]): Promise<StoredRows> {
  const full = all.filter(({ rows }) => rows > 0);
  const parts = full.length === 0 ? all.slice(0, 1) : full;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  if (rows < 2 * ROWS_WORTH_A_THREAD) return resultRows(parts.map(withKeyCodes));
  const threads = Math.min(availableParallelism(), Math.floor(rows / ROWS_WORTH_A_THREAD));
  const spans = Math.max(threads, Math.ceil(rows / MOST_ROWS));
  let isNew = false;
  const allocate: Allocate = (like, length) => {
    const values = shared(like, length);
    if (length > 0) isNew = countMemory(values.buffer) || isNew;
    return values;
  };
  const shares = slotShares(parts, rows, threads);
  const numbers = shares === null ? null : jointNumbers(parts);
  const keyed = numbers ? parts.map(withoutCodes) : parts.map(withKeyCodes);
  const united = uniteParts(keyed, rows, allocate, shares === null);
  const { target } = united;
  if (shares !== null) {
    const sorter = await assemble(TIME_SORT_WAT);
    const bases = numbers ? { keyBases: numbers.bases } : {};
    const { recodings, texts } = united;
    const job = {
      kind: "order slots",
      sorter,
      parts: united.parts,
      recodings,
      texts,
      target,
      isNew,
      ...bases,
    } as const;
    const copies = united.copies(shares.length);
    await Promise.all(shares.map((share, index) => runOnWorker({ ...job, ...share, copies: copies[index]! })));
    const whole = united.whole();
    return numbers ? { ...whole, key: { ...whole.key!, numbered: numbers.numbered } } : whole;
  }
  const bounds = splitters(parts, rows, spans);
  const sorter = await assemble(TIME_SORT_WAT);
  const counts = new SharedArrayBuffer(4 * (bounds.length + 1));
  const jobs = Array.from(
    { length: bounds.length + 1 },
    (_, index): OrderJob => ({
      kind: "order",
      sorter,
      parts: united.parts,
      target,
      isNew,
      counts,
      index,
      ...(index > 0 ? { from: bounds[index - 1]!.toString() } : {}),
      ...(index < bounds.length ? { before: bounds[index]!.toString() } : {}),
    }),
  );
  await Promise.all(jobs.map((job) => runOnWorker(job)));
  return united.whole();
}

/** The keys' numbers alone: what they stand for is not sent to each thread. */
function withoutCodes(rows: StoredRows): StoredRows {
  const { numbered: _codes, ...key } = rows.key!;
  return { ...rows, key };
}

/** Times that divide the rows into `spans` parts of about equal size. */
function splitters(parts: readonly StoredRows[], rows: number, spans: number): bigint[] {
  const step = Math.max(1, Math.floor(rows / (spans * SAMPLES_A_SPAN)));
  const chosen: bigint[] = [];
  for (const { time } of parts) for (let row = 0; row < time.length; row += step) chosen.push(time[row]!);
  const samples = BigInt64Array.from(chosen).sort();
  const bounds = Array.from(
    { length: spans - 1 },
    (_, index) => samples[Math.floor(((index + 1) * samples.length) / spans)]!,
  );
  return [...new Set(bounds)];
}
