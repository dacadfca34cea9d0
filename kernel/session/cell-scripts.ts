import { LineIndex } from "./line-index.ts";

/** A text that was given to V8, and the cell that it was made of. */
export interface CellScript {
  /** The cell's number as the user sees it; 0 for what is evaluated silently. */
  readonly executionCount: number;
  /** As the user typed it. */
  readonly source: string;
  readonly code: string;
  toSource(offset: number): number;
}

/** A place in a cell as the user typed it, counted from 1. */
export interface CellPlace {
  readonly executionCount: number;
  readonly line: number;
  readonly column: number;
}

const SCHEME = "fenl-cell:";

/** Every text that was evaluated, by the name under which V8 reports it in stack traces. */
export class CellScripts {
  readonly #scripts = new Map<string, CellScript>();

  /** @returns the name for V8. */
  add(evaluation: number, script: CellScript): string {
    const url = `${SCHEME}${evaluation}`;
    this.#scripts.set(url, script);
    return url;
  }

  /** The place in a cell of a place in an evaluated text, counted from 1 as V8 counts. */
  locate(url: string, line: number, column: number): CellPlace | null {
    const script = this.#scripts.get(url);
    if (script === undefined) return null;
    const offset = new LineIndex(script.code).offset({ line: line - 1, column: column - 1 });
    const place = new LineIndex(script.source).place(script.toSource(offset));
    return { executionCount: script.executionCount, line: place.line + 1, column: place.column + 1 };
  }

  /** The lines around a place, with a caret under it. */
  excerpt({ executionCount, line, column }: CellPlace): string[] {
    // Parts of one cell are evaluated one by one, with blank lines where the others stand.
    const texts = [...this.#scripts.values()].filter((script) => script.executionCount === executionCount);
    const lines = texts
      .map(({ source }) => source.split(/\r\n|[\n\r\u2028\u2029]/))
      .findLast((candidate) => (candidate[line - 1] ?? "").trim() !== "");
    return lines === undefined ? [] : excerptOf(lines, line, column);
  }
}

const CONTEXT_LINES = 2;
const WIDEST_LINE = 160;

/** The lines of a text around a place, counted from 1, with a caret under it. */
export function excerptOf(lines: readonly string[], line: number, column: number): string[] {
  const first = Math.max(1, line - CONTEXT_LINES);
  const last = Math.min(lines.length, line + CONTEXT_LINES);
  const width = String(last).length;
  const excerpt: string[] = [];
  for (let number = first; number <= last; number++) {
    const text = lines[number - 1]!;
    const shown = text.length > WIDEST_LINE ? `${text.slice(0, WIDEST_LINE)}…` : text;
    excerpt.push(`${number === line ? ">" : " "} ${String(number).padStart(width)} | ${shown}`.trimEnd());
    if (number === line && column <= WIDEST_LINE) {
      const lead = text.slice(0, column - 1).replace(/[^\t]/g, " ");
      excerpt.push(`  ${" ".repeat(width)} | ${lead}^`);
    }
  }
  while (excerpt.at(-1)?.endsWith("|")) excerpt.pop();
  return excerpt;
}

/** `In [3]`, as the notebook labels the cell. */
export function cellLabel(executionCount: number): string {
  return executionCount > 0 ? `In [${executionCount}]` : "In [ ]";
}
