import { type CellContext, CellError } from "../cell/cell-context.ts";
import { isQueryResult } from "../display/query-result.ts";
import type { LiveSession } from "../session/live-session.ts";
import { problemsText } from "./problem-text.ts";
import { declareResult, declareUnknown } from "./result-type.ts";
import type { TypedCompletions, TypeProblem } from "./type-messages.ts";
import { TypeService } from "./type-service.ts";
import { typecheckMode } from "./typecheck-mode.ts";
import { typescriptOf } from "./typescript-text.ts";

/** How long whoever types waits for the types where live values have something to offer, and where they have not. */
const PATIENCE_MS = 50;
const LONG_PATIENCE_MS = 500;

/** An execution whose texts are checked; its output is open after its end. */
export interface CheckedRun extends CellContext {
  readonly silent: boolean;
  flush(): void;
}

interface ExecutedText {
  readonly id: number;
  readonly source: string;
  readonly run: CheckedRun;
}

/** The types of a session: tells the type service what cells run, and shows what it finds. */
export class SessionTypes {
  readonly #session: LiveSession;
  readonly #service: TypeService;
  /** What the executions under way have evaluated. */
  readonly #running = new Map<CellContext, { readonly run: CheckedRun; readonly executed: ExecutedText[] }>();
  /** Texts of cells that have run, to check when the service runs. */
  #unchecked: ExecutedText[] = [];
  #started = false;

  constructor(session: LiveSession) {
    this.#session = session;
    this.#service = new TypeService((run) => session.interrupts.kernelSection(run));
    session.observer = {
      evaluating: (source, context) => this.#evaluating(source, context),
      bound: (name, value) => this.#bound(name, value),
      forgotten: () => this.#service.forgetAll(),
    };
  }

  /** Starts the service, which then also checks what ran before. */
  start(): void {
    this.#started = true;
    this.#service.start();
    this.#checkExecuted();
  }

  /** From now on, what the session evaluates for this execution is the text of a cell. */
  begin(run: CheckedRun): void {
    this.#running.set(run, { run, executed: [] });
  }

  /**
   * The cell's texts have run. Resolves when whoever runs the cell need not wait for its check.
   * @param succeeded whether they ran to their end.
   */
  async end(run: CheckedRun, succeeded: boolean): Promise<void> {
    const running = this.#running.get(run);
    this.#running.delete(run);
    // Of a cell that has failed, its own error is what matters.
    if (succeeded && running !== undefined) this.#unchecked.push(...running.executed);
    const isAwaited = typecheckMode() === "wait";
    this.#started ||= isAwaited;
    const checks = this.#started ? this.#checkExecuted() : [];
    if (isAwaited) await Promise.all(checks);
  }

  /** What fits at an offset of a cell, as far as types tell. */
  async complete(code: string, offset: number, hasOthers: boolean): Promise<TypedCompletions | null> {
    this.start();
    const text = typescriptOf(code);
    if (text === null) return null;
    const { folder } = this.#session;
    return await this.#service.complete({ text, folder, offset }, hasOthers ? PATIENCE_MS : LONG_PATIENCE_MS);
  }

  /** The type and documentation of what is at an offset of a cell. */
  async explain(code: string, offset: number): Promise<string | null> {
    this.start();
    const text = typescriptOf(code);
    if (text === null) return null;
    return await this.#service.explain({ text, folder: this.#session.folder, offset }, LONG_PATIENCE_MS);
  }

  #evaluating(source: string, context: CellContext): Promise<void> | undefined {
    const running = this.#running.get(context);
    if (running === undefined) return undefined;
    const { run, executed } = running;
    const id = this.#service.add({ text: source, folder: this.#session.folder });
    const mode = typecheckMode();
    if (mode === "error") return this.#refuseProblems(id, source, run);
    if (mode !== "off" && !run.silent) executed.push({ id, source, run });
    return undefined;
  }

  async #refuseProblems(id: number, source: string, run: CheckedRun): Promise<void> {
    this.#started = true;
    const problems = this.#known(await this.#service.check(id));
    if (problems.length === 0) return;
    this.#service.forget(id);
    const count = `${problems.length} type error${problems.length === 1 ? "" : "s"}`;
    const evalue = `${count}, so the cell did not run (%typecheck on shows them as warnings)`;
    const text = problemsText(problems, source, run.executionCount, "error");
    throw new CellError("TypeCheckError", evalue, [`TypeCheckError: ${evalue}`, text.trimEnd()]);
  }

  #bound(name: string, value: unknown): void {
    const isResult = typeof value === "object" && value !== null && isQueryResult(value);
    const text = isResult ? declareResult(name, value) : declareUnknown(name);
    this.#service.add({ text, folder: this.#session.folder, declares: [name] });
  }

  #checkExecuted(): Promise<void>[] {
    const unchecked = this.#unchecked;
    this.#unchecked = [];
    return unchecked.map((executed) => this.#check(executed));
  }

  async #check({ id, source, run }: ExecutedText): Promise<void> {
    const problems = this.#known(await this.#service.check(id));
    if (problems.length === 0 || !["on", "wait"].includes(typecheckMode())) return;
    run.output.stream("stderr", problemsText(problems, source, run.executionCount, "warning"));
    run.flush();
  }

  /** Without names that only the running session knows, such as what a cell put on `globalThis`. */
  #known(problems: readonly TypeProblem[] | null): TypeProblem[] {
    const names = new Set(this.#session.names());
    return (problems ?? []).filter(
      ({ missingName }) => missingName === null || !(missingName in globalThis || names.has(missingName)),
    );
  }
}
