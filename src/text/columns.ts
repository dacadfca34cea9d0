import { printable } from "./display-cells.ts";

/** Longer cells do not push the column behind them away from the other rows. */
const WIDEST = 60;

/** Rows of cells as lines, the cells of a column below one another; control characters are made visible. */
export function alignColumns(cells: readonly (readonly string[])[], indent = ""): string {
  const rows = cells.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, cell.length > WIDEST ? 0 : cell.length);
    }
  }
  return rows
    .map(
      (row) =>
        `${indent}${row
          .map((cell, i) => cell.padEnd(widths[i]!))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
