import process from "node:process";
import { setImmediate } from "node:timers";
import { type CellContext, CellError, type CellValue, type TypeScriptSession } from "../cell/cell-context.ts";
import { type ExecutionState, USER_CODE } from "../wire/execution-state.ts";
import { installCellGlobal } from "./cell-globals.ts";
import { CellScripts } from "./cell-scripts.ts";
import { currentCell, runInCell } from "./current-cell.ts";
import { InterruptDecision } from "./interrupt.ts";
import { type EvaluationEnd, MainInspector } from "./main-inspector.ts";
import { SessionNames } from "./names.ts";
import { CellSyntaxError, type ParsedCell, parseCell } from "./parse-cell.ts";
import { CELL_GLOBAL, rewriteCell } from "./rewrite-cell.ts";
import { describeCellFrames } from "./stack-frames.ts";
import { interruptedError, syntaxCellError, toCellError } from "./traceback.ts";

const NO_VALUE: CellValue = { kind: "none" };

/** Is told what a session evaluates and binds. */
export interface SessionObserver {
  /** A text is about to run; a promise is waited for, and when it fails the text does not run. */
  evaluating(source: string, context: CellContext): Promise<void> | undefined;
  bound(name: string, value: unknown): void;
  forgotten(): void;
}

interface Accessor {
  readonly storage: string;
  readonly get: () => unknown;
}

/** The TypeScript session on the main thread: one global scope in which every cell runs. */
export class LiveSession implements TypeScriptSession {
  readonly scripts = new CellScripts();
  readonly inspector = new MainInspector(CELL_GLOBAL);
  readonly interrupts: InterruptDecision;
  readonly #state: ExecutionState;
  readonly #names = new SessionNames();
  readonly #values = new Map<number, unknown>();
  readonly #accessors = new Map<string, Accessor>();
  readonly #pending = new Set<() => void>();
  readonly #stopped = new Set<number>();
  #latest: CellContext | null = null;
  observer: SessionObserver | null = null;
  #evaluations = 0;
  #given: unknown;

  constructor(state: ExecutionState) {
    this.#state = state;
    this.interrupts = new InterruptDecision(state, this.inspector);
    installCellGlobal(this.inspector, {
      value: (evaluation, value) => {
        if (this.#values.has(evaluation)) this.#values.set(evaluation, value);
      },
      given: () => this.#given,
      isStopped: (evaluation) => {
        if (evaluation > 0) return this.#stopped.has(evaluation);
        // What has lost its cell, because an interrupt has paused the tracking, belongs to the one that it stopped.
        return (currentCell() ?? this.#latest)?.signal.aborted === true;
      },
    });
    describeCellFrames(this.scripts);
  }

  get folder(): string {
    return process.cwd();
  }

  async evaluate(source: string, context: CellContext): Promise<CellValue> {
    if (context.signal.aborted) throw interruptedError();
    const cell = this.#parse(source, context);
    const permission = this.observer?.evaluating(source, context);
    if (permission !== undefined) {
      await permission;
      if (context.signal.aborted) throw interruptedError();
    }
    this.#latest = context;
    const evaluation = ++this.#evaluations;
    const { code, declared, toSource } = rewriteCell(cell, this.#names, evaluation);
    const url = this.scripts.add(evaluation, { executionCount: context.executionCount, source, code, toSource });
    for (const name of declared) this.#names.add(name);
    this.#values.set(evaluation, undefined);
    try {
      const end = await this.#run(evaluation, `${code}\n//# sourceURL=${url}`, context);
      if (end.kind !== "done") throw this.#failure(end);
      const value = this.#values.get(evaluation);
      return value === undefined ? NO_VALUE : { kind: "value", value };
    } finally {
      this.#values.delete(evaluation);
    }
  }

  /** Has the evaluation under way answered as interrupted, whatever it still awaits. */
  interrupt(): void {
    for (const stop of this.#pending) stop();
  }

  bind(name: string, value: unknown): void {
    const entry = this.#names.plan(name, "let");
    this.#given = value;
    this.inspector.evaluateNow(`let ${entry.storage} = ${CELL_GLOBAL}.given();`);
    this.#given = undefined;
    this.#names.add(entry);
    this.observer?.bound(name, value);
  }

  bindings(): ReadonlyMap<string, unknown> {
    const values = new Map<string, unknown>();
    for (const name of this.names()) {
      const found = this.lookup(name);
      if (found !== undefined) values.set(name, found.value);
    }
    return values;
  }

  forgetAll(): void {
    // What functions of earlier cells still see is gone as well, and the memory of it.
    const stores = [...this.#names.all()].map(({ storage }) => `try { ${storage} = undefined } catch {}`);
    this.inspector.evaluateNow(stores.join("\n"));
    this.#names.forgetAll();
    this.#accessors.clear();
    this.observer?.forgotten();
  }

  /** The names that cells have declared, in the order of their first declaration. */
  names(): string[] {
    return [...this.#names.all()].map(({ name }) => name);
  }

  /** The present value of a name that a cell has declared; undefined when it has none. */
  lookup(name: string): { readonly value: unknown } | undefined {
    const entry = this.#names.get(name);
    if (entry === undefined) return undefined;
    try {
      return { value: this.#accessor(name, entry.storage).get() };
    } catch (error) {
      // The cell that declares it failed before it got there.
      if (error instanceof ReferenceError) return undefined;
      throw error;
    }
  }

  #accessor(name: string, storage: string): Accessor {
    const known = this.#accessors.get(name);
    if (known !== undefined) return known;
    const evaluation = ++this.#evaluations;
    this.#values.set(evaluation, undefined);
    this.inspector.evaluateNow(`${CELL_GLOBAL}.value(${evaluation}, () => ${storage});`);
    const accessor = { storage, get: this.#values.get(evaluation) as () => unknown };
    this.#values.delete(evaluation);
    this.#accessors.set(name, accessor);
    return accessor;
  }

  #parse(source: string, { executionCount }: CellContext): ParsedCell {
    try {
      return parseCell(source);
    } catch (error) {
      if (error instanceof CellSyntaxError) throw syntaxCellError(error, source, executionCount);
      throw error;
    }
  }

  /** Runs a cell's text until it ends or the user stops it. */
  #run(evaluation: number, code: string, context: CellContext): Promise<EvaluationEnd> {
    const before = this.#state.activity;
    return new Promise<EvaluationEnd>((resolve) => {
      const settle = (end: EvaluationEnd) => {
        if (!this.#pending.delete(stop)) return;
        if (end.kind === "terminated") this.#stopped.add(evaluation);
        this.#state.activity = before;
        this.interrupts.reset();
        // What the cell has left in the queue of microtasks may be ended, and all that waits in it with it.
        setImmediate(() => resolve(end));
      };
      const stop = () => settle({ kind: "terminated" });
      this.#pending.add(stop);
      // When a microtask is ended, V8 drops all that wait with it. On a turn of its own, none of them is the kernel's.
      setImmediate(() => {
        if (!this.#pending.has(stop)) return;
        runInCell(context, () => {
          this.#state.activity = USER_CODE;
          this.inspector.evaluate(code, settle);
        });
      });
    });
  }

  #failure(end: Exclude<EvaluationEnd, { kind: "done" }>): CellError {
    switch (end.kind) {
      case "terminated":
        return interruptedError();
      case "never settles": {
        const text = "the cell awaits a promise that nothing can settle any more";
        return new CellError("AwaitError", text, [`AwaitError: ${text}`]);
      }
      case "thrown":
        return toCellError(end.thrown, this.scripts);
    }
  }
}
