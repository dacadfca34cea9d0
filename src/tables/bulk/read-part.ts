import { closeSync, openSync, readSync } from "node:fs";
import type { WasmMemory } from "../../values/web-assembly.ts";
import type { Texts } from "./decoded-column.ts";
import { inSteps } from "./kernels.ts";
import type { Piece, PieceColumn } from "./piece.ts";
import type { Scratch } from "./scratch.ts";
import { TextDictionary } from "./text-dictionary.ts";

/** A column of the rows of some buckets, piece after piece. */
export type PartColumn = { readonly valid: Uint8Array | null } & (
  | { readonly form: "fixed"; readonly width: 1 | 4 | 8; readonly bytes: Uint8Array }
  | { readonly form: "codes"; readonly codes: Int32Array; readonly dictionary: Texts }
  | ({ readonly form: "texts" } & Texts)
  /** Texts of one length. */
  | { readonly form: "even"; readonly width: number; readonly bytes: Uint8Array }
);

type TextsOfPiece = Extract<PieceColumn, { readonly form: "texts" | "even" }>;

function isOfTexts(column: PieceColumn): column is TextsOfPiece {
  return column.form === "texts" || column.form === "even";
}

/** Where the texts of a bucket begin among a piece's. */
function textsBegin(piece: Piece, column: TextsOfPiece, bucket: number): number {
  return column.form === "even" ? column.width * piece.starts[bucket]! : column.byteStarts[bucket]!;
}

/** Reads the rows of consecutive buckets from the pieces. Arrays are in memory of `scratch`. */
export class PartReader {
  readonly rows: number;
  /** Where each piece's rows begin among the part's. */
  readonly bases: readonly number[];
  private readonly pieces: readonly Piece[];
  private readonly from: number;
  private readonly to: number;
  private readonly scratch: Scratch;
  private readonly files = new Map<string, number>();
  private readonly memories = new Map<string, Uint8Array>();

  /** `memories`: those that have pieces, by their ids; `from` and `to`: the buckets, without the last. */
  constructor(
    pieces: readonly Piece[],
    memories: ReadonlyMap<string, WasmMemory>,
    from: number,
    to: number,
    scratch: Scratch,
  ) {
    this.pieces = pieces;
    for (const [id, { buffer }] of memories) this.memories.set(id, new Uint8Array(buffer));
    this.from = from;
    this.to = to;
    this.scratch = scratch;
    let rows = 0;
    this.bases = pieces.map(({ starts }) => {
      const base = rows;
      rows += starts[to]! - starts[from]!;
      return base;
    });
    this.rows = rows;
  }

  close(): void {
    for (const file of this.files.values()) closeSync(file);
    this.files.clear();
  }

  /** The key hashes, in halves. */
  hashes(): Uint32Array {
    const bytes = this.scratch.bytes("part hashes", 8 * this.rows);
    this.readRows(bytes, 8, (piece) => piece.hashAt);
    return new Uint32Array(bytes.buffer, bytes.byteOffset, 2 * this.rows);
  }

  /** The rows' places in the whole file. */
  fileRows(firstRows: readonly number[]): Uint32Array {
    const bytes = this.scratch.bytes("part rows", 4 * this.rows);
    this.readRows(bytes, 4, (piece) => piece.rowAt);
    for (const [index, base] of this.bases.entries()) {
      const end = this.bases[index + 1] ?? this.rows;
      this.scratch.run.addTo(bytes.byteOffset + 4 * base, end - base, firstRows[index]!);
    }
    return new Uint32Array(bytes.buffer, bytes.byteOffset, this.rows);
  }

  /** `keepTexts`: without a dictionary where all pieces have texts. */
  column(index: number, keepTexts: boolean): PartColumn {
    const columns = this.pieces.map(({ columns }) => columns[index]!);
    const valid = this.valid(index, columns);
    const [first] = columns;
    if (first?.form === "fixed") {
      const { width } = first;
      const bytes = this.scratch.bytes(`part ${index}`, width * this.rows);
      this.readRows(bytes, width, (piece) => (piece.columns[index] as typeof first).at);
      return { form: "fixed", width, bytes, valid };
    }
    if (
      keepTexts &&
      first?.form === "even" &&
      columns.every((one) => one.form === "even" && one.width === first.width)
    ) {
      const { width } = first;
      const bytes = this.scratch.bytes(`part ${index}`, width * this.rows);
      this.readRows(bytes, width, (piece) => (piece.columns[index] as typeof first).bytesAt);
      return { form: "even", width, bytes, valid };
    }
    if (keepTexts && columns.every(isOfTexts)) return { form: "texts", ...this.texts(index), valid };
    return this.codes(index, valid);
  }

  private valid(index: number, columns: readonly PieceColumn[]): Uint8Array | null {
    if (columns.every(({ validAt }) => validAt === null)) return null;
    const valid = this.scratch.bytes(`part ${index} valid`, this.rows);
    this.eachPiece((piece, base, start, count) => {
      const { validAt } = piece.columns[index]!;
      if (validAt === null) valid.fill(1, base, base + count);
      else this.read(piece, valid.subarray(base, base + count), validAt + start);
    });
    return valid;
  }

  private texts(index: number): Texts {
    const offsets = this.scratch.int32(`part ${index} offsets`, this.rows + 1);
    const size = this.pieces.reduce((sum, piece) => {
      const column = piece.columns[index] as TextsOfPiece;
      return sum + textsBegin(piece, column, this.to) - textsBegin(piece, column, this.from);
    }, 0);
    const bytes = this.scratch.bytes(`part ${index}`, size);
    let at = 0;
    offsets[0] = 0;
    this.eachPiece((piece, base, start, count) => {
      const column = piece.columns[index] as TextsOfPiece;
      const lengths = this.lengths(piece, column, start, count);
      let end = at;
      inSteps(count, (row, rows) => {
        const to = offsets.byteOffset + 4 * (base + 1 + row);
        end = this.scratch.run.addUp(lengths.byteOffset + 4 * row, rows, end, to);
      });
      this.read(piece, bytes.subarray(at, end), column.bytesAt + textsBegin(piece, column, this.from));
      at = end;
    });
    return { offsets, bytes };
  }

  private lengths(piece: Piece, column: TextsOfPiece, start: number, count: number): Int32Array {
    const lengths = this.scratch.int32("lengths", count);
    if (column.form === "even") return lengths.fill(column.width);
    this.read(piece, new Uint8Array(lengths.buffer, lengths.byteOffset, 4 * count), column.lengthsAt + 4 * start);
    return lengths;
  }

  private codes(index: number, valid: Uint8Array | null): PartColumn {
    const dictionary = new TextDictionary();
    const codes = this.scratch.int32(`part ${index}`, this.rows);
    this.eachPiece((piece, base, start, count) => {
      const column = piece.columns[index]!;
      if (isOfTexts(column)) {
        const lengths = this.lengths(piece, column, start, count);
        const from = textsBegin(piece, column, this.from);
        const bytes = this.scratch.bytes("texts", textsBegin(piece, column, this.to) - from);
        this.read(piece, bytes, column.bytesAt + from);
        let at = 0;
        for (let row = 0; row < count; row++) {
          const end = at + lengths[row]!;
          codes[base + row] = valid !== null && valid[base + row] === 0 ? 0 : dictionary.codeOf(bytes, at, end);
          at = end;
        }
      } else if (column.form === "codes") {
        const own = codes.subarray(base, base + count);
        this.read(piece, new Uint8Array(own.buffer, own.byteOffset, 4 * count), column.at + 4 * start);
        const offsets = this.scratch.int32("offsets", column.count + 1);
        this.read(piece, new Uint8Array(offsets.buffer, offsets.byteOffset, 4 * offsets.length), column.offsetsAt);
        const bytes = this.scratch.bytes("texts", column.bytes);
        this.read(piece, bytes, column.bytesAt);
        const known = this.scratch.int32("known", column.count).fill(-1);
        for (let row = 0; row < count; row++) {
          if (valid !== null && valid[base + row] === 0) {
            own[row] = 0;
            continue;
          }
          const code = own[row]!;
          if (known[code]! < 0) known[code] = dictionary.codeOf(bytes, offsets[code]!, offsets[code + 1]!);
          own[row] = known[code]!;
        }
      }
    });
    return { form: "codes", codes, dictionary: dictionary.texts(), valid };
  }

  private readRows(to: Uint8Array, width: number, placeOf: (piece: Piece) => number): void {
    this.eachPiece((piece, base, start, count) => {
      this.read(piece, to.subarray(base * width, (base + count) * width), placeOf(piece) + start * width);
    });
  }

  private eachPiece(action: (piece: Piece, base: number, start: number, count: number) => void): void {
    for (const [index, piece] of this.pieces.entries()) {
      const start = piece.starts[this.from]!;
      const count = piece.starts[this.to]! - start;
      if (count > 0) action(piece, this.bases[index]!, start, count);
    }
  }

  private read({ path, memory }: Piece, to: Uint8Array, at: number): void {
    if (to.length === 0) return;
    if (path === null) {
      to.set(this.memories.get(memory)!.subarray(at, at + to.length));
      return;
    }
    let file = this.files.get(path);
    if (file === undefined) {
      file = openSync(path, "r");
      this.files.set(path, file);
    }
    for (let read = 0; read < to.length; ) {
      const count = readSync(file, to, read, to.length - read, at + read);
      if (count === 0) throw new Error(`${path} ends too early`);
      read += count;
    }
  }
}
