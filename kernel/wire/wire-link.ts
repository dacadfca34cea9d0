import { Worker } from "node:worker_threads";
import type { Connection } from "./connection.ts";
import { type ExecutionState, weightOf } from "./execution-state.ts";
import type { Outgoing } from "./message.ts";
import type { FromWire, ToWire, WireStart } from "./thread-messages.ts";

/** A cell that writes waits while more than this is on its way, so that the wire thread stays able to listen. */
const MOST_UNSENT = 4 * 1024 * 1024;
const WAIT_MS = 1000;

/** The main thread's end of the wire. */
export class WireLink {
  readonly #worker: Worker;
  readonly #state: ExecutionState;
  readonly exited: Promise<number>;

  constructor(connection: Connection, session: string, state: ExecutionState) {
    this.#state = state;
    const start: WireStart = { connection, session, state: state.memory };
    this.#worker = new Worker(new URL("./wire-thread.ts", import.meta.url), { workerData: start, name: "wire" });
    this.exited = new Promise((resolve) => this.#worker.once("exit", resolve));
  }

  onMessage(handle: (message: FromWire) => void, failed: (error: Error) => void): void {
    this.#worker.on("message", handle);
    this.#worker.on("error", failed);
  }

  /** Sends a message; content is made to JSON text here. */
  send(message: Omit<Outgoing, "content"> & { readonly content: object }): void {
    const content = JSON.stringify(message.content);
    if (message.channel === "iopub") {
      this.#state.waitForRoom(MOST_UNSENT, WAIT_MS);
      this.#state.addUnsent(weightOf(content));
    }
    this.#post({ kind: "send", message: { ...message, content } });
  }

  /** Has all requests handed over that arrived until now; `drained` follows them. */
  drain(): void {
    this.#post({ kind: "drain" });
  }

  /** Sends what waits and closes the sockets. */
  async close(status: number): Promise<void> {
    this.#post({ kind: "exit", status });
    await this.exited;
  }

  #post(message: ToWire): void {
    this.#worker.postMessage(message);
  }
}
