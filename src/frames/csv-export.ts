import { columnReader } from "../execute/rows/dictionary.ts";
import type { RowSetColumn } from "../execute/rows/row-set.ts";
import { csvCell, csvLine, csvQuoted } from "../values/csv-text.ts";
import { isValid, type Output, outputForm, outputParts } from "./output.ts";

const PIECE_LENGTH = 1 << 16;

/** A function from the row to the cell's text; texts that repeat are made once. */
function cellReader(column: RowSetColumn): (row: number) => string {
  const { type, values, dictionary } = column;
  const read = columnReader(column);
  if (dictionary !== undefined && type.kind !== "list") {
    const made: (string | undefined)[] = [];
    return (row) => {
      if (!isValid(column, row)) return "";
      const code = values[row] as number;
      made[code] ??= csvCell(type, read(row));
      return made[code];
    };
  }
  return (row) => csvCell(type, read(row));
}

/** The output as CSV text (language reference, 5.5) in pieces: a header, then lines that end in a line feed. */
export function* toCsvPieces(output: Output): Generator<string> {
  let piece = `${csvLine(outputForm(output).columns.map((column) => csvQuoted(column.name)))}\n`;
  for (const part of outputParts(output)) {
    const cells = part.columns.map(cellReader);
    for (let row = 0; row < part.rows; row++) {
      piece += `${csvLine(cells.map((cell) => cell(row)))}\n`;
      if (piece.length >= PIECE_LENGTH) {
        yield piece;
        piece = "";
      }
    }
  }
  yield piece;
}
