import { columnReader } from "../execute/rows/dictionary.ts";
import type { RowSetColumn } from "../execute/rows/row-set.ts";
import { csvCell, csvLine, csvQuoted } from "../values/csv-text.ts";
import { type FenlType, isUnsigned } from "../values/fenl-type.ts";
import { CsvBytes } from "./csv-bytes.ts";
import { isValid, type Output, outputForm, outputParts } from "./output.ts";

const PIECE_LENGTH = 1 << 16;
const [COMMA, LINE_FEED] = [44, 10];

/** Writes the cell of a row. */
type CellWriter = (row: number) => void;

/** Writes a column's cells; texts that repeat are made once. */
function cellWriter(to: CsvBytes, column: RowSetColumn): CellWriter {
  const { type, values, valid, dictionary } = column;
  const read = columnReader(column);
  if (dictionary !== undefined && type.kind !== "list") {
    const made: (Buffer | undefined)[] = [];
    return (row) => {
      if (!isValid(column, row)) return;
      const code = values[row] as number;
      made[code] ??= Buffer.from(csvCell(type, read(row)));
      to.bytes(made[code]);
    };
  }
  const present = presentWriter(to, column) ?? ((row) => to.text(csvCell(type, read(row))));
  return (row) => {
    if (valid === undefined || valid[row] !== 0) present(row);
  };
}

/** Writes cells of rows with values, of types for which there is a quick way. */
function presentWriter(to: CsvBytes, { type, values }: RowSetColumn): CellWriter | null {
  if (values instanceof Float64Array) {
    return (row) => {
      const value = values[row]!;
      if (!to.decimal(value)) to.text(csvCell(type, value));
    };
  }
  if (values instanceof Int32Array) return isInteger(type) ? integerWriter(to, values, isUnsigned(type)) : null;
  if (!(values instanceof BigInt64Array)) return null;
  const { buffer, byteOffset, length } = values;
  const unsigned = new Uint32Array(buffer, byteOffset, 2 * length);
  const signed = new Int32Array(buffer, byteOffset, 2 * length);
  switch (type.kind) {
    case "timestamp_ns":
      return (row) => to.nanoseconds(signed[2 * row + 1]!, unsigned[2 * row]!);
    case "u64":
      return (row) => to.unsigned(unsigned[2 * row + 1]!, unsigned[2 * row]!);
    case "i64":
      return (row) => {
        const high = signed[2 * row + 1]!;
        if (high >= 0) to.unsigned(high, unsigned[2 * row]!);
        else to.text(String(values[row]));
      };
    default:
      return null;
  }
}

function isInteger({ kind }: FenlType): boolean {
  return /^[iu](8|16|32)$/.test(kind);
}

function integerWriter(to: CsvBytes, values: Int32Array, isUnsigned: boolean): CellWriter {
  return (row) => {
    const value = isUnsigned ? values[row]! >>> 0 : values[row]!;
    if (value >= 0) to.unsigned(0, value);
    else to.text(String(value));
  };
}

/**
 * The output as CSV in UTF-8 (language reference, 5.5) in pieces: a header, then lines that end in a line feed. A piece ends
 * where a line does.
 */
export function* csvPieces(output: Output): Generator<Buffer> {
  const to = new CsvBytes(2 * PIECE_LENGTH);
  to.text(`${csvLine(outputForm(output).columns.map((column) => csvQuoted(column.name)))}\n`);
  for (const part of outputParts(output)) {
    const writers = part.columns.map((column) => cellWriter(to, column));
    for (let row = 0; row < part.rows; row++) {
      const start = to.length;
      for (let index = 0; index < writers.length; index++) {
        if (index > 0) to.byte(COMMA);
        writers[index]!(row);
      }
      // A line of one empty cell is not to be a blank line.
      if (to.length === start) to.text(csvLine([""]));
      to.byte(LINE_FEED);
      if (to.length >= PIECE_LENGTH) yield to.take();
    }
  }
  yield to.take();
}

/** {@link csvPieces} as texts. */
export function* toCsvPieces(output: Output): Generator<string> {
  for (const piece of csvPieces(output)) yield piece.toString();
}
