import { parentPort } from "node:worker_threads";
import { mapArrays } from "./gather.ts";
import { runStage, Stopped } from "./run-stage.ts";
import type { Job, JobResult, StoredRows } from "./stage-job.ts";
import { StageMemory } from "./stage-memory.ts";
import { exchangedRows, resultRows } from "./stored-rows.ts";

/** What a worker sends back for a job. */
export type WorkerAnswer =
  | { readonly kind: "done"; readonly result: JobResult }
  | { readonly kind: "stopped" }
  | { readonly kind: "failed"; readonly error: unknown };

const memory = new StageMemory();

parentPort!.on("message", (job: Job) => {
  const reply = answer(job);
  const owned = job.kind === "order" && reply.kind === "done" ? buffersOf(reply.result.rows[0]!) : [];
  parentPort!.postMessage(reply, owned);
});

function answer(job: Job): WorkerAnswer {
  try {
    return { kind: "done", result: run(job) };
  } catch (error) {
    return error instanceof Stopped ? { kind: "stopped" } : { kind: "failed", error };
  }
}

function run(job: Job): JobResult {
  switch (job.kind) {
    case "stage":
      return runStage(job, memory);
    case "exchange":
      return { rows: [exchangedRows(job)], rowsRead: 0 };
    case "order":
      return { rows: [resultRows(job)], rowsRead: 0 };
  }
}

/** The buffers of rows that nobody else has. */
function buffersOf(rows: StoredRows): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  mapArrays(rows, rows.rows, (values) => {
    buffers.add(values.buffer as ArrayBuffer);
    return values;
  });
  return [...buffers];
}
