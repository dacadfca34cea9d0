import { writeSync } from "node:fs";
import type { DecodedColumn } from "./decoded-column.ts";
import type { Piece, PieceColumn, PieceMemory } from "./piece.ts";
import type { Scratch } from "./scratch.ts";
import { copyText, wordsOf } from "./text-bytes.ts";

/** A temporary file to which a thread appends pieces. */
export interface SpillFile {
  readonly path: string;
  readonly file: number;
  end: number;
}

/** How rows are divided: `2 ** bits` buckets, of which each prepared file takes as many as `2 ** fileBits` leave it. */
export interface Division {
  readonly bits: number;
  readonly fileBits: number;
}

/** Divides a piece's rows into buckets by the leading bits of their key hashes; `spill`: to a file, null: in memory. */
export function dividePiece(
  columns: readonly DecodedColumn[],
  keyHash: BigUint64Array,
  division: Division,
  spill: SpillFile | null,
  scratch: Scratch,
): Piece {
  const { bits } = division;
  const rows = keyHash.length;
  const halves = new Int32Array(keyHash.buffer, keyHash.byteOffset, 2 * rows);
  const starts = new Int32Array(new SharedArrayBuffer(4 * (2 ** bits + 1)));
  const place = places(halves, bits, starts, scratch.int32("place", rows));
  const out = new PieceWriter(scratch, sizeOf(columns, rows));
  const hashAt = out.take(8 * rows);
  scatter8(halves, out.int32(hashAt, 2 * rows), place);
  const rowAt = out.take(4 * rows);
  invert(place, out.int32(rowAt, rows));
  const done = columns.map((column) => writeColumn(column, rows, bits, halves, starts, place, out));
  if (spill === null) {
    const piece = { path: null, memory: [], rows, starts, hashAt, rowAt, columns: done };
    return { ...piece, memory: memoryOf(piece, division, out.bytes) };
  }
  const base = spill.end;
  for (let at = 0; at < out.end; ) at += writeSync(spill.file, out.bytes, at, out.end - at, base + at);
  spill.end += out.end;
  const columnsInFile = done.map((column) => moved(column, base));
  const { path } = spill;
  return { path, memory: [], rows, starts, hashAt: base + hashAt, rowAt: base + rowAt, columns: columnsInFile };
}

/** Copies what each prepared file takes of a piece to a buffer of its own, which can be sent to a thread. */
function memoryOf(piece: Piece, { bits, fileBits }: Division, bytes: Uint8Array): PieceMemory[] {
  const each = 2 ** (bits - fileBits);
  return Array.from({ length: 2 ** fileBits }, (_, file) => {
    const places = new Map<number, number>();
    const slices = slicesOf(piece, file * each, (file + 1) * each);
    let size = 0;
    for (const [at, length] of slices) {
      if (length > 0) places.set(at, size);
      size += length;
    }
    const to = new Uint8Array(size);
    let end = 0;
    for (const [at, length] of slices) {
      to.set(bytes.subarray(at, at + length), end);
      end += length;
    }
    return { buffer: to.buffer, places };
  });
}

/** Where in a piece what consecutive buckets take begins, and how long it is. */
function slicesOf({ starts, hashAt, rowAt, columns }: Piece, from: number, to: number): [number, number][] {
  const first = starts[from]!;
  const rows = starts[to]! - first;
  const rowsOf = (at: number, width: number): [number, number] => [at + width * first, width * rows];
  const slices = [rowsOf(hashAt, 8), rowsOf(rowAt, 4)];
  for (const column of columns) {
    if (column.validAt !== null) slices.push(rowsOf(column.validAt, 1));
    if (column.form === "fixed") slices.push(rowsOf(column.at, column.width));
    else if (column.form === "texts") {
      const start = column.byteStarts[from]!;
      slices.push(rowsOf(column.lengthsAt, 4), [column.bytesAt + start, column.byteStarts[to]! - start]);
    } else {
      slices.push(rowsOf(column.at, 4), [column.offsetsAt, 4 * (column.count + 1)], [column.bytesAt, column.bytes]);
    }
  }
  return slices;
}

/** Where each row goes; rows of a bucket keep their order. */
function places(halves: Int32Array, bits: number, starts: Int32Array, place: Int32Array): Int32Array {
  const rows = place.length;
  if (bits === 0) {
    for (let row = 0; row < rows; row++) place[row] = row;
    starts[1] = rows;
    return place;
  }
  const shift = 32 - bits;
  for (let row = 0; row < rows; row++) starts[(halves[2 * row + 1]! >>> shift) + 1]!++;
  for (let bucket = 1; bucket < starts.length; bucket++) starts[bucket]! += starts[bucket - 1]!;
  const next = new Int32Array(starts);
  for (let row = 0; row < rows; row++) place[row] = next[halves[2 * row + 1]! >>> shift]!++;
  return place;
}

// Loops over rows are in functions of their own: a function that is long is compiled anew for each of its loops.

function invert(place: Int32Array, rowOf: Int32Array): void {
  for (let row = 0; row < place.length; row++) rowOf[place[row]!] = row;
}

function scatterLengths(offsets: Int32Array, to: Int32Array, place: Int32Array): void {
  for (let row = 0; row < place.length; row++) to[place[row]!] = offsets[row + 1]! - offsets[row]!;
}

function sumOf(numbers: Int32Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at++) sum += numbers[at]!;
  return sum;
}

function scatter8(from: Int32Array, to: Int32Array, place: Int32Array): void {
  for (let row = 0; row < place.length; row++) {
    const at = 2 * place[row]!;
    to[at] = from[2 * row]!;
    to[at + 1] = from[2 * row + 1]!;
  }
}

function scatter4(from: Int32Array, to: Int32Array, place: Int32Array): void {
  for (let row = 0; row < place.length; row++) to[place[row]!] = from[row]!;
}

function scatter1(from: Uint8Array, to: Uint8Array, place: Int32Array): void {
  for (let row = 0; row < place.length; row++) to[place[row]!] = from[row]!;
}

function writeColumn(
  column: DecodedColumn,
  rows: number,
  bits: number,
  halves: Int32Array,
  starts: Int32Array,
  place: Int32Array,
  out: PieceWriter,
): PieceColumn {
  let validAt: number | null = null;
  if (column.valid !== null) {
    validAt = out.take(rows);
    scatter1(column.valid, out.bytes.subarray(validAt, validAt + rows), place);
  }
  switch (column.form) {
    case "fixed": {
      const { width, bytes } = column;
      const at = out.take(width * rows);
      if (width === 1) scatter1(bytes, out.bytes.subarray(at, at + rows), place);
      else {
        const from = new Int32Array(bytes.buffer, bytes.byteOffset, (width / 4) * rows);
        const to = out.int32(at, (width / 4) * rows);
        if (width === 4) scatter4(from, to, place);
        else scatter8(from, to, place);
      }
      return { form: "fixed", width, at, validAt };
    }
    case "codes": {
      const { offsets, bytes } = column.dictionary;
      const at = out.take(4 * rows);
      scatter4(column.codes, out.int32(at, rows), place);
      const offsetsAt = out.take(4 * offsets.length);
      out.int32(offsetsAt, offsets.length).set(offsets);
      const bytesAt = out.take(bytes.length);
      out.bytes.set(bytes, bytesAt);
      return { form: "codes", at, count: offsets.length - 1, offsetsAt, bytesAt, bytes: bytes.length, validAt };
    }
    case "texts": {
      const { offsets, bytes } = column;
      const lengthsAt = out.take(4 * rows);
      const lengths = out.int32(lengthsAt, rows);
      scatterLengths(offsets, lengths, place);
      const byteStarts = new Int32Array(new SharedArrayBuffer(4 * starts.length));
      for (let bucket = 1; bucket < starts.length; bucket++) {
        byteStarts[bucket] = byteStarts[bucket - 1]! + sumOf(lengths, starts[bucket - 1]!, starts[bucket]!);
      }
      const sum = byteStarts[starts.length - 1]!;
      const bytesAt = out.take(sum);
      scatterTexts(offsets, bytes, out.bytes.subarray(bytesAt, bytesAt + sum), halves, bits, byteStarts);
      return { form: "texts", lengthsAt, bytesAt, byteStarts, validAt };
    }
  }
}

function scatterTexts(
  offsets: Int32Array,
  from: Uint8Array,
  to: Uint8Array,
  halves: Int32Array,
  bits: number,
  byteStarts: Int32Array,
): void {
  const rows = halves.length / 2;
  if (bits === 0) {
    to.set(from.subarray(offsets[0]!, offsets[rows]!));
    return;
  }
  const shift = 32 - bits;
  const next = new Int32Array(byteStarts);
  const fromWords = wordsOf(from);
  const toWords = wordsOf(to);
  for (let row = 0; row < rows; row++) {
    const bucket = halves[2 * row + 1]! >>> shift;
    const at = offsets[row]!;
    const size = offsets[row + 1]! - at;
    const out = next[bucket]!;
    copyText(from, fromWords, at, to, toWords, out, size);
    next[bucket] = out + size;
  }
}

function sizeOf(columns: readonly DecodedColumn[], rows: number): number {
  let size = 12 * rows + 64;
  for (const column of columns) {
    size += 64 + (column.valid === null ? 0 : rows);
    if (column.form === "fixed") size += column.width * rows;
    else if (column.form === "texts") size += 4 * rows + column.offsets[rows]! - column.offsets[0]!;
    else size += 4 * (rows + column.dictionary.offsets.length) + column.dictionary.bytes.length;
  }
  return size;
}

function moved(column: PieceColumn, by: number): PieceColumn {
  const validAt = column.validAt === null ? null : column.validAt + by;
  switch (column.form) {
    case "fixed":
      return { ...column, validAt, at: column.at + by };
    case "texts":
      return { ...column, validAt, lengthsAt: column.lengthsAt + by, bytesAt: column.bytesAt + by };
    case "codes":
      return {
        ...column,
        validAt,
        at: column.at + by,
        offsetsAt: column.offsetsAt + by,
        bytesAt: column.bytesAt + by,
      };
  }
}

/** The bytes of a piece as they come together. */
class PieceWriter {
  readonly bytes: Uint8Array;
  end = 0;

  constructor(scratch: Scratch, size: number) {
    this.bytes = new Uint8Array(scratch.buffer("piece", size));
  }

  /** Room for so many bytes, at a multiple of eight. */
  take(size: number): number {
    const at = this.end;
    this.end = Math.ceil((at + size) / 8) * 8;
    return at;
  }

  int32(at: number, length: number): Int32Array {
    return new Int32Array(this.bytes.buffer, at, length);
  }
}
