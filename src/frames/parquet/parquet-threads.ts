import type { Worker } from "node:worker_threads";
import { askThread, IdleThreads } from "../../tables/idle-threads.ts";
import { type FilePlaces, NoPlace } from "./file-places.ts";
import { areShared, type GroupColumn, mapArrays } from "./group-columns.ts";
import type { ParquetAnswer } from "./parquet-worker.ts";
import { groupsIn, hasGroups, type WriteRows, type WrittenGroup } from "./write-rows.ts";

const idle = new IdleThreads("fenl parquet", new URL("./parquet-worker.ts", import.meta.url));

/**
 * Encodes rows on some threads, which write them to a file in order. Those in memory that all threads see are given to all
 * of them, others to one. They are asked for when a thread is free.
 * @param places of the file, which fail where a thread does
 */
export async function writeOnThreads(
  requests: Iterator<WriteRows>,
  threads: number,
  places: FilePlaces,
): Promise<WrittenGroup[]> {
  const written: WrittenGroup[] = [];
  const failures: unknown[] = [];
  const batches = new RequestBatches(requests, threads);
  const work = async () => {
    const worker = idle.take();
    try {
      for (let batch = batches.next(); batch !== null; batch = batches.next()) {
        written.push(...(await write(worker, batch)));
      }
    } catch (error) {
      failures.push(error);
      places.fail();
      // What the thread does is not known.
      await worker.terminate();
      return;
    }
    idle.leave(worker);
  };
  try {
    await Promise.all(Array.from({ length: threads }, work));
  } finally {
    requests.return?.(undefined);
  }
  if (failures.length > 0) throw failures.find((error) => !isConsequence(error)) ?? failures[0];
  return written;
}

/** Row groups for each thread that are given out together, where rows come in small parts. */
const GROUPS_A_THREAD = 4;

/** Gives threads rows to write: those in memory that all threads see to several, and more at once where they are few. */
class RequestBatches {
  readonly #requests: Iterator<WriteRows>;
  readonly #threads: number;
  #open: readonly WriteRows[] = [];
  /** How many threads may still be given those that are open. */
  #left = 0;
  /** What was asked for, and does not go together with what came before. */
  #next: WriteRows | null = null;

  constructor(requests: Iterator<WriteRows>, threads: number) {
    this.#requests = requests;
    this.#threads = threads;
  }

  /** What a thread without work gets; null: there is nothing any more. */
  next(): readonly WriteRows[] | null {
    if (this.#left > 0 && this.#open.some(hasGroups)) {
      this.#left--;
      return this.#open;
    }
    const batch: WriteRows[] = [];
    let groups = 0;
    for (let next = this.#take(); next !== null; next = this.#take()) {
      const isShared = next.columns.every(areShared);
      if (!isShared && batch.length > 0) {
        this.#next = next;
        break;
      }
      batch.push(next);
      groups += isShared ? groupsIn(next) : 1;
      if (!isShared || groups >= GROUPS_A_THREAD * this.#threads) break;
    }
    const isShared = batch.every(({ columns }) => columns.every(areShared));
    this.#open = isShared ? batch : [];
    this.#left = groups - 1;
    return batch.length === 0 ? null : batch;
  }

  #take(): WriteRows | null {
    const next = this.#next;
    this.#next = null;
    if (next !== null) return next;
    const { value, done } = this.#requests.next();
    return done ? null : value;
  }
}

/** Whether another error tells the cause. */
function isConsequence(error: unknown): boolean {
  return (error as { readonly code?: unknown } | undefined)?.code === NoPlace.code;
}

async function write(worker: Worker, requests: readonly WriteRows[]): Promise<readonly WrittenGroup[]> {
  const transfer: ArrayBuffer[] = [];
  const movables = requests.map((request): WriteRows => {
    return { ...request, columns: request.columns.map((column) => movable(column, transfer)) };
  });
  const answer = await askThread<ParquetAnswer>(worker, movables, transfer);
  if (answer.kind === "done") return answer.written;
  throw answer.code === undefined ? answer.error : Object.assign(answer.error as Error, { code: answer.code });
}

/** The column in memory that all threads see, or that can be handed over: of a view, all of its buffer would be copied. */
function movable(column: GroupColumn, transfer: ArrayBuffer[]): GroupColumn {
  return mapArrays(column, (values) => {
    if (values.buffer instanceof SharedArrayBuffer) return values;
    const own = values.slice() as typeof values;
    transfer.push(own.buffer as ArrayBuffer);
    return own;
  });
}
