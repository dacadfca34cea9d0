import type { Worker } from "node:worker_threads";
import { askThread, IdleThreads } from "../tables/idle-threads.ts";
import type { GroupColumn, ParquetGroup } from "./parquet-group.ts";
import type { ParquetAnswer } from "./parquet-worker.ts";

const idle = new IdleThreads("fenl parquet", new URL("./parquet-worker.ts", import.meta.url));

/** Row groups that a thread may be ahead of what is written. */
const GROUPS_AHEAD = 2;

/**
 * Encodes row groups on some threads and writes them in order. Only a few are in memory, in either form: they are asked
 * for when a thread is free.
 */
export async function encodeOnThreads(
  groups: Iterator<ParquetGroup>,
  threads: number,
  write: (file: Uint8Array) => Promise<void>,
): Promise<void> {
  const writes: Promise<void>[] = [];
  const work = async () => {
    const worker = idle.take();
    try {
      for (;;) {
        await writes[writes.length - GROUPS_AHEAD * threads];
        const { value: group, done } = groups.next();
        if (done) break;
        const encoded = encode(worker, group);
        const before = writes.at(-1);
        const written = (async () => {
          const file = await encoded;
          await before;
          await write(file);
        })();
        // Its failure is that of whoever waits for it.
        written.catch(() => {});
        writes.push(written);
        await encoded;
      }
    } catch (error) {
      // What the thread does is not known.
      await worker.terminate();
      throw error;
    }
    idle.leave(worker);
  };
  try {
    const ends = await Promise.allSettled(Array.from({ length: threads }, work));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    await writes.at(-1);
  } finally {
    groups.return?.(undefined);
  }
}

async function encode(worker: Worker, group: ParquetGroup): Promise<Uint8Array> {
  const transfer: ArrayBuffer[] = [];
  const columns = group.columns.map((column) => movable(column, transfer));
  const answer = await askThread<ParquetAnswer>(worker, { ...group, columns }, transfer);
  if (answer.kind === "failed") throw answer.error;
  return answer.file;
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
    case "values": {
      const { name, type, values } = column.column;
      return { ...column, column: { name, type, values: move(values), ...moveValid(column.column) } };
    }
    case "texts": {
      const { offsets, bytes, missing } = column.texts;
      const texts = { offsets: move(offsets), bytes: move(bytes), ...(missing ? { missing: move(missing) } : {}) };
      return { ...column, codes: move(column.codes), ...moveValid(column), texts };
    }
    case "lists":
      return column;
    case "arrow":
      return { ...column, stream: move(column.stream) };
  }
}
