import { type CellContext, CellError, type CellValue, type MimeBundle } from "../cell/cell-context.ts";
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
  if (!silent) run.publish("execute_input", { code, execution_count: kernel.executionCount });
  kernel.state.activity = KERNEL_CODE;
  kernel.state.execution = ++kernel.executions;
  try {
    return await runCode(code, run, kernel, counted);
  } finally {
    kernel.state.execution = 0;
    kernel.state.activity = IDLE;
  }
};

async function runCode(code: string, run: CellRun, kernel: Kernel, counted: boolean): Promise<object> {
  const { content } = run.request;
  const execution_count = kernel.executionCount;
  let shown: string | null = null;
  try {
    const paged = pagedName(code);
    const payload = paged === null ? [] : [pagePayload(paged, kernel.session)];
    if (paged === null) shown = await showValue(await stoppable(run, (context) => runText(code, context)), run, kernel);
    run.flush();
    if (counted) kernel.history.add(execution_count, code, shown);
    const user_expressions = await evaluateExpressions(content.user_expressions, run, kernel);
    return { status: "ok", execution_count, payload, user_expressions };
  } catch (error) {
    const { ename, evalue, traceback } = await failureOf(error, kernel);
    run.publish("error", { ename, evalue, traceback });
    if (run.signal.aborted) run.mute();
    if (counted) kernel.history.add(execution_count, code, null);
    return { status: "error", execution_count, ename, evalue, traceback, payload: [], user_expressions: {} };
  }
}

async function runText(code: string, context: CellContext): Promise<CellValue> {
  const { runCell } = await import("../cell/run-cell.ts");
  return runCell(code, context);
}

/** Waits for a cell; after an interrupt only as long as a magic needs to stop. */
function stoppable(run: CellRun, start: (context: CellContext) => Promise<CellValue>): Promise<CellValue> {
  return new Promise((resolve, reject) => {
    start(run).then(resolve, reject);
    run.signal.addEventListener("abort", () => {
      setTimeout(
        () => reject(new CellError("Interrupted", "the cell was stopped", ["Interrupted: the cell was stopped"])),
        GRACE_MS,
      );
    });
  });
}

/** Shows the value of a cell. @returns its text, for the history. */
async function showValue(value: CellValue, run: CellRun, kernel: Kernel): Promise<string | null> {
  if (value.kind === "none") return null;
  const { toMimeBundle } = await import("../display/mime-bundle.ts");
  // Values may have code of their own that says how they are shown, and that code may run for ever.
  const made = kernel.session.inspector.protect(() => toMimeBundle(value.value));
  if (made === null) throw new CellError("Interrupted", "showing the value was stopped", []);
  const bundle: MimeBundle = made.value;
  run.publish("execute_result", { execution_count: run.executionCount, data: bundle, metadata: {} });
  return String(bundle["text/plain"]);
}

async function evaluateExpressions(wanted: unknown, run: CellRun, kernel: Kernel): Promise<object> {
  const answers: Record<string, object> = Object.create(null);
  if (typeof wanted !== "object" || wanted === null) return answers;
  for (const [name, expression] of Object.entries(wanted)) {
    try {
      const value = await stoppable(run, (context) => kernel.session.evaluate(String(expression), context));
      const { toMimeBundle } = await import("../display/mime-bundle.ts");
      const made = kernel.session.inspector.protect(() =>
        toMimeBundle(value.kind === "none" ? undefined : value.value),
      );
      answers[name] = { status: "ok", data: made?.value ?? {}, metadata: {} };
    } catch (error) {
      answers[name] = { status: "error", ...(await failureOf(error, kernel)) };
    }
  }
  return answers;
}

async function failureOf(
  error: unknown,
  kernel: Kernel,
): Promise<{ ename: string; evalue: string; traceback: readonly string[] }> {
  if (error instanceof CellError) {
    const { ename, evalue, traceback } = error;
    return { ename, evalue, traceback };
  }
  const { toCellError } = await import("../session/traceback.ts");
  return failureOf(toCellError(error, kernel.session.scripts), kernel);
}

/** The reply to an execution that was asked for before an earlier one failed. */
export function abortedReply(kernel: Kernel): object {
  return { status: "aborted", execution_count: kernel.executionCount, payload: [], user_expressions: {} };
}
