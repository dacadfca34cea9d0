import type { Worker } from "node:worker_threads";
import { startThread } from "./start-thread.ts";

const IDLE_MS = 10_000;

/** What a thread is told that is to go on as one of another module, by its address. */
export interface Become {
  readonly become: string;
}

/** A thread that is about to be one of another module: until it is ready, it is to be sent nothing. */
export interface GivenThread {
  readonly worker: Worker;
  readonly ready: Promise<unknown>;
}

/** Threads of one module that wait for further work for a while, and end if there is none. */
export class IdleThreads {
  readonly #name: string;
  readonly #module: URL;
  readonly #idle = new Map<Worker, { readonly timer: NodeJS.Timeout; readonly forget: () => void }>();

  constructor(name: string, module: URL) {
    this.#name = name;
    this.#module = module;
  }

  /** Starts threads ahead of their work, so that at least so many wait. */
  start(threads: number): void {
    while (this.#idle.size < threads) this.leave(startThread(this.#name, this.#module));
  }

  /** A thread that waits, or a new one. */
  take(): Worker {
    const worker = this.#waiting();
    worker?.ref();
    return worker ?? startThread(this.#name, this.#module);
  }

  /** Has a thread that waits go on as one of another module: most of what it has read, that needs, too. Null: none waits. */
  giveAway(module: URL): GivenThread | null {
    const worker = this.#waiting();
    return worker && { worker, ready: askThread(worker, { become: module.href } satisfies Become) };
  }

  #waiting(): Worker | null {
    for (const [worker, { timer, forget }] of this.#idle) {
      clearTimeout(timer);
      this.#idle.delete(worker);
      worker.off("exit", forget);
      return worker;
    }
    return null;
  }

  /** Lets a thread wait, which does not keep the process alive. */
  leave(worker: Worker): void {
    worker.unref();
    const forget = () => this.#idle.delete(worker);
    const end = () => {
      forget();
      void worker.terminate();
    };
    worker.once("exit", forget);
    this.#idle.set(worker, { timer: setTimeout(end, IDLE_MS).unref(), forget });
  }
}

interface Asked {
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/** What threads were asked and have not answered yet, the oldest first. */
const asked = new WeakMap<Worker, Asked[]>();

/**
 * Sends a thread a request, which it deals with after those that it was sent before.
 * @returns the message that it answers with; rejects when it ends instead
 */
export function askThread<Answer>(
  worker: Worker,
  request: unknown,
  transfer: readonly ArrayBuffer[] = [],
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const waiting = asked.get(worker) ?? listenTo(worker);
    waiting.push({ resolve: resolve as Asked["resolve"], reject });
    worker.postMessage(request, transfer);
  });
}

/** Listens to a thread until it has answered all that it was asked. */
function listenTo(worker: Worker): Asked[] {
  const waiting: Asked[] = [];
  asked.set(worker, waiting);
  const stop = () => {
    asked.delete(worker);
    worker.off("message", onMessage);
    worker.off("error", onError);
    worker.off("exit", onExit);
  };
  const onMessage = (answer: unknown) => {
    const { resolve } = waiting.shift()!;
    if (waiting.length === 0) stop();
    resolve(answer);
  };
  const onError = (error: unknown) => {
    stop();
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  const onExit = (code: number) => onError(new Error(`a thread ended with exit code ${code}`));
  worker.on("message", onMessage);
  worker.on("error", onError);
  worker.on("exit", onExit);
  return waiting;
}
