/** Output by MIME type, as Jupyter's display messages carry it; `text/plain` is always there. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** What a running cell can reach: the session's variables, the front end, and the user's wish to stop. */
export interface CellContext {
  readonly session: TypeScriptSession;
  readonly output: CellOutput;
  /** Aborted when the user interrupts the cell. Long work must listen. */
  readonly signal: AbortSignal;
  /** The number shown as `In [n]`; 0 for silent executions. */
  readonly executionCount: number;
}

/** Where a cell's output goes: the iopub messages of the request that runs it. */
export interface CellOutput {
  stream(name: "stdout" | "stderr", text: string): void;
  display(bundle: MimeBundle, options?: { readonly displayId?: string; readonly update?: boolean }): void;
  clear(wait: boolean): void;
}

/** The persistent TypeScript session behind a notebook. */
export interface TypeScriptSession {
  /**
   * Runs TypeScript statements in the session.
   * @returns the value of the last expression statement, if the text ends in one.
   * @throws CellError for whatever the user's code throws, syntax errors, and interrupts.
   */
  evaluate(code: string, context: CellContext): Promise<CellValue>;
  /** Binds (or rebinds) a name that later cells see, as `let` would. */
  bind(name: string, value: unknown): void;
  /** Names that cells have bound, in the order of their first binding, with their present values. */
  bindings(): ReadonlyMap<string, unknown>;
  /** Forgets every name that cells have bound. */
  forgetAll(): void;
  /** The folder that relative paths and imports start from: the notebook's, or where `%cd` went. */
  readonly folder: string;
}

/** The value of a cell: `none` when it ends in a statement, a declaration, a `;`, or in `undefined`. */
export type CellValue = { readonly kind: "none" } | { readonly kind: "value"; readonly value: unknown };

/** A failure of a cell as the front end shows it. `traceback` is for reading: lines of cells and of the user's files. */
export class CellError extends Error {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];

  constructor(ename: string, evalue: string, traceback: readonly string[]) {
    super(`${ename}: ${evalue}`);
    this.ename = ename;
    this.evalue = evalue;
    this.traceback = traceback;
  }
}
