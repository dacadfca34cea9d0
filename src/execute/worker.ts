import { parentPort } from "node:worker_threads";
import { runStage, Stopped } from "./run-stage.ts";
import type { JobResult, StageJob } from "./stage-job.ts";
import { StageMemory } from "./stage-memory.ts";

/** What a worker sends back for a job. */
export type WorkerAnswer =
  | { readonly kind: "done"; readonly result: JobResult }
  | { readonly kind: "stopped" }
  | { readonly kind: "failed"; readonly error: unknown };

const memory = new StageMemory();

parentPort!.on("message", (job: StageJob) => {
  parentPort!.postMessage(answer(job));
});

function answer(job: StageJob): WorkerAnswer {
  try {
    return { kind: "done", result: runStage(job, memory) };
  } catch (error) {
    return error instanceof Stopped ? { kind: "stopped" } : { kind: "failed", error };
  }
}
