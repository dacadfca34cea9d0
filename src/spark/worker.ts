import { type RecordBatch, Type } from "apache-arrow";
import { TableError } from "../tables/table-error.ts";
import { defaultSubsort } from "../values/key-hash.ts";
import { FRAME, readFrames, rowsOf, writeFrame, writeRows } from "./arrow-frames.ts";
import { EntityChunks, GuardError } from "./entity-chunks.ts";
import { batchOf, type LaneData, numbers } from "./lanes.ts";
import { RowPreparation } from "./prepare-rows.ts";
import type { Task } from "./spark-job.ts";
import { StageRun } from "./stage-run.ts";

/** What a task is told before its rows. */
interface TaskStart {
  readonly task: Task;
}

/** What a user is told of an error in the data, as the driver reads it. */
export interface TaskFault {
  readonly kind: "data" | "guard" | "engine";
  readonly message: string;
}

const [IN, OUT] = [0, 1];

/** Runs one task of Spark: frames with the task and its rows come in, frames with rows go out. */
function runTask(): void {
  const frames = readFrames(IN);
  const start = frames.next();
  if (start.done || start.value.kind !== FRAME.task) throw new Error("the first frame is not a task");
  const { task } = JSON.parse(Buffer.from(start.value.bytes).toString("utf8")) as TaskStart;
  const step = stepOf(task);
  for (const frame of frames) {
    const batch = rowsOf(frame);
    if (batch !== null && batch.numRows > 0) send(step.rows(batch));
  }
  send(step.end());
  writeFrame(OUT, FRAME.end);
}

function send(batches: Iterable<RecordBatch>): void {
  for (const batch of batches) if (batch.numRows > 0) writeRows(OUT, batch);
}

interface Step {
  rows(batch: RecordBatch): Iterable<RecordBatch>;
  end(): Iterable<RecordBatch>;
}

function stepOf(task: Task): Step {
  switch (task.kind) {
    case "files":
      return { rows: (batch) => [digested(batch)], end: () => [] };
    case "prepare": {
      const preparation = new RowPreparation(task);
      return { rows: (batch) => [preparation.prepare(batch)], end: () => [] };
    }
    case "stages": {
      const run = new StageRun(task);
      const chunks = new EntityChunks(task.partitions);
      return {
        rows: (batch) => {
          const chunk = chunks.add(batch);
          return chunk === null ? [] : run.run(chunk);
        },
        end: () => {
          const chunk = chunks.take();
          return chunk.length === 0 ? [] : run.run(chunk);
        },
      };
    }
  }
}

/** The generated subsorts of files, from their bytes. */
function digested(batch: RecordBatch): RecordBatch {
  const column = (name: string) => batch.getChild(name)!;
  const contents = column("content");
  const subsort = BigInt64Array.from({ length: batch.numRows }, (_, row) =>
    BigInt.asIntN(64, defaultSubsort(contents.get(row) as Uint8Array)),
  );
  const paths: LaneData = {
    name: "id",
    data: batch.data.children[batch.schema.fields.findIndex(({ name }) => name === "id")]!,
  };
  if (paths.data.typeId !== Type.Int) throw new Error("files have no ids");
  return batchOf([paths, numbers("subsort", subsort)], batch.numRows);
}

function faultOf(error: unknown): TaskFault {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof TableError) return { kind: "data", message };
  if (error instanceof GuardError) return { kind: "guard", message };
  return { kind: "engine", message: error instanceof Error ? (error.stack ?? message) : message };
}

try {
  runTask();
} catch (error) {
  // Where nobody reads any more, there is nobody to tell.
  if ((error as NodeJS.ErrnoException).code !== "EPIPE") {
    writeFrame(OUT, FRAME.error, Buffer.from(JSON.stringify(faultOf(error))));
  }
  process.exitCode = 1;
}
