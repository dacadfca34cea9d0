import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { FenlType } from "../../values/fenl-type.ts";
import type { CsvCells, CsvForm } from "./csv-cells.ts";
import { firstRecord, splitCells } from "./csv-cells.ts";
import { typeOfKind } from "./csv-kinds.ts";
import type { CellFacts, CellKind } from "./csv-values.ts";
import { CellParser } from "./csv-values.ts";
import type { Division, SpillFile } from "./divide-piece.ts";
import { dividePiece } from "./divide-piece.ts";
import { keyHashesOf } from "./key-hashes.ts";
import type { Piece } from "./piece.ts";
import { countByte, splitPlainCells } from "./plain-cells.ts";
import type { Scratch } from "./scratch.ts";
import { Unfit } from "./unfit.ts";

/** The records of a CSV file that begin in a range of bytes, and are to become a piece. */
export interface CsvTask {
  readonly kind: "csv";
  readonly path: string;
  readonly from: number;
  readonly to: number;
  /** Whether byte `from` is within quotes; null: that is not known, and a record is taken to begin after its line. */
  readonly quoted: boolean | null;
  /** Whether a record begins at `from`. */
  readonly atRecord: boolean;
  readonly form: CsvForm;
  /** What the columns' cells are known to be. */
  readonly kinds: readonly (CellKind | null)[];
  readonly key: number;
  readonly division: Division;
}

/** A piece, and what its columns' cells are; no piece where no record begins in the range. */
export interface CsvPiece {
  readonly piece: Piece | null;
  readonly cells: readonly CellFacts[];
  /** How many quotes there are in the range, and how many before its first record. */
  readonly quotes: number;
  readonly quotesBefore: number;
  /** Whether it cannot be read; only told where it may have been read from within quotes. */
  readonly failed: boolean;
}

/** More than a record usually takes. */
const TAIL = 1 << 16;

/** Reads records and divides their rows into buckets. @throws Unfit */
export function readCsvPiece(task: CsvTask, spill: SpillFile | null, scratch: Scratch): CsvPiece {
  const counts = { quotes: 0, quotesBefore: 0 };
  try {
    const cells = cellsOf(task, counts, scratch);
    return { ...valuesOf(task, cells, spill, scratch), ...counts, failed: false };
  } catch (error) {
    if (!(error instanceof Unfit) || task.quoted !== null) throw error;
    return { piece: null, cells: [], ...counts, failed: true };
  }
}

function valuesOf(
  task: CsvTask,
  cells: CsvCells,
  spill: SpillFile | null,
  scratch: Scratch,
): Pick<CsvPiece, "piece" | "cells"> {
  const { width } = task.form;
  if (cells.rows === 0) return { piece: null, cells: [] };
  const parsed = task.kinds.map((kind, index) =>
    new CellParser(cells, width, index, scratch, `column ${index}`).parse(kind),
  );
  const key = parsed[task.key]!;
  const type: FenlType = typeOfKind(key.kind);
  const columns = parsed.map(({ column }) => column);
  const piece = dividePiece(columns, keyHashesOf(type, key.column, scratch), task.division, spill, scratch);
  return { piece, cells: parsed.map(({ column: _column, ...facts }) => facts) };
}

function cellsOf(task: CsvTask, counts: { quotes: number; quotesBefore: number }, scratch: Scratch): CsvCells {
  const { form, quoted } = task;
  // The byte before tells whether a record begins at `from`.
  const before = task.atRecord ? 0 : 1;
  const start = task.from - before;
  const limit = task.to - start;
  const room = (cells: number) => ({
    starts: scratch.int32("starts", cells, true),
    ends: scratch.int32("ends", cells, true),
  });
  for (let tail = TAIL; ; tail *= 4) {
    if (task.to + tail - start > 2 ** 31 - 1) throw new Unfit("a record is too long");
    const { bytes, final } = readRange(task.path, start, task.to + tail, scratch);
    const first = task.atRecord ? 0 : firstRecord(bytes, before, quoted, form);
    counts.quotes = countByte(bytes.subarray(before, limit), form.quote, scratch);
    counts.quotesBefore = countByte(bytes.subarray(before, first), form.quote, scratch);
    const plain = splitPlainCells(bytes, first, limit, form, scratch);
    if (plain !== null) return plain;
    const cells = splitCells(bytes, first, limit, final, form, room);
    if (cells !== null) return cells;
  }
}

function readRange(path: string, from: number, to: number, scratch: Scratch): { bytes: Uint8Array; final: boolean } {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const bytes = scratch.bytes("range", Math.max(0, Math.min(to, size) - from));
    for (let read = 0; read < bytes.length; ) {
      const count = readSync(file, bytes, read, bytes.length - read, from + read);
      if (count === 0) throw new Unfit("the file became shorter");
      read += count;
    }
    return { bytes, final: to >= size };
  } finally {
    closeSync(file);
  }
}
