import type { Worker } from "node:worker_threads";
import { askThread, IdleThreads } from "../../tables/idle-threads.ts";
import type { GroupColumn, ParquetGroup } from "./encode-group.ts";
import { type FilePlaces, NoPlace } from "./file-places.ts";
import type { ParquetAnswer } from "./parquet-worker.ts";
import type { WriteGroup } from "./write-group.ts";

const idle = new IdleThreads("fenl parquet", new URL("./parquet-worker.ts", import.meta.url));

/**
 * Encodes row groups on some threads, which write them to a file in order. Only those are in memory that are encoded: they
 * are asked for when a thread is free.
 * @returns the metadata of each
 */
export async function writeOnThreads(
  groups: Iterator<ParquetGroup>,
  threads: number,
  file: number,
  places: FilePlaces,
): Promise<Uint8Array[]> {
  const metadata: Uint8Array[] = [];
  const failures: unknown[] = [];
  let count = 0;
  const work = async () => {
    const worker = idle.take();
    try {
      for (;;) {
        const { value: group, done } = groups.next();
        if (done) break;
        const index = count++;
        metadata[index] = await write(worker, { group, index, file, places: places.shared });
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
    groups.return?.(undefined);
  }
  if (failures.length > 0) throw failures.find((error) => !isConsequence(error)) ?? failures[0];
  return metadata;
}

/** Whether another error tells the cause. */
function isConsequence(error: unknown): boolean {
  return (error as { readonly code?: unknown } | undefined)?.code === NoPlace.code;
}

async function write(worker: Worker, request: WriteGroup): Promise<Uint8Array> {
  const transfer: ArrayBuffer[] = [];
  const columns = request.group.columns.map((column) => movable(column, transfer));
  const group = { ...request.group, columns };
  const answer = await askThread<ParquetAnswer>(worker, { ...request, group } satisfies WriteGroup, transfer);
  if (answer.kind === "done") return answer.metadata;
  throw answer.code === undefined ? answer.error : Object.assign(answer.error as Error, { code: answer.code });
}

/** The column in memory that all threads see, or that can be handed over: of a view, all of its buffer would be copied. */
function movable(column: GroupColumn, transfer: ArrayBuffer[]): GroupColumn {
  const move = <T extends Int32Array | BigInt64Array | Float32Array | Float64Array | Uint8Array>(values: T): T => {
    if (values.buffer instanceof SharedArrayBuffer) return values;
    const own = values.slice() as T;
    transfer.push(own.buffer as ArrayBuffer);
    return own;
  };
  const moveValid = ({ valid }: { readonly valid?: Uint8Array }) => (valid ? { valid: move(valid) } : {});
  switch (column.kind) {
    case "numbers":
      return { ...column, values: move(column.values), ...moveValid(column) };
    case "texts":
    case "keys": {
      const { offsets, bytes, missing } = column.texts;
      const texts = { offsets: move(offsets), bytes: move(bytes), ...(missing ? { missing: move(missing) } : {}) };
      const hashes = column.kind === "keys" ? { hashes: move(column.hashes) } : {};
      return { ...column, codes: move(column.codes), ...moveValid(column), texts, ...hashes };
    }
    case "lists": {
      const { values } = column.column;
      return { ...column, column: { ...column.column, values: move(values), ...moveValid(column.column) } };
    }
    case "arrow":
      return { ...column, stream: move(column.stream) };
  }
}
