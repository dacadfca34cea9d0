import { parentPort } from "node:worker_threads";
import { collectGarbage } from "../tables/collect-garbage.ts";
import { orderSlots } from "./order/order-slots.ts";
import { orderSpan } from "./order/order-span.ts";
import { type Exhaustion, exhaustionOf } from "./rows/memory-exhausted.ts";
import type { Job, JobResult } from "./rows/stage-job.ts";
import { StageMemory } from "./rows/stage-memory.ts";
import { exchangeRows } from "./stage/exchange-rows.ts";
import { runChain } from "./stage/run-chain.ts";
import { Stopped } from "./stage/run-stage.ts";

/** What a worker sends back for a job. */
export type WorkerAnswer =
  | { readonly kind: "done"; readonly result: JobResult }
  | { readonly kind: "stopped" }
  /** There is no memory for it. */
  | { readonly kind: "exhausted"; readonly exhaustion: Exhaustion }
  | { readonly kind: "failed"; readonly error: unknown };

const memory = new StageMemory();

parentPort!.on("message", (job: Job | "collect garbage") => {
  if (job === "collect garbage") return collectGarbage();
  parentPort!.postMessage(answer(job));
});

function answer(job: Job): WorkerAnswer {
  try {
    return { kind: "done", result: run(job) };
  } catch (error) {
    if (error instanceof Stopped) return { kind: "stopped" };
    const exhaustion = exhaustionOf(error);
    return exhaustion === null ? { kind: "failed", error } : { kind: "exhausted", exhaustion };
  }
}

function run(job: Job): JobResult {
  switch (job.kind) {
    case "chain":
      return runChain(job, memory);
    case "exchange":
      return { rows: [exchangeRows(job, { sorter: job.sorter, memory })], rowsRead: 0 };
    case "order slots":
      orderSlots(job, memory);
      return { rows: [], rowsRead: 0 };
    case "order":
      orderSpan(job, memory);
      return { rows: [], rowsRead: 0 };
  }
}
