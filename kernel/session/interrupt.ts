import process from "node:process";
import { fileURLToPath } from "node:url";
import { type ExecutionState, KERNEL_CODE, USER_CODE } from "../wire/execution-state.ts";
import { INTERRUPT_DECISION, INTERRUPT_SCRIPT, type InterruptOutcome } from "../wire/interrupter.ts";
import { pauseTracking, resumeTracking } from "./current-cell.ts";
import type { MainInspector } from "./main-inspector.ts";
import { packageRoot } from "./own-package.ts";

const FRAMES_TO_SEE = 200;
/** How long only code of cells and packages is ended, before Node's own code that it has called is ended as well. */
const NODE_PATIENCE_MS = 200;
/** How long the engine, called by a cell, may take to come back to it. */
const ENGINE_PATIENCE_MS = 500;
/** After this time everything is ended that is not the kernel's own. */
const PATIENCE_MS = 2000;
/** More rounds than V8 needs to notice that a loop shall end. */
const ROUNDS_TO_NOTICE = 10_000_000;

const mark = new Error("the interrupt's own, to reset the stack of async ids");

type Unwinder = (error: Error, fromPromise: boolean) => boolean;

/**
 * Decides what an interrupt ends. The wire thread's inspector session calls the decision on the main thread, on top of
 * whatever runs there: so it sees the stack as it is, and nothing can change between looking and ending.
 *
 * V8 ends the code at its next look, which is when a function begins or a loop turns. If that is in code of Node's which
 * V8 calls by itself (for a promise, for a stack trace), V8 takes the end for a fault of that code and goes on with the
 * rest. So while an end is due, as little as possible of such code is called; and whoever wants the end asks again until
 * nothing runs.
 */
export class InterruptDecision {
  readonly #state: ExecutionState;
  readonly #inspector: MainInspector;
  /** An interrupt came while kernel code ran that user code had called. */
  #wanted = false;
  /** An end is due; this undoes what was done so that it comes. */
  #undo: (() => void) | null = null;

  constructor(state: ExecutionState, inspector: MainInspector) {
    this.#state = state;
    this.#inspector = inspector;
    const decide = (execution: number, elapsed: number) => this.#decide(execution, elapsed);
    const value = Object.freeze({ decide, done: resumeTracking });
    Object.defineProperty(globalThis, INTERRUPT_DECISION, { value });
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
      if (this.#wanted) this.endCaller();
    }
  }

  /** Forgets a wish that the end of its cell has fulfilled. */
  reset(): void {
    this.#wanted = false;
  }

  /** Ends the code of a cell that has called this, so that it does not return. */
  endCaller(): void {
    this.#end();
    for (let round = 0; round < ROUNDS_TO_NOTICE && this.#undo !== null; round++);
  }

  #decide(execution: number, elapsed: number): InterruptOutcome {
    if (execution !== this.#state.execution) return "nothing runs";
    const frames = stackFrames();
    // Node stops calling its hooks only if it is told between two of their calls.
    if (!frames.some((frame) => HOOKS.test(frame))) pauseTracking();
    if (frames.length === 0) return "nothing seen";
    const scripts = frames.filter((frame) => !isNative(frame));
    // Between pieces of the user's code stands Node's own: in a moment one of them will be there.
    const foreign = scripts.filter((frame) => !isNodeFrame(frame));
    if (foreign.length === 0) return "not now";
    const inner = foreign.find((frame) => !frame.includes("/node_modules/")) ?? foreign[0]!;
    if (isKernelFrame(inner)) {
      const { activity } = this.#state;
      const isCalledByUser = foreign.some((frame) => !isKernelFrame(frame));
      if (activity === KERNEL_CODE) this.#wanted = isCalledByUser;
      if (activity !== USER_CODE || !isCalledByUser || elapsed < ENGINE_PATIENCE_MS) return "not now";
    }
    if (isNodeFrame(scripts[0]!) && elapsed < patienceWith(scripts[0]!, scripts[1]!)) return "not now";
    this.#end();
    return "ending";
  }

  #end(): void {
    this.#wanted = false;
    if (this.#undo === null) {
      const { stackTraceLimit } = Error;
      // An error that has no stack trace has none formatted.
      Error.stackTraceLimit = undefined as unknown as number;
      this.#undo = () => {
        Error.stackTraceLimit = stackTraceLimit;
      };
    } else {
      // The end that was due came where V8 goes on all the same; until that is cleared away, it refuses another one.
      this.#inspector.clearTermination();
    }
    // What is ended cannot take back what Node noted of the async resources that it entered, and Node aborts when it
    // finds the notes at the end of the turn. Its handler of uncaught errors clears them.
    (process as unknown as { _fatalException: Unwinder })._fatalException(mark, false);
    this.#inspector.terminate(() => {
      this.#undo?.();
      this.#undo = null;
    });
  }
}

/** Whether an uncaught error is only the interrupt's own. */
export function isInterruptMark(error: unknown): boolean {
  return error === mark;
}

/**
 * How long to wait for Node's own code to end by itself: ended in the middle, it leaves its lists torn. Some of it V8
 * calls while it does something for user code, such as making a stack trace. What only takes a note of a promise can be
 * ended at any time.
 */
function patienceWith(inner: string, caller: string): number {
  if (HOOKS.test(inner) && !isNodeFrame(caller)) return 0;
  return CALLED_BY_V8.test(inner) ? PATIENCE_MS : NODE_PATIENCE_MS;
}

const HOOKS = /^node:(internal\/)?async_hooks$/;
const CALLED_BY_V8 = /^node:(internal\/)?(async_hooks|promise_hooks|process\/promises|errors|modules\/)/;

const kernelFolders = ["dist/", "src/", "kernel/"].map((name) => `${fileURLToPath(packageRoot)}${name}`);

/** Whether a stack frame's script is part of the kernel or the engine. */
function isKernelFrame(script: string): boolean {
  return kernelFolders.some((folder) => script.includes(folder));
}

function isNodeFrame(script: string): boolean {
  return script.startsWith("node:");
}

/** Whether a frame is of no script: V8's own, such as the calls inside `map`, or WebAssembly, which belongs to its caller. */
function isNative(script: string): boolean {
  return script === NATIVE || script.startsWith("wasm:");
}

const NATIVE = "";

function scriptOf(site: NodeJS.CallSite): string {
  return site.getScriptNameOrSourceURL() || (site.isEval() ? "eval" : NATIVE);
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
