import type { CellContext, CellValue } from "./cell-context.ts";
import { NO_VALUE } from "./magic.ts";
import { findMagic, magics } from "./magics.ts";
import { runShellLine } from "./shell-line.ts";
import { type CellMagicCall, type CellPart, splitCell } from "./split-cell.ts";
import { usageError } from "./usage-error.ts";

/**
 * Runs a cell: its cell magic, or its TypeScript, line magics and shell lines in order.
 * @returns the value of the magic, or of the last part.
 * @throws CellError at the first part that fails; what ran before it stays done.
 */
export async function runCell(code: string, context: CellContext): Promise<CellValue> {
  const cell = splitCell(code);
  if (cell.kind === "cell-magic") return runCellMagic(cell, context);
  let value = NO_VALUE;
  for (const part of cell.parts) value = await runPart(part, context);
  return value;
}

function runCellMagic(cell: CellMagicCall, context: CellContext): Promise<CellValue> {
  const magic = findMagic(cell.name, "cell");
  const call = { form: "cell", argument: cell.argument, body: cell.body, bodyLine: cell.bodyLine } as const;
  return magic.run({ ...call, magics, runCell: (code) => runCell(code, context) }, context);
}

async function runPart(part: CellPart, context: CellContext): Promise<CellValue> {
  switch (part.kind) {
    case "typescript":
      // Blank lines above keep the line numbers of errors those of the cell as typed.
      return context.session.evaluate("\n".repeat(part.line - 1) + part.code, context);
    case "line-magic": {
      const call = { form: "line", argument: part.argument, body: "", bodyLine: part.line + 1 } as const;
      const magic = findMagic(part.name, "line");
      return magic.run({ ...call, magics, runCell: (code) => runCell(code, context) }, context);
    }
    case "shell":
      await runShellLine(part.command, context);
      return NO_VALUE;
    case "misplaced-cell-magic":
      throw usageError(
        `%%${part.name} is on line ${part.line}, but a cell magic must be the first line of its cell`,
        "Move it, with the lines that belong to it, to a cell of its own.",
      );
  }
}
