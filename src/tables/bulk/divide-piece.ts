import { writeSync } from "node:fs";
import type { DecodedColumn, Texts } from "./decoded-column.ts";
import type { Kernels } from "./kernels.ts";
import { inSteps } from "./kernels.ts";
import type { Piece, PieceColumn } from "./piece.ts";
import type { Scratch } from "./scratch.ts";

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
  { bits }: Division,
  spill: SpillFile | null,
  scratch: Scratch,
): Piece {
  const rows = keyHash.length;
  const size = sizeOf(columns, rows);
  const first = spill === null ? scratch.memory.take(size).at : scratch.bytes("piece", size).byteOffset;
  const divider = new Divider(keyHash.byteOffset, rows, bits, first, scratch);
  const { hashAt, rowAt, starts } = divider;
  const done = columns.map((column) => divider.column(column));
  const piece: Piece = {
    path: null,
    memory: scratch.memory.id,
    bytes: size,
    rows,
    starts,
    hashAt,
    rowAt,
    columns: done,
  };
  if (spill === null) return piece;
  const bytes = scratch.memory.bytes(first, divider.end - first);
  const base = spill.end;
  for (let at = 0; at < bytes.length; ) at += writeSync(spill.file, bytes, at, bytes.length - at, base + at);
  spill.end += bytes.length;
  return moved(piece, base - first, spill.path);
}

/** Writes the rows of a piece by buckets; rows of a bucket keep their order. */
class Divider {
  end: number;
  readonly hashAt: number;
  readonly rowAt: number;
  /** Where each bucket's rows begin. */
  readonly starts: Int32Array;
  private readonly hashes: number;
  private readonly rows: number;
  private readonly shift: number;
  private readonly scratch: Scratch;
  private readonly place: number;

  /** `hashes`: where the rows' hashes are, `first`: where their place is. */
  constructor(hashes: number, rows: number, bits: number, first: number, scratch: Scratch) {
    this.hashes = hashes;
    this.rows = rows;
    this.scratch = scratch;
    this.end = first;
    // One bucket takes what a shift of 31 bits leaves, and the next one.
    this.shift = 32 - Math.max(bits, 1);
    const buckets = 2 ** Math.max(bits, 1);
    const { run } = scratch;
    const counts = scratch.int32("bucket counts", buckets + 1).fill(0);
    inSteps(rows, (from, count) => run.count(hashes + 8 * from, count, this.shift, -1, counts.byteOffset));
    run.addUp(counts.byteOffset, counts.length, 0, counts.byteOffset);
    this.starts = bucketStarts(counts, bits);
    const place = scratch.int32("place", rows).byteOffset;
    this.hashAt = this.take(8 * rows);
    this.rowAt = this.take(4 * rows);
    this.place = place;
    if (bits === 0) {
      run.number(place, rows, 0);
      run.number(this.rowAt, rows, 0);
    } else {
      inSteps(rows, (from, count) =>
        run.place(hashes + 8 * from, count, this.shift, -1, counts.byteOffset, place + 4 * from, this.rowAt, from),
      );
    }
    this.scatter(8, hashes, this.hashAt);
  }

  /** Room for so many bytes, at a multiple of eight. */
  private take(size: number): number {
    const at = this.end;
    this.end = Math.ceil((at + size) / 8) * 8;
    return at;
  }

  private scatter(width: 1 | 4 | 8, from: number, to: number): void {
    const { run } = this.scratch;
    const scatter = width === 8 ? run.scatter8 : width === 4 ? run.scatter4 : run.scatter1;
    inSteps(this.rows, (row, count) => scatter(from + width * row, count, this.place + 4 * row, to));
  }

  column(column: DecodedColumn): PieceColumn {
    const { rows } = this;
    let validAt: number | null = null;
    if (column.valid !== null) {
      validAt = this.take(rows);
      this.scatter(1, column.valid.byteOffset, validAt);
    }
    switch (column.form) {
      case "fixed": {
        const { width, bytes } = column;
        const at = this.take(width * rows);
        this.scatter(width, bytes.byteOffset, at);
        return { form: "fixed", width, at, validAt };
      }
      case "codes": {
        const { offsets, bytes } = column.dictionary;
        const { memory } = this.scratch;
        const at = this.take(4 * rows);
        this.scatter(4, column.codes.byteOffset, at);
        const offsetsAt = this.take(4 * offsets.length);
        memory
          .bytes(offsetsAt, 4 * offsets.length)
          .set(new Uint8Array(offsets.buffer, offsets.byteOffset, 4 * offsets.length));
        const bytesAt = this.take(bytes.length);
        memory.bytes(bytesAt, bytes.length).set(bytes);
        return { form: "codes", at, count: offsets.length - 1, offsetsAt, bytesAt, bytes: bytes.length, validAt };
      }
      case "texts":
        return { validAt, ...(this.evenTexts(column) ?? this.texts(column)) };
    }
  }

  /** Texts of one length, which need not be told of each: they stand where their rows do; null where they are not. */
  private evenTexts({ offsets, bytes }: Texts) {
    const { rows, place } = this;
    const { run } = this.scratch;
    const width = evenWidth(offsets, rows, run);
    if (width === null) return null;
    const bytesAt = this.take(width * rows);
    const from = bytes.byteOffset + offsets[0]!;
    if (width === 8) this.scatter(8, from, bytesAt);
    else inSteps(rows, (row, count) => run.scatterEven(from + width * row, count, place + 4 * row, bytesAt, width));
    return { form: "even", width, bytesAt } as const;
  }

  private texts({ offsets, bytes }: Texts) {
    const { rows, scratch, hashes, shift, place } = this;
    const { run } = scratch;
    const buckets = this.starts.length - 1;
    const lengthsAt = this.take(4 * rows);
    const next = scratch.int32("byte counts", 2 ** (32 - shift) + 1).fill(0);
    inSteps(rows, (from, count) => {
      const at = offsets.byteOffset + 4 * from;
      run.scatterLengths(at, count, place + 4 * from, lengthsAt, hashes + 8 * from, shift, -1, next.byteOffset);
    });
    run.addUp(next.byteOffset, next.length, 0, next.byteOffset);
    const byteStarts = bucketStarts(next, buckets === 1 ? 0 : 1);
    const sum = next.at(-1)!;
    const bytesAt = this.take(sum);
    if (buckets === 1) {
      const first = offsets[0]!;
      scratch.memory.bytes(bytesAt, sum).set(bytes.subarray(first, first + sum));
    } else {
      inSteps(rows, (from, count) => {
        const at = offsets.byteOffset + 4 * from;
        run.scatterTexts(at, count, bytes.byteOffset, bytesAt, hashes + 8 * from, shift, -1, next.byteOffset);
      });
    }
    return { form: "texts", lengthsAt, bytesAt, byteStarts } as const;
  }
}

/** The length of texts that all have the same one, but for empty ones; null where they have not. */
function evenWidth(offsets: Int32Array, rows: number, run: Kernels): number | null {
  const width = rows === 0 ? 0 : offsets[1]! - offsets[0]!;
  let isEven = width > 0;
  inSteps(rows, (from, count) => {
    isEven &&= run.evenTexts(offsets.byteOffset + 4 * from, count, width) !== 0;
  });
  return isEven ? width : null;
}

/** Where buckets begin, and where the last ends, for all threads; without bits there is one. */
function bucketStarts(sums: Int32Array, bits: number): Int32Array {
  const starts = bits === 0 ? [0, sums.at(-1)!] : sums;
  const shared = new Int32Array(new SharedArrayBuffer(4 * starts.length));
  shared.set(starts);
  return shared;
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

/** A piece in another place. */
function moved(piece: Piece, by: number, path: string): Piece {
  const columns = piece.columns.map((column) => movedColumn(column, by));
  return { ...piece, path, bytes: 0, hashAt: piece.hashAt + by, rowAt: piece.rowAt + by, columns };
}

function movedColumn(column: PieceColumn, by: number): PieceColumn {
  const validAt = column.validAt === null ? null : column.validAt + by;
  switch (column.form) {
    case "fixed":
      return { ...column, validAt, at: column.at + by };
    case "even":
      return { ...column, validAt, bytesAt: column.bytesAt + by };
    case "texts":
      return { ...column, validAt, lengthsAt: column.lengthsAt + by, bytesAt: column.bytesAt + by };
    case "codes": {
      const { at, offsetsAt, bytesAt } = column;
      return { ...column, validAt, at: at + by, offsetsAt: offsetsAt + by, bytesAt: bytesAt + by };
    }
  }
}
