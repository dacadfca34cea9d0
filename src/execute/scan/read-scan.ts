import { closeSync, openSync } from "node:fs";
import { Type } from "apache-arrow";
import type { ColumnSlots, SourceSlots } from "../../compile/stage-layout.ts";
import { verifyPrepared } from "../../tables/prepared/read-prepared.ts";
import type { PreparedFile } from "../../tables/table-snapshot.ts";
import type { Interner } from "../rows/interner.ts";
import {
  type ByteRange,
  type ColumnPlace,
  type PreparedLayout,
  preparedLayout,
  readAt,
} from "../rows/prepared-layout.ts";
import type { JobSource, ScanFile } from "../rows/stage-job.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { isReadWhole, usedTexts, wholeTexts } from "./used-texts.ts";

type ScanSource = Extract<JobSource, { kind: "scan" }>;

/** A file's rows that a scan takes. */
interface Piece {
  readonly scan: ScanFile;
  readonly layout: PreparedLayout;
  readonly from: number;
  readonly rows: number;
}

/** Verifies the checksums of the files that the scan was told to verify. @throws TableError where one is damaged. */
export function verifyFiles(source: ScanSource): void {
  for (const { file, verify } of source.files) if (verify) verifyPrepared(file);
}

/** What was read of a scan. */
export interface ScanRead {
  readonly rows: number;
  /** Reads the subsorts into memory, where they are left for later. @returns their address */
  readSubsorts(): number;
}

/**
 * Reads a scan's rows from its files straight into a stage's memory: the columns' bytes between the first and the last
 * row. Null where that cannot be done: the files' entities overlap, or a column's values vary in size.
 */
export function readScan(
  source: ScanSource,
  slots: SourceSlots,
  memory: StageMemory,
  interner: Interner,
): ScanRead | null {
  if (source.keys !== undefined) return null;
  const pieces = piecesOf(source);
  if (pieces === null) return null;
  const rows = pieces.reduce((sum, piece) => sum + piece.rows, 0);
  const read = <T>(columns: (reader: PieceReader) => T): T => {
    const files = pieces.map(({ scan }) => openSync(scan.file.path, "r"));
    try {
      return columns(new PieceReader(pieces, files, rows, memory, interner));
    } finally {
      files.forEach(closeSync);
    }
  };
  const subsorts = (reader: PieceReader) => reader.fixed((layout) => layout.subsort);
  read((reader) => {
    memory.setSlot(slots.rows, rows);
    memory.setSlot(slots.identity.keyHash, reader.keyHashes());
    memory.setSlot(
      slots.identity.time,
      reader.fixed((layout) => layout.time),
    );
    memory.setSlot(slots.identity.subsort, slots.subsortsLater ? 0 : subsorts(reader));
    for (const [index, column] of slots.columns.entries()) {
      const { name, read } = source.columns[index]!;
      if (read) reader.column(name, column, false);
    }
    if (slots.key && source.keyColumn) reader.column(source.keyColumn.name, slots.key, slots.key.coded === true);
    if (slots.keyBase !== undefined && pieces.length === 1) memory.setSlot(slots.keyBase, pieces[0]!.scan.keyBase);
  });
  return { rows, readSubsorts: () => read(subsorts) };
}

function piecesOf(source: ScanSource): Piece[] | null {
  const { first, last } = source.range;
  const [from, to] = [BigInt(first), BigInt(last)];
  const scans = source.files
    .filter(({ file }) => BigInt(file.lastKeyHash) >= from && BigInt(file.firstKeyHash) <= to)
    .sort((a, b) => (BigInt(a.file.firstKeyHash) < BigInt(b.file.firstKeyHash) ? -1 : 1));
  const pieces: Piece[] = [];
  for (const [index, scan] of scans.entries()) {
    const { file } = scan;
    const previous = scans[index - 1];
    if (previous && BigInt(previous.file.lastKeyHash) >= BigInt(file.firstKeyHash)) return null;
    const layout = preparedLayout(file);
    if (layout === null || !source.columns.every(({ name, read }) => !read || isDirect(layout, name))) return null;
    if (source.keyColumn && layout.columns.get(source.keyColumn.name)?.width == null) return null;
    const start = from <= BigInt(file.firstKeyHash) ? 0 : firstRow(file, layout, from);
    const end = to >= BigInt(file.lastKeyHash) ? file.rows : firstRow(file, layout, to + 1n);
    if (end > start) pieces.push({ scan, layout, from: start, rows: end - start });
  }
  return pieces;
}

/** Whether a column's bytes are what a stage reads, but for widening. */
export function isDirect(layout: PreparedLayout, name: string): boolean {
  const column = layout.columns.get(name);
  if (!column) return false;
  if (column.arrow === Type.Dictionary) return column.texts !== null;
  return column.arrow === Type.Bool || column.width !== null;
}

/** The first row of a file whose key hash is at least `hash`. */
export function firstRow(file: PreparedFile, layout: PreparedLayout, hash: bigint): number {
  const handle = openSync(file.path, "r");
  try {
    const cell = new BigUint64Array(1);
    const bytes = new Uint8Array(cell.buffer);
    let from = 0;
    let to = file.rows;
    while (from < to) {
      const middle = (from + to) >>> 1;
      readAt(handle, bytes, layout.keyHash.offset + 8 * middle);
      if (cell[0]! < hash) from = middle + 1;
      else to = middle;
    }
    return from;
  } finally {
    closeSync(handle);
  }
}

/** Reads columns of consecutive pieces into memory. */
class PieceReader {
  readonly #pieces: readonly Piece[];
  readonly #files: readonly number[];
  readonly #rows: number;
  readonly #memory: StageMemory;
  readonly #interner: Interner;

  constructor(
    pieces: readonly Piece[],
    files: readonly number[],
    rows: number,
    memory: StageMemory,
    interner: Interner,
  ) {
    this.#pieces = pieces;
    this.#files = files;
    this.#rows = rows;
    this.#memory = memory;
    this.#interner = interner;
  }

  /** The key hashes, and behind them one that ends the last entity. */
  keyHashes(): number {
    const address = this.fixed((layout) => layout.keyHash, this.#memory.allocateKeys(this.#rows));
    this.#memory.endKeys(address, this.#rows);
    return address;
  }

  /** A column of 8 bytes a row without nulls. */
  fixed(of: (layout: PreparedLayout) => ByteRange, address = this.#memory.allocate(this.#rows * 8)): number {
    let at = address;
    for (const [index, { layout, from, rows }] of this.#pieces.entries()) {
      this.#read(index, of(layout).offset + from * 8, at, rows * 8);
      at += rows * 8;
    }
    return address;
  }

  /** A column of the source, with its validity where it has nulls. */
  column(name: string, slots: ColumnSlots, isKey: boolean): void {
    const places = this.#pieces.map(({ layout }) => layout.columns.get(name)!);
    const memory = this.#memory;
    if (places[0]?.arrow === Type.Bool) {
      memory.setSlot(slots.values, this.#bits(places.map((place) => place.values)));
    } else {
      const address = memory.allocate(this.#rows * (places[0]?.width ?? 4));
      let at = address;
      for (const [index, { from, rows, scan }] of this.#pieces.entries()) {
        const place = places[index]!;
        this.#read(index, place.values.offset + from * place.width!, at, rows * place.width!);
        if (place.texts) {
          const codes = new Int32Array(memory.memory.buffer, at, rows);
          // The codes of one file alone are made those of the query where they are read.
          if (isKey && this.#pieces.length > 1) addTo(codes, scan.keyBase);
          else if (!isKey) this.#intern(index, place, codes);
        }
        at += rows * place.width!;
      }
      memory.setSlot(slots.values, address);
    }
    const some = places.some((place) => place.validity !== null);
    memory.setSlot(slots.valid, some ? this.#bits(places.map((place) => place.validity)) : 0);
  }

  #intern(index: number, place: ColumnPlace, codes: Int32Array): void {
    const file = this.#files[index]!;
    const dictionary = isReadWhole(place.texts!)
      ? wholeTexts(file, place.texts!)
      : usedTexts(file, place.texts!, codes);
    const interned = this.#interner.addAll(dictionary);
    for (let row = 0; row < codes.length; row++) codes[row] = interned[codes[row]!] ?? 0;
  }

  /** A byte per row for a bit per row; without bits all are 1. */
  #bits(places: readonly (ByteRange | null)[]): number {
    const memory = this.#memory;
    // Whole bytes are expanded, which can be 7 rows more at both ends.
    const address = memory.allocate(this.#rows + 16);
    let at = address;
    for (const [index, { from, rows }] of this.#pieces.entries()) {
      const place = places[index]!;
      if (place === null) {
        memory.bytes.fill(1, at, at + rows);
      } else {
        const packed = Buffer.allocUnsafe(((from + rows + 7) >> 3) - (from >> 3));
        readAt(this.#files[index]!, packed, place.offset + (from >> 3));
        expandBits(packed, memory.bytes, at, from & 7, rows);
      }
      at += rows;
    }
    return address;
  }

  #read(index: number, offset: number, address: number, length: number): void {
    readAt(this.#files[index]!, this.#memory.bytes.subarray(address, address + length), offset);
  }
}

/** For each byte its eight bits as bytes, the lowest first, as two 32-bit numbers. */
const EXPANDED = new Uint32Array(512);
for (let byte = 0; byte < 256; byte++) {
  for (let bit = 0; bit < 8; bit++) {
    EXPANDED[2 * byte + (bit >> 2)]! |= ((byte >> bit) & 1) << (8 * (bit & 3));
  }
}

/** Writes bits `first` to `first + rows` of `packed` as bytes from `at` on. */
export function expandBits(packed: Uint8Array, bytes: Uint8Array, at: number, first: number, rows: number): void {
  if (first === 0 && (at & 3) === 0) {
    const whole = rows >> 3;
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset + at, 2 * whole);
    for (let index = 0; index < whole; index++) {
      const byte = packed[index]!;
      words[2 * index] = EXPANDED[2 * byte]!;
      words[2 * index + 1] = EXPANDED[2 * byte + 1]!;
    }
    for (let row = 8 * whole; row < rows; row++) bytes[at + row] = (packed[row >> 3]! >> (row & 7)) & 1;
    return;
  }
  for (let row = 0; row < rows; row++) {
    const bit = first + row;
    bytes[at + row] = (packed[bit >> 3]! >> (bit & 7)) & 1;
  }
}

function addTo(codes: Int32Array, base: number): void {
  if (base === 0) return;
  for (let row = 0; row < codes.length; row++) codes[row]! += base;
}
