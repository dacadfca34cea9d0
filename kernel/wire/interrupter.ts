import { Session } from "node:inspector";
import { type ExecutionState, IDLE } from "./execution-state.ts";

/** What the main thread says of a wish to interrupt; see `kernel/session/interrupt.ts`. */
export type InterruptOutcome = "nothing runs" | "stopped" | "kernel code runs";

/** How often to ask again while the kernel's own code runs. */
const RETRY_MS = 10;
/** After this time the user is told that the cell cannot be stopped yet. */
const PATIENCE_MS = 2000;

/** The global function of the main thread that decides on an interrupt, by the name that the session gives it. */
export const INTERRUPT_FUNCTION = "__fenl_interrupt__";
/** The name of the script that calls it, below which the interrupted code's frames begin. */
export const INTERRUPT_SCRIPT = "fenl-interrupt";

/** Stops the code that the main thread runs, even in an endless loop: V8 lets an inspector session step in. */
export class Interrupter {
  readonly #inspector = new Session();
  readonly #state: ExecutionState;
  #connected = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(state: ExecutionState) {
    this.#state = state;
  }

  /**
   * Interrupts the execution under way, or a loop that an earlier cell left running; one wish after the other.
   * @param stopped is told the execution that must be answered as interrupted.
   * @param stuck is called once when the code cannot be stopped soon, because it is inside a native call.
   */
  interrupt(stopped: (execution: number) => void, stuck: () => void): Promise<void> {
    const run = this.#last.then(() => this.#interruptOnce(stopped, stuck));
    this.#last = run.catch(() => {});
    return run;
  }

  async #interruptOnce(stopped: (execution: number) => void, stuck: () => void): Promise<void> {
    const execution = this.#state.execution;
    const timer = setTimeout(() => {
      if (this.#state.execution === execution && this.#state.activity !== IDLE) stuck();
    }, PATIENCE_MS);
    const began = performance.now();
    let told = execution === 0;
    const tell = () => {
      if (!told) stopped(execution);
      told = true;
    };
    try {
      for (;;) {
        const force = performance.now() - began > PATIENCE_MS;
        const outcome = await this.#ask(execution, force);
        if (outcome !== "kernel code runs") break;
        // The kernel's code listens to the cell's abort signal, which this message raises.
        tell();
        if (this.#state.execution !== execution || execution === 0) return;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
      tell();
    } finally {
      clearTimeout(timer);
    }
  }

  #ask(execution: number, force: boolean): Promise<InterruptOutcome> {
    if (!this.#connected) {
      this.#inspector.connectToMainThread();
      this.#connected = true;
    }
    const call = `globalThis.${INTERRUPT_FUNCTION}(${execution}, ${force})`;
    const expression = `${call}\n//# sourceURL=${INTERRUPT_SCRIPT}`;
    return new Promise((resolve, reject) => {
      this.#inspector.post("Runtime.evaluate", { expression, returnByValue: true }, (error, answer) => {
        // A stop that the decision itself orders ends the decision too: no value comes back, and that is success.
        if (error !== null) resolve("stopped");
        else if (answer.exceptionDetails !== undefined) reject(new Error(answer.exceptionDetails.text));
        else resolve(answer.result.value as InterruptOutcome);
      });
    });
  }

  close(): void {
    if (this.#connected) this.#inspector.disconnect();
  }
}
