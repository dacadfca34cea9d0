import { type Grid, type GridCell, isNumeric, shownRows, sizeText } from "./grid.ts";

const WIDEST = 40;

/** A grid as plain text: names, types, rows, dimensions. */
export function gridText(grid: Grid): string {
  const rows = shownRows(grid);
  const columns = grid.columns.map((column, at) => ({
    cells: [oneLine(column.name), oneLine(column.type), ...rows.map((row) => cellText(row[at]!))],
    numeric: isNumeric(grid, at),
  }));
  const index =
    grid.index === undefined
      ? []
      : [{ cells: ["", "", ...grid.index.slice(0, rows.length).map(oneLine)], numeric: false }];
  const all = [...index, ...columns].map(({ cells, numeric }) => {
    const width = Math.max(...cells.map(displayWidth));
    return cells.map((cell) => {
      const blanks = " ".repeat(width - displayWidth(cell));
      return numeric ? blanks + cell : cell + blanks;
    });
  });
  const lines = Array.from({ length: rows.length + 2 }, (_, line) =>
    all
      .map((cells) => cells[line]!)
      .join("  ")
      .trimEnd(),
  );
  if (grid.columns.every((column) => column.type === "")) lines.splice(1, 1);
  return `${lines.join("\n")}\n${sizeText(grid)}`;
}

function cellText(cell: GridCell): string {
  const text = oneLine(cell.text);
  const characters = [...text];
  return characters.length > WIDEST ? `${characters.slice(0, WIDEST - 1).join("")}…` : text;
}

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters would move the terminal's cursor
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (char) => JSON.stringify(char).slice(1, -1));
}

/** Columns on a terminal, counting East Asian wide characters and emoji as two. */
function displayWidth(text: string): number {
  let width = 0;
  for (const char of text)
    width +=
      /\p{Extended_Pictographic}|[\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u.test(
        char,
      )
        ? 2
        : /\p{Mn}/u.test(char)
          ? 0
          : 1;
  return width;
}
