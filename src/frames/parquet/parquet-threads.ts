import type { Worker } from "node:worker_threads";
import { askThread, IdleThreads } from "../../tables/idle-threads.ts";
import { type FilePlaces, NoPlace } from "./file-places.ts";
import { areShared, type GroupColumn, mapArrays } from "./group-columns.ts";
import type { ParquetAnswer } from "./parquet-worker.ts";
import { groupsIn, type WriteRows, type WrittenGroup } from "./write-rows.ts";

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
  let open: WriteRows | undefined;
  const next = (): WriteRows | undefined => {
    if (open !== undefined && hasGroups(open)) return open;
    const { value, done } = requests.next();
    open = !done && value.columns.every(areShared) ? value : undefined;
    return done ? undefined : value;
  };
  const work = async () => {
    const worker = idle.take();
    try {
      for (let request = next(); request !== undefined; request = next()) {
        written.push(...(await write(worker, request)));
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

/** Whether there are row groups that no thread has taken. */
function hasGroups(request: WriteRows): boolean {
  return Atomics.load(new Int32Array(request.taken), 0) < groupsIn(request);
}

/** Whether another error tells the cause. */
function isConsequence(error: unknown): boolean {
  return (error as { readonly code?: unknown } | undefined)?.code === NoPlace.code;
}

async function write(worker: Worker, request: WriteRows): Promise<readonly WrittenGroup[]> {
  const transfer: ArrayBuffer[] = [];
  const columns = request.columns.map((column) => movable(column, transfer));
  const answer = await askThread<ParquetAnswer>(worker, { ...request, columns } satisfies WriteRows, transfer);
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
