import process from "node:process";
import { fileURLToPath } from "node:url";
import { type ExecutionState, KERNEL_CODE, USER_CODE } from "../wire/execution-state.ts";
import { INTERRUPT_FUNCTION, INTERRUPT_SCRIPT, type InterruptOutcome } from "../wire/interrupter.ts";
import type { MainInspector } from "./main-inspector.ts";
import { packageRoot } from "./own-package.ts";

const FRAMES_TO_SEE = 200;
const mark = new Error("the interrupt's own, to reset the stack of async ids");

type Unwinder = (error: Error, fromPromise: boolean) => boolean;

/**
 * Decides what an interrupt ends. The wire thread's inspector session calls the decision on the main thread, on top of
 * whatever runs there: so it sees the stack as it is, and nothing can change between looking and ending.
 */
export class InterruptDecision {
  readonly #state: ExecutionState;
  readonly #inspector: MainInspector;
  /** An interrupt came while kernel code ran that user code had called. */
  #wanted = false;

  constructor(state: ExecutionState, inspector: MainInspector) {
    this.#state = state;
    this.#inspector = inspector;
    const decide = (execution: number, force: boolean) => this.#decide(execution, force);
    Object.defineProperty(globalThis, INTERRUPT_FUNCTION, { value: decide });
  }

  /** Runs kernel code that user code calls: an interrupt waits until it is done, and then ends the user code. */
  kernelSection<T>(run: () => T): T {
    const before = this.#state.activity;
    if (before === KERNEL_CODE) return run();
    this.#state.activity = KERNEL_CODE;
    try {
      return run();
    } finally {
      this.#state.activity = before;
      if (this.#wanted) this.endUserCode();
    }
  }

  /** Forgets a wish that the end of its cell has fulfilled. */
  reset(): void {
    this.#wanted = false;
  }

  /** Ends the code of a cell that is on the stack, the caller included. */
  endUserCode(): void {
    this.#wanted = false;
    // What is ended cannot take back what Node noted of the async resources that it entered, and Node aborts when it
    // finds the notes at the end of the turn. Its handler of uncaught errors clears them.
    (process as unknown as { _fatalException: Unwinder })._fatalException(mark, false);
    this.#inspector.terminate();
  }

  #decide(execution: number, force: boolean): InterruptOutcome {
    if (execution !== this.#state.execution) return "nothing runs";
    const frames = stackFrames();
    if (frames.length === 0) return "nothing runs";
    const known = frames.filter((frame) => !frame.startsWith("node:"));
    // Node's own code stands between pieces of the user's: in a moment one of them will be there.
    if (known.length === 0) return "kernel code runs";
    const inner = known.find((frame) => !frame.includes("/node_modules/")) ?? known[0]!;
    if (isKernelFrame(inner) && (this.#state.activity !== USER_CODE || !force)) {
      this.#wanted = this.#state.activity === KERNEL_CODE && known.some((frame) => !isKernelFrame(frame));
      return "kernel code runs";
    }
    this.endUserCode();
    return "stopped";
  }
}

/** Whether an uncaught error is only the interrupt's own. */
export function isInterruptMark(error: unknown): boolean {
  return error === mark;
}

const kernelFolders = ["dist/", "src/", "kernel/"].map((name) => `${fileURLToPath(packageRoot)}${name}`);

/** Whether a stack frame's script is part of the kernel or the engine. */
function isKernelFrame(script: string): boolean {
  return kernelFolders.some((folder) => script.includes(folder));
}

/** Code without a name is V8's own, such as the calls inside `map`, or what `eval` made. */
function scriptOf(site: NodeJS.CallSite): string {
  return site.getScriptNameOrSourceURL() || (site.isEval() ? "eval" : "node:native");
}

/** The scripts of the code that the decision stands on, innermost first. */
function stackFrames(): string[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = FRAMES_TO_SEE;
    Error.prepareStackTrace = (_error, sites) => sites.map(scriptOf);
    const scripts = new Error().stack as unknown as string[];
    return scripts.slice(scripts.indexOf(INTERRUPT_SCRIPT) + 1);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace;
  }
}
