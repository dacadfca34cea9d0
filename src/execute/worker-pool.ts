import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";
import { giveThread } from "../tables/bulk/bulk-threads.ts";
import { startThread } from "../tables/start-thread.ts";
import type { TableSnapshot } from "../tables/table-snapshot.ts";
import { threadsWorth } from "./buckets.ts";
import { whenCollecting } from "./rows/garbage.ts";
import { exhaustionOf, MemoryExhausted } from "./rows/memory-exhausted.ts";
import type { Job, JobResult } from "./rows/stage-job.ts";
import type { WorkerAnswer } from "./worker.ts";

const MODULE = new URL("./worker.ts", import.meta.url);

/** The query was stopped before it ended. */
export class QueryStopped extends Error {
  constructor() {
    super("the query was stopped");
  }
}

interface Waiting {
  readonly job: Job;
  /** Whether it may wait behind another one for its worker, which then need not wait for it. */
  readonly brief: boolean;
  resolve(result: JobResult): void;
  reject(error: unknown): void;
}

/** A worker with the jobs that it was given, in the order in which it does them. */
interface PoolThread {
  readonly worker: Worker;
  readonly given: Waiting[];
  /** Messages until the worker is ready; then null. */
  early: unknown[] | null;
}

function post({ worker, early }: PoolThread, message: unknown): void {
  if (early === null) worker.postMessage(message);
  else early.push(message);
}

/** Threads that run stages; they are started when needed, kept, and do not keep the process alive while idle. */
class WorkerPool {
  readonly #threads = new Set<PoolThread>();
  readonly #queue: Waiting[] = [];

  run(job: Job, brief: boolean): Promise<JobResult> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, brief, resolve, reject });
      this.#next();
    });
  }

  /** Starts threads ahead of their first jobs, up to so many in all. */
  start(threads: number): void {
    while (this.#threads.size < Math.min(threads, availableParallelism())) this.#start().worker.unref();
  }

  /** Has all threads collect their garbage, after what they were given. */
  collectGarbage(): void {
    for (const thread of this.#threads) post(thread, "collect garbage");
  }

  #next(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const thread =
        this.#idle() ?? (this.#threads.size < availableParallelism() ? this.#start() : this.#soonIdle(next));
      if (thread === undefined) return;
      this.#queue.shift();
      thread.given.push(next);
      thread.worker.ref();
      post(thread, next.job);
    }
  }

  #idle(): PoolThread | undefined {
    return [...this.#threads].findLast(({ given }) => given.length === 0);
  }

  /** A worker that can be given a job before it has ended its last one, where both are brief. */
  #soonIdle({ brief }: Waiting): PoolThread | undefined {
    return brief ? [...this.#threads].find(({ given }) => given.length === 1 && given[0]!.brief) : undefined;
  }

  #start(): PoolThread {
    const taken = giveThread(MODULE);
    const thread: PoolThread = {
      worker: taken?.worker ?? startThread("fenl engine", MODULE),
      given: [],
      early: taken && [],
    };
    const { worker, given } = thread;
    this.#threads.add(thread);
    const gone = (error: unknown) => {
      this.#threads.delete(thread);
      const exhaustion = exhaustionOf(error);
      for (const { reject } of given.splice(0)) {
        reject(exhaustion === null ? error : new MemoryExhausted(exhaustion));
      }
      this.#next();
    };
    const listen = () => worker.on("message", (answer: WorkerAnswer) => this.#answered(thread, answer));
    if (taken === null) listen();
    else {
      taken.ready.then(() => {
        listen();
        for (const message of thread.early!.splice(0)) worker.postMessage(message);
        thread.early = null;
      }, gone);
    }
    worker.on("error", gone);
    worker.on("exit", (code) => gone(new Error(`a worker of the query engine ended with exit code ${code}`)));
    return thread;
  }

  #answered(thread: PoolThread, answer: WorkerAnswer): void {
    const { worker, given } = thread;
    const { resolve, reject } = given.shift()!;
    if (given.length === 0) worker.unref();
    this.#next();
    if (answer.kind === "done") resolve(answer.result);
    else if (answer.kind === "stopped") reject(new QueryStopped());
    else if (answer.kind === "failed") reject(answer.error);
    else {
      // The memory of a thread never gets smaller.
      this.#threads.delete(thread);
      this.#queue.unshift(...given.splice(0));
      void worker.terminate();
      this.#next();
      reject(new MemoryExhausted(answer.exhaustion));
    }
  }
}

const pool = new WorkerPool();
whenCollecting(() => pool.collectGarbage());

/** Starts the threads that a query over some tables may need, so that they are ready when it is compiled. */
export function startWorkers(tables: readonly TableSnapshot[]): void {
  const rows = Math.max(0, ...tables.map(({ files }) => files.reduce((sum, file) => sum + file.rows, 0)));
  pool.start(Math.max(1, threadsWorth(rows)));
}

/**
 * Runs a job on a worker.
 * @param brief that it takes a moment only: a worker may be given it while it still does another such one
 * @throws QueryStopped when `job.stop` was set.
 */
export function runOnWorker(job: Job, brief = false): Promise<JobResult> {
  return pool.run(job, brief);
}
