import type { ReadOptions } from "../read/read-csv.ts";
import { readCsvHeader } from "../read/read-csv.ts";
import type { TableDefinition } from "../table-definition.ts";
import { TableError } from "../table-error.ts";
import type { BulkInput, BulkOptions, PiecesOfFile } from "./bulk-job.ts";
import { divisionOf, VALUE_BYTES } from "./bulk-job.ts";
import type { BulkThreads } from "./bulk-threads.ts";
import type { CsvForm } from "./csv-cells.ts";
import { kindOfAll, typeOfKind } from "./csv-kinds.ts";
import type { CellKind } from "./csv-values.ts";
import type { CsvPiece, CsvTask } from "./read-csv-piece.ts";
import { settleColumns } from "./settle-columns.ts";
import { Unfit } from "./unfit.ts";

/** Bytes of a piece, about. */
const PIECE_BYTES = 1 << 24;

/** Decodes a CSV file on several threads. @throws Unfit */
export async function piecesOfCsv(
  definition: TableDefinition,
  { path, source }: BulkInput,
  reading: ReadOptions,
  options: BulkOptions,
  threads: BulkThreads,
): Promise<PiecesOfFile> {
  const header = await headerOf(source, reading);
  const { names, start, dialect, lineEnd, sample } = header;
  const form: CsvForm = { ...dialect, lineEnd, width: names.length };
  const key = names.indexOf(definition.keyColumn);
  if (names.length < 2 || key < 0) throw new Unfit("it lacks columns");
  const lines = sample.reduce((sum, byte) => sum + (byte === lineEnd.charCodeAt(lineEnd.length - 1) ? 1 : 0), 0);
  const rowsAbout = Math.ceil(((source.size - start) * (lines + 1)) / Math.max(1, sample.length));
  const division = divisionOf(rowsAbout, Math.max(source.size, rowsAbout * names.length * VALUE_BYTES));
  const kinds = names.map((name): CellKind | null => (reading.textColumns?.has(name) ? "string" : null));
  const ranges = rangesOf(start, source.size, options.pieceBytes ?? PIECE_BYTES);
  const tasks = ranges.map((range): CsvTask => ({ kind: "csv", path, ...range, form, kinds, key, division }));
  let bytes = start;
  let rows = 0;
  const report = (task: number) => {
    const { from, to } = tasks[task]!;
    bytes += to - from;
    options.onProgress?.({ phase: "reading", rows, bytes, totalBytes: source.size });
  };
  const read = await threads.run<CsvPiece>(tasks, (task, { piece }) => {
    rows += piece?.rows ?? 0;
    report(task);
  });
  await readFromWithinQuotes(tasks, read, threads);
  const whole = names.map((_, index) => kindOfAll(read.flatMap(({ cells }) => cells[index] ?? [])));
  for (const name of [definition.timeColumn, definition.keyColumn, definition.subsortColumn]) {
    if (name != null && whole[names.indexOf(name)] === "empty") throw new Unfit(`column ${name} is empty`);
  }
  await readAgain(tasks, read, whole, threads);
  const pieces = read.flatMap(({ piece }) => piece ?? []);
  rows = pieces.reduce((sum, piece) => sum + piece.rows, 0);
  if (rows === 0 || rows >= 2 ** 32) throw new Unfit("it has no rows, or more than 2^32");
  const found = names.map((name, index) => ({ name, type: typeOfKind(whole[index]!) }));
  const { order, columns } = settleColumns(found, definition, options.columns, options.timeUnit);
  const inOrder = pieces.map((piece) => ({ ...piece, columns: order.map((index) => piece.columns[index]!) }));
  return { rows, pieces: inOrder, columns, key: order.indexOf(key), division };
}

async function headerOf(source: BulkInput["source"], reading: ReadOptions) {
  try {
    const header = await readCsvHeader(source, reading);
    if (header !== null) return header;
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
  }
  throw new Unfit("its header cannot be read");
}

/** Ranges of bytes; whether each begins within quotes is not known, but of the first. */
function rangesOf(
  start: number,
  size: number,
  pieceBytes: number,
): Pick<CsvTask, "from" | "to" | "quoted" | "atRecord">[] {
  const count = Math.max(1, Math.ceil((size - start) / pieceBytes));
  const edge = (index: number) => start + Math.floor(((size - start) * index) / count);
  return Array.from({ length: count }, (_, index) => {
    const atRecord = index === 0;
    return { from: edge(index), to: edge(index + 1), quoted: atRecord ? false : null, atRecord };
  });
}

/**
 * Reads those pieces again, in place, that were begun within quotes: an odd number of quotes is before their first
 * record. Tasks are replaced by those that know.
 */
async function readFromWithinQuotes(tasks: CsvTask[], read: CsvPiece[], threads: BulkThreads): Promise<void> {
  let before = 0;
  const others: number[] = [];
  for (const [index, { quotes, quotesBefore, failed }] of read.entries()) {
    if (tasks[index]!.quoted === null && (failed || (before + quotesBefore) % 2 === 1)) {
      tasks[index] = { ...tasks[index]!, quoted: before % 2 === 1 };
      others.push(index);
    }
    before += quotes;
  }
  const again = others.map((index) => tasks[index]!);
  for (const [index, piece] of (await threads.run<CsvPiece>(again, () => {})).entries()) read[others[index]!] = piece;
}

/** Reads those pieces again, in place, in which a column's cells seemed to be of another kind than in the whole file. */
async function readAgain(
  tasks: readonly CsvTask[],
  read: CsvPiece[],
  whole: readonly CellKind[],
  threads: BulkThreads,
): Promise<void> {
  const differs = ({ cells }: CsvPiece) =>
    cells.some(({ kind }, column) => kind !== whole[column] && !(kind === "empty" && whole[column] === "string"));
  const others = [...read.keys()].filter((index) => differs(read[index]!));
  const again = others.map((index): CsvTask => ({ ...tasks[index]!, kinds: whole }));
  const pieces = await threads.run<CsvPiece>(again, () => {});
  for (const [index, piece] of pieces.entries()) {
    if (differs(piece)) throw new Unfit("a column changes its type");
    read[others[index]!] = piece;
  }
}
