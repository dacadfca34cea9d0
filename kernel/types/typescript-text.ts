import { type CellPart, splitCell } from "../cell/split-cell.ts";

/** The cell magics whose body is TypeScript. */
const TYPESCRIPT_MAGICS = new Set(["time"]);

/** A cell with spaces in place of its magics and shell lines; null when it holds another language. */
export function typescriptOf(code: string): string | null {
  const cell = splitCell(code);
  if (cell.kind === "mixture") return keepLines(code, linesOf(cell.parts, 0));
  if (!TYPESCRIPT_MAGICS.has(cell.name)) return null;
  const body = splitCell(cell.body);
  return body.kind === "mixture" ? keepLines(code, linesOf(body.parts, cell.bodyLine - 1)) : null;
}

/** The lines of the TypeScript parts, counted from 1. */
function linesOf(parts: readonly CellPart[], above: number): Set<number> {
  const lines = new Set<number>();
  for (const part of parts) {
    if (part.kind !== "typescript") continue;
    const count = part.code.split("\n").length;
    for (let line = part.line; line < part.line + count; line++) lines.add(above + line);
  }
  return lines;
}

function keepLines(code: string, kept: ReadonlySet<number>): string {
  // Every second piece is the end of a line.
  const pieces = code.split(/(\r\n?|\n)/);
  return pieces
    .map((piece, index) => (index % 2 === 1 || kept.has(index / 2 + 1) ? piece : " ".repeat(piece.length)))
    .join("");
}
