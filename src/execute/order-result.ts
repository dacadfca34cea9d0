import { availableParallelism } from "node:os";
import { assemble } from "../compile/assemble.ts";
import { sharedForGood } from "./allocate.ts";
import { jointDictionary, mapArrays } from "./gather.ts";
import type { RowSetColumn } from "./row-set.ts";
import type { OrderJob, StoredRows } from "./stage-job.ts";
import { resultRows } from "./stored-rows.ts";
import { TIME_SORT_WAT } from "./time-sort-wat.ts";
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
  if (rows < 2 * ROWS_WORTH_A_THREAD) return resultRows(parts);
  const threads = Math.min(availableParallelism(), Math.floor(rows / ROWS_WORTH_A_THREAD));
  const spans = Math.max(threads, Math.ceil(rows / MOST_ROWS));
  const united = uniteDictionaries(parts);
  const target = emptyTarget(united.parts, rows);
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
      counts,
      index,
      ...(index > 0 ? { from: bounds[index - 1]!.toString() } : {}),
      ...(index < bounds.length ? { before: bounds[index]!.toString() } : {}),
    }),
  );
  await Promise.all(jobs.map((job) => runOnWorker(job)));
  const columns = target.columns.map((column, index) => withDictionary(column, united.dictionaries[index]));
  return { ...target, columns, ...(target.key ? { key: withDictionary(target.key, united.keys) } : {}) };
}

/** Room for all rows of some parts. */
function emptyTarget(parts: readonly StoredRows[], rows: number): StoredRows {
  const target = mapArrays(parts[0]!, rows, (values) => sharedForGood(values, rows));
  const validity = (column: RowSetColumn, of: (part: StoredRows) => RowSetColumn): RowSetColumn => {
    const { valid: _of, ...rest } = column;
    const some = parts.some((part) => of(part).valid !== undefined);
    return some ? { ...rest, valid: sharedForGood(new Uint8Array(0), rows) } : rest;
  };
  return {
    ...target,
    columns: target.columns.map((column, index) => validity(column, (part) => part.columns[index]!)),
    ...(target.key ? { key: validity(target.key, (part) => part.key!) } : {}),
  };
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

type Dictionary = RowSetColumn["dictionary"];

/** The parts' columns with codes of joint dictionaries, which stay here: they would be copied for each thread. */
function uniteDictionaries(parts: readonly StoredRows[]): {
  parts: StoredRows[];
  dictionaries: Dictionary[];
  keys: Dictionary;
} {
  const unite = (columns: readonly RowSetColumn[]): { columns: RowSetColumn[]; dictionary: Dictionary } => {
    if (!columns[0]!.dictionary) return { columns: [...columns], dictionary: undefined };
    const { dictionary, codes } = jointDictionary(columns);
    const bare = columns.map(({ dictionary: _own, ...column }, index) => {
      const values = column.values as Int32Array;
      const joint = codes[index]!;
      for (let row = 0; row < values.length; row++) values[row] = joint[values[row]!] ?? 0;
      return column;
    });
    return { columns: bare, dictionary };
  };
  const united = parts[0]!.columns.map((_, index) => unite(parts.map((part) => part.columns[index]!)));
  const keys = parts[0]!.key ? unite(parts.map((part) => part.key!)) : undefined;
  return {
    parts: parts.map((part, at) => ({
      ...part,
      columns: united.map(({ columns }) => columns[at]!),
      ...(keys ? { key: keys.columns[at]! } : {}),
    })),
    dictionaries: united.map(({ dictionary }) => dictionary),
    keys: keys?.dictionary,
  };
}

function withDictionary(column: RowSetColumn, dictionary: Dictionary): RowSetColumn {
  return dictionary ? { ...column, dictionary } : column;
}
