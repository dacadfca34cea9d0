import type { CellValue, MimeBundle } from "../cell/cell-context.ts";
import { toMimeBundle } from "../display/mime-bundle.ts";
import { interruptedError, toCellError } from "../session/traceback.ts";
import { IDLE, KERNEL_CODE } from "../wire/execution-state.ts";
import { CellRun } from "./cell-run.ts";
import type { Kernel, RequestHandler } from "./kernel.ts";
import { pagedName, pagePayload } from "./page.ts";

/** How long an interrupted magic may take to stop what it has begun. */
const GRACE_MS = 2000;

/** Answers execute_request: runs a cell and sends what it shows. */
export const executeRequest: RequestHandler = async (request, kernel) => {
  const { content } = request;
  const code = typeof content.code === "string" ? content.code : "";
  const silent = content.silent === true;
  const counted = !silent && content.store_history !== false && code.trim() !== "";
  if (counted) kernel.executionCount++;
  const run = new CellRun(request, kernel.wire, kernel.session, silent ? 0 : kernel.executionCount, silent);
  kernel.run = run;
  // Whoever sees the execution begin can interrupt it.
  kernel.state.activity = KERNEL_CODE;
  kernel.state.execution = ++kernel.executions;
  if (!silent) run.publish("execute_input", { code, execution_count: kernel.executionCount });
  try {
    const outcome = await stoppable(run, () => runCode(code, run, kernel));
    if (counted) kernel.history.add(kernel.executionCount, code, outcome.shown);
    return outcome.reply;
  } catch (error) {
    if (counted) kernel.history.add(kernel.executionCount, code, null);
    return await failed(error, run, kernel);
  } finally {
    kernel.state.execution = 0;
    kernel.state.activity = IDLE;
  }
};

/** Waits for what an execution does; after an interrupt only as long as a magic needs to stop. */
function stoppable<T>(run: CellRun, start: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    start().then(resolve, reject);
    run.signal.addEventListener("abort", () => setTimeout(() => reject(interruptedError()), GRACE_MS));
  });
}

async function runCode(code: string, run: CellRun, kernel: Kernel): Promise<{ reply: object; shown: string | null }> {
  const paged = pagedName(code);
  let shown: string | null = null;
  if (paged === null) {
    const { runCell } = await import("../cell/run-cell.ts");
    let succeeded = false;
    kernel.types.begin(run);
    try {
      shown = showValue(await runCell(code, run), run, kernel);
      succeeded = true;
    } finally {
      await kernel.types.end(run, succeeded);
    }
  }
  run.flush();
  const reply = {
    status: "ok",
    execution_count: kernel.executionCount,
    payload: paged === null ? [] : [pagePayload(paged, kernel.session)],
    user_expressions: await evaluateExpressions(run, kernel),
  };
  return { reply, shown };
}

async function failed(thrown: unknown, run: CellRun, kernel: Kernel): Promise<object> {
  const { ename, evalue, traceback } = toCellError(thrown, kernel.session.scripts);
  if (!run.silent) run.publish("error", { ename, evalue, traceback });
  if (run.signal.aborted) run.mute();
  const { executionCount: execution_count } = kernel;
  return { status: "error", execution_count, ename, evalue, traceback, payload: [], user_expressions: {} };
}

/** Shows the value of a cell. @returns its text, for the history. */
function showValue(value: CellValue, run: CellRun, kernel: Kernel): string | null {
  if (value.kind === "none") return null;
  const data = bundleOf(value.value, kernel);
  if (!run.silent) run.publish("execute_result", { execution_count: run.executionCount, data, metadata: {} });
  return String(data["text/plain"]);
}

/** Values may have code of their own that says how they are shown, and that code may run for ever. */
function bundleOf(value: unknown, kernel: Kernel): MimeBundle {
  const made = kernel.session.inspector.protect(() => toMimeBundle(value));
  if (made === null) throw interruptedError();
  return made.value;
}

async function evaluateExpressions(run: CellRun, kernel: Kernel): Promise<object> {
  const wanted = run.request.content.user_expressions;
  const answers: Record<string, object> = Object.create(null);
  if (typeof wanted !== "object" || wanted === null) return answers;
  for (const [name, expression] of Object.entries(wanted)) {
    try {
      const value = await kernel.session.evaluate(String(expression), run);
      const data = bundleOf(value.kind === "none" ? undefined : value.value, kernel);
      answers[name] = { status: "ok", data, metadata: {} };
    } catch (error) {
      const { ename, evalue, traceback } = toCellError(error, kernel.session.scripts);
      answers[name] = { status: "error", ename, evalue, traceback };
    }
  }
  return answers;
}

/**
 * The reply to an execution that was asked for before an earlier one failed. It has no number: front ends would show the
 * cell as one that ran.
 */
export function abortedReply(): object {
  return { status: "aborted" };
}
