import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";
import { startThread } from "../tables/start-thread.ts";
import type { Job, JobResult } from "./stage-job.ts";
import type { WorkerAnswer } from "./worker.ts";

/** The query was stopped before it ended. */
export class QueryStopped extends Error {
  constructor() {
    super("the query was stopped");
  }
}

interface Waiting {
  readonly job: Job;
  resolve(result: JobResult): void;
  reject(error: unknown): void;
}

/** Threads that run stages; they are started when needed, kept, and do not keep the process alive while idle. */
class WorkerPool {
  readonly #idle: Worker[] = [];
  readonly #queue: Waiting[] = [];
  #running = 0;

  run(job: Job): Promise<JobResult> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    if (this.#queue.length === 0) return;
    const worker = this.#idle.pop() ?? (this.#running < availableParallelism() ? startWorker() : undefined);
    if (!worker) return;
    const { job, resolve, reject } = this.#queue.shift()!;
    this.#running++;
    worker.ref();
    const finish = (keep: boolean) => {
      worker.off("message", onMessage);
      worker.off("error", onError);
      worker.off("exit", onExit);
      this.#running--;
      worker.unref();
      if (keep) this.#idle.push(worker);
      this.#next();
    };
    const onMessage = (answer: WorkerAnswer) => {
      finish(true);
      if (answer.kind === "done") resolve(answer.result);
      else if (answer.kind === "stopped") reject(new QueryStopped());
      else reject(answer.error);
    };
    const onError = (error: unknown) => {
      finish(false);
      reject(error);
    };
    const onExit = (code: number) => {
      finish(false);
      reject(new Error(`a worker of the query engine ended with exit code ${code}`));
    };
    worker.on("message", onMessage);
    worker.on("error", onError);
    worker.on("exit", onExit);
    worker.postMessage(job);
  }
}

function startWorker(): Worker {
  return startThread("fenl engine", new URL("./worker.ts", import.meta.url));
}

const pool = new WorkerPool();

/** Runs a stage on a worker. @throws QueryStopped when `job.stop` was set. */
export function runOnWorker(job: Job): Promise<JobResult> {
  return pool.run(job);
}
