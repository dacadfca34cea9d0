import { StatementScanner } from "./statement-scanner.ts";

/** A cell, by what its text asks for. Lines are counted from 1 in the cell as typed. */
export type Cell = CellMagicCall | { readonly kind: "mixture"; readonly parts: readonly CellPart[] };

/** `%%name argument` on the first line; the lines below are the magic's own. */
export interface CellMagicCall {
  readonly kind: "cell-magic";
  readonly name: string;
  readonly argument: string;
  readonly line: number;
  readonly body: string;
  readonly bodyLine: number;
}

/** A stretch of a cell without a cell magic. */
export type CellPart =
  | { readonly kind: "typescript"; readonly code: string; readonly line: number }
  | { readonly kind: "line-magic"; readonly name: string; readonly argument: string; readonly line: number }
  | { readonly kind: "shell"; readonly command: string; readonly line: number }
  /** A `%%name` below other statements, which is an error. */
  | { readonly kind: "misplaced-cell-magic"; readonly name: string; readonly line: number };

const CELL_MAGIC = /^%%([\p{L}_][\p{L}\p{N}_.-]*)(?:[^\S\n]+(.*))?$/u;
const LINE_MAGIC = /^\s*%%?([\p{L}_][\p{L}\p{N}_.-]*)(?:\s+(.*))?$/u;
/** `!=` is an operator, `!!x` and `!(x)` are TypeScript's way to negate; anything else after `!` is for the shell. */
const SHELL = /^\s*!\s*([^\s!=(].*)$/;

/** Splits a cell into a cell magic, or into stretches of TypeScript, line magics (`%name`) and shell lines (`!command`). */
export function splitCell(text: string): Cell {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  const first = lines.findIndex((line) => line.trim() !== "");
  const cellMagic = first < 0 ? null : CELL_MAGIC.exec(lines[first]!.trimEnd());
  if (cellMagic !== null) {
    return {
      kind: "cell-magic",
      name: cellMagic[1]!,
      argument: cellMagic[2] ?? "",
      line: first + 1,
      body: lines.slice(first + 1).join("\n"),
      bodyLine: first + 2,
    };
  }
  return { kind: "mixture", parts: splitMixture(lines) };
}

function splitMixture(lines: readonly string[]): CellPart[] {
  const scanner = new StatementScanner(lines.join("\n"));
  const parts: CellPart[] = [];
  let typescript: string[] = [];
  let offset = 0;
  const flush = (end: number) => {
    const code = typescript.join("\n");
    if (code.trim() !== "") parts.push({ kind: "typescript", code, line: end - typescript.length + 1 });
    typescript = [];
  };
  for (let index = 0; index < lines.length; index++) {
    const call = readCall(lines, index, () => scanner.stateAt(offset));
    if (call === null) {
      typescript.push(lines[index]!);
      offset += lines[index]!.length + 1;
      continue;
    }
    flush(index);
    parts.push(call.part);
    for (const line of lines.slice(index, call.end)) offset += line.length + 1;
    scanner.skipTo(offset);
    index = call.end - 1;
  }
  flush(lines.length);
  return parts;
}

/** The magic or shell line that starts at a line, with the index of the line after it; a `\` at the end of a line joins the next. */
function readCall(
  lines: readonly string[],
  index: number,
  state: () => ReturnType<StatementScanner["stateAt"]>,
): { readonly part: CellPart; readonly end: number } | null {
  const first = lines[index]!;
  if (!/^\s*[%!]/.test(first) || !(LINE_MAGIC.test(first) || SHELL.test(first))) return null;
  const before = state();
  if (before === "inside" || before === "unfinished") return null;
  // After a line without `;`, an indented `%name` or `!name` continues that line's expression, as formatters write it.
  if (before === "perhaps-finished" && /^\s/.test(first)) return null;
  let end = index + 1;
  let text = first;
  while (text.endsWith("\\") && end < lines.length) text = text.slice(0, -1) + lines[end++]!;
  const line = index + 1;
  const shell = SHELL.exec(text);
  if (shell !== null) return { part: { kind: "shell", command: shell[1]!.trimEnd(), line }, end };
  const magic = LINE_MAGIC.exec(text)!;
  if (/^\s*%%/.test(text)) return { part: { kind: "misplaced-cell-magic", name: magic[1]!, line }, end };
  return { part: { kind: "line-magic", name: magic[1]!, argument: (magic[2] ?? "").trimEnd(), line }, end };
}
