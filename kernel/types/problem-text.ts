import { cellLabel, excerptOf } from "../session/cell-scripts.ts";
import { LineIndex } from "../session/line-index.ts";
import type { TypeProblem } from "./type-messages.ts";

const MOST_SHOWN = 10;

/** Problems of a cell's types in words, each with its line and a caret. */
export function problemsText(
  problems: readonly TypeProblem[],
  source: string,
  executionCount: number,
  severity: "warning" | "error",
): string {
  const texts = problems.slice(0, MOST_SHOWN).map((problem) => {
    const { line, column } = new LineIndex(source).place(problem.offset);
    const lines = excerptOf(source.split(/\r\n|[\n\r\u2028\u2029]/), line + 1, column + 1);
    const place = `  ${cellLabel(executionCount)}, line ${line + 1}, column ${column + 1}`;
    return [`type ${severity}: ${problem.message} (TS${problem.code})`, place, ...lines.map((text) => `  ${text}`)]
      .join("\n")
      .concat("\n");
  });
  const more = problems.length - texts.length;
  return texts.join("") + (more > 0 ? `and ${more} more type ${severity}${more === 1 ? "" : "s"}\n` : "");
}
