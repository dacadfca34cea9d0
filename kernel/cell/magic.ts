import type { CellContext, CellValue } from "./cell-context.ts";

/** A command of the notebook, `%name` or `%%name`: one record per magic, in a file of its own. */
export interface Magic {
  /** Without the `%`. */
  readonly name: string;
  /** `line`: `%name argument`; `cell`: `%%name argument` on the first line, with the lines below as its body. */
  readonly forms: readonly ("line" | "cell")[];
  /** As people type it: `%%writefile [-a] FILE`. */
  readonly usage: string;
  /** One sentence. */
  readonly summary: string;
  /** Options with their values' names, for completion and for messages. */
  readonly options?: readonly MagicOption[];
  run(call: MagicCall, context: CellContext): Promise<CellValue>;
}

/** An option of a magic: `--name VALUE`, or a bare `--name` where it has no value. */
export interface MagicOption {
  readonly name: string;
  /** A one-letter form, without the `-`. */
  readonly letter?: string;
  /** The name of its value in usage texts; absent for a bare option. */
  readonly value?: string;
  /** The words allowed as its value. */
  readonly words?: readonly string[];
  /** It may be given more than once. */
  readonly repeatable?: boolean;
  readonly summary: string;
}

/** One use of a magic in a cell. */
export interface MagicCall {
  readonly form: "line" | "cell";
  /** The rest of the magic's own line. */
  readonly argument: string;
  /** The lines below, of a cell magic; empty for a line magic. */
  readonly body: string;
  /** The line of the cell on which the body begins, from 1. */
  readonly bodyLine: number;
  /** Every magic there is. */
  readonly magics: readonly Magic[];
  /** Runs text as a cell of its own, within the same execution. */
  runCell(code: string): Promise<CellValue>;
}

/** The value of a cell that shows nothing. */
export const NO_VALUE: CellValue = { kind: "none" };
