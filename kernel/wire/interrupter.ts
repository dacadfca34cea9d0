import { Session } from "node:inspector";
import { type ExecutionState, IDLE, USER_CODE } from "./execution-state.ts";

/** What the main thread says of a wish to interrupt; see `kernel/session/interrupt.ts`. */
export type InterruptOutcome =
  /** The execution is over. */
  | "nothing runs"
  /** No code is on the stack: the main thread waits, or is between two callbacks. */
  | "nothing seen"
  /** The code was told to end. */
  | "ending"
  /** What runs must not be ended here. */
  | "not now";

/** How long to ask again at once: code of the user's may be there at the next look. */
const QUICK_MS = 100;
/** How often to ask after that. */
const RETRY_MS = 5;
/** How often nothing must be seen in a row where no execution is under way whose end would tell. */
const LOOKS = 5;
/** After this time the user is told that the cell cannot be stopped yet. */
const PATIENCE_MS = 2000;

/** The global of the main thread that decides on an interrupt, by the name that the session gives it. */
export const INTERRUPT_DECISION = "__fenl_interrupt__";
/** What comes in place of an answer when the stack is too full for the question. */
const NO_ROOM = Symbol("no room on the stack");

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
      for (let unseen = 0; unseen < LOOKS || execution !== 0; ) {
        const elapsed = performance.now() - began;
        const outcome = await this.#ask(execution, elapsed);
        // What waits is answered by this message; the kernel's own code listens to the signal that it raises.
        tell();
        if (outcome === "nothing runs") break;
        unseen = outcome === "nothing seen" ? unseen + 1 : 0;
        const inVain = unseen > LOOKS || elapsed > QUICK_MS;
        await new Promise((resolve) => setTimeout(resolve, inVain ? RETRY_MS : 0));
      }
    } finally {
      clearTimeout(timer);
      await this.#evaluate(`globalThis.${INTERRUPT_DECISION}.done()`);
    }
  }

  async #ask(execution: number, elapsed: number): Promise<InterruptOutcome> {
    const answer = await this.#evaluate(`globalThis.${INTERRUPT_DECISION}.decide(${execution}, ${elapsed})`);
    if (answer !== NO_ROOM) return answer as InterruptOutcome;
    // A recursion that has used up the stack is ended without a look at it.
    const { execution: present, activity } = this.#state;
    if (elapsed < QUICK_MS || present !== execution || activity !== USER_CODE) return "not now";
    this.#inspector.post("Runtime.terminateExecution");
    return "ending";
  }

  /** Evaluates a text on the main thread, on top of whatever runs there. */
  #evaluate(text: string): Promise<unknown> {
    if (!this.#connected) {
      this.#inspector.connectToMainThread();
      this.#connected = true;
    }
    const expression = `${text}\n//# sourceURL=${INTERRUPT_SCRIPT}`;
    return new Promise((resolve) => {
      this.#inspector.post("Runtime.evaluate", { expression, returnByValue: true }, (error, answer) => {
        // An end that the decision itself orders may end the decision too: no value comes back.
        if (error !== null) resolve("ending");
        else if (answer.exceptionDetails !== undefined) resolve(NO_ROOM);
        else resolve(answer.result.value);
      });
    });
  }

  close(): void {
    if (this.#connected) this.#inspector.disconnect();
  }
}
