import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";
import { askThread, type GivenThread, IdleThreads } from "../idle-threads.ts";
import type { BulkAnswer, BulkRequest, BulkResult, BulkTask } from "./bulk-task.ts";
import { bytesKept } from "./bulk-task.ts";
import { Unfit } from "./unfit.ts";

const threads = new IdleThreads("fenl load", new URL("./bulk-worker.ts", import.meta.url));

/** Starts the threads of a load ahead, while what hands out their work is read. */
export function startBulkThreads(): void {
  threads.start(availableParallelism());
}

let onBusy = () => {};

/** What is to be done once the threads of a load are at work, while the main thread waits for them. */
export function whileLoading(action: () => void): void {
  onBusy = action;
}

/** Has a thread of loads that has nothing to do go on as one of another module; null where there is none. */
export function giveThread(module: URL): GivenThread | null {
  return threads.giveAway(module);
}

async function ask(worker: Worker, request: BulkRequest, onLost = () => {}): Promise<BulkResult> {
  const answer = await askThread<BulkAnswer>(worker, request).catch((error: unknown) => {
    onLost();
    throw error;
  });
  if (answer.kind === "done") return answer.result;
  if (answer.kind === "unfit") throw new Unfit(answer.reason);
  throw Object.assign(answer.error as Error, { code: answer.code, syscall: answer.syscall });
}

/** The threads of one load, as many as the machine runs at once; started when there is work. */
export class BulkThreads {
  private readonly spill: string;
  private readonly signal: AbortSignal | undefined;
  private readonly mostHeld: number;
  private readonly workers: Worker[] = [];
  /** Bytes of pieces that were kept in memory. */
  private held = 0;

  /** `spill`: a directory for temporary files, which pieces go to when those in memory have `mostHeld` bytes. */
  constructor(spill: string, mostHeld: number, signal: AbortSignal | undefined) {
    this.mostHeld = mostHeld;
    this.spill = spill;
    this.signal = signal;
  }

  private request(task: BulkTask | null): BulkRequest {
    return { spill: this.spill, task, inMemory: this.held < this.mostHeld };
  }

  /** Starts the threads, so that they are ready when there is work. */
  start(): void {
    while (this.workers.length < availableParallelism()) this.workers.push(threads.take());
  }

  /** Runs tasks; the results are in the tasks' order. The first failure ends it, once no thread is at work. */
  async run<R extends BulkResult>(tasks: readonly BulkTask[], onDone: (task: number, result: R) => void): Promise<R[]> {
    const results = new Array<R>(tasks.length);
    let next = 0;
    let failure: { readonly error: unknown } | null = null;
    // Threads read each other's memory: without one of them the others may wait for ever.
    const lost = () => {
      for (const worker of this.workers) void worker.terminate();
    };
    /** `left`: that many tasks are left to others. */
    const work = async (worker: Worker, left: number) => {
      while (next + left < tasks.length && failure === null && !this.signal?.aborted) {
        const task = next++;
        try {
          const result = (await ask(worker, this.request(tasks[task]!), lost)) as R;
          this.held += bytesKept(result);
          results[task] = result;
          onDone(task, result);
        } catch (error) {
          failure ??= { error };
        }
      }
    };
    this.start();
    const workers = this.workers.slice(0, tasks.length);
    const works = workers.map((worker) => work(worker, 0));
    // A thread need not wait for the main one, which may be busy: it has its next task beforehand, but for the last ones.
    works.push(...workers.map((worker) => work(worker, workers.length)));
    if (works.length > 0) onBusy();
    await Promise.all(works);
    this.signal?.throwIfAborted();
    if (failure !== null) throw (failure as { readonly error: unknown }).error;
    return results;
  }

  /** Lets the threads go, which close their files. */
  async end(): Promise<void> {
    await Promise.all(
      this.workers.map(async (worker) => {
        try {
          await ask(worker, this.request(null));
          threads.leave(worker);
        } catch {
          // It has ended, or cannot be used again.
          await worker.terminate();
        }
      }),
    );
  }
}
