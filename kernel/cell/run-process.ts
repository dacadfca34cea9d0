import { type ChildProcess, spawn } from "node:child_process";
import { type CellContext, CellError } from "./cell-context.ts";
import { stopped } from "./stopped.ts";

/** How a command ended: by its own exit code, or by a signal. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How long a command that was interrupted has to end by itself. */
const GRACE_MS = 1000;
/** How long output of what a command left in the background is still awaited. */
const LINGER_MS = 200;

const living = new Set<ChildProcess>();

/**
 * Runs a command in the session's folder and streams its output to the cell. An interrupt stops the command and all
 * that it started.
 * @param input text for its standard input.
 */
export async function runProcess(
  command: readonly [string, ...string[]],
  context: CellContext,
  input?: string,
): Promise<ProcessEnd> {
  const [program, ...parameters] = command;
  const child = spawn(program, parameters, {
    cwd: context.session.folder,
    detached: true,
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  for (const name of ["stdout", "stderr"] as const) {
    child[name]!.setEncoding("utf8");
    child[name]!.on("data", (text: string) => context.output.stream(name, text));
  }
  // A command that ends before it has read its input closes the pipe, which is its right.
  child.stdin?.on("error", () => {});
  child.stdin?.end(input);
  const stop = () => interruptGroup(child);
  context.signal.addEventListener("abort", stop, { once: true });
  watchKernelExit();
  living.add(child);
  let end: ProcessEnd;
  try {
    if (context.signal.aborted) stop();
    end = await ended(child, program);
  } finally {
    context.signal.removeEventListener("abort", stop);
  }
  if (!context.signal.aborted) return end;
  throw stopped("the command");
}

/** `exit code 3` or `ended by SIGTERM`; null for success. */
export function failureText(end: ProcessEnd): string | null {
  if (end.signal !== null) return `ended by ${end.signal}`;
  return end.code === 0 ? null : `exit code ${end.code}`;
}

function ended(child: ChildProcess, program: string): Promise<ProcessEnd> {
  return new Promise((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      living.delete(child);
      const reason = error.code === "ENOENT" ? "it is not installed, or the working folder is gone" : error.message;
      const message = `cannot start ${program}: ${reason}`;
      reject(new CellError("ShellError", message, [`ShellError: ${message}`]));
    });
    child.once("exit", (code, signal) => {
      living.delete(child);
      const finish = () => resolve({ code, signal });
      const timer = setTimeout(finish, LINGER_MS);
      child.once("close", () => {
        clearTimeout(timer);
        finish();
      });
    });
  });
}

function interruptGroup(child: ChildProcess): void {
  signalGroup(child, "SIGINT");
  const timer = setTimeout(() => signalGroup(child, "SIGKILL"), GRACE_MS);
  child.once("exit", () => {
    clearTimeout(timer);
    // What the command started may have ignored the first signal and outlived it.
    signalGroup(child, "SIGKILL");
  });
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

let watching = false;

/** Commands run in process groups of their own, so they would outlive the kernel. */
function watchKernelExit(): void {
  if (watching) return;
  watching = true;
  process.once("exit", () => {
    for (const child of living) signalGroup(child, "SIGKILL");
  });
}
