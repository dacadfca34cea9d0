import { closeSync, openSync } from "node:fs";
import type { ColumnSlots, EntitySlots, SourceSlots } from "../../compile/stage-layout.ts";
import { pickFirst, spread } from "../../tables/prepared/entity-index.ts";
import { verifyPrepared } from "../../tables/prepared/read-prepared.ts";
import { wholeSubsorts } from "../../tables/prepared/stored-identity.ts";
import { recodeInto } from "../rows/copy-values.ts";
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
import { type EntityPlace, FileEntities, withEntities } from "./file-entities.ts";
import { isReadWhole, usedTexts, wholeTexts } from "./used-texts.ts";

type ScanSource = Extract<JobSource, { kind: "scan" }>;

/** A file's rows that a scan takes. */
interface Piece {
  readonly scan: ScanFile;
  readonly layout: PreparedLayout;
  readonly from: EntityPlace;
  readonly to: EntityPlace;
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
  const isShort = slots.firstSubsort !== undefined;
  if (isShort && pieces.some(({ layout }) => layout.subsort.first !== firstSubsort(source))) return null;
  const rows = pieces.reduce((sum, piece) => sum + piece.rows, 0);
  const read = <T>(columns: (reader: PieceReader) => T): T => {
    const files = pieces.map(({ scan }) => openSync(scan.file.path, "r"));
    try {
      return columns(new PieceReader(pieces, files, rows, memory, interner));
    } finally {
      files.forEach(closeSync);
    }
  };
  const subsorts = (reader: PieceReader) => reader.subsorts(slots);
  read((reader) => {
    memory.setSlot(slots.rows, rows);
    reader.entities(slots.entities!);
    memory.setSlot(slots.identity.time, slots.withoutTimes ? 0 : reader.fixed((layout) => layout.time, 8));
    if (slots.firstSubsort !== undefined) memory.setSlot64(slots.firstSubsort, firstSubsort(source));
    memory.setSlot(slots.identity.subsort, slots.subsortsLater ? 0 : subsorts(reader));
    for (const [index, column] of slots.columns.entries()) {
      const { name, read } = source.columns[index]!;
      if (read) reader.column(name, column);
    }
    if (slots.key && source.keyColumn) reader.keys(source.keyColumn.name, slots.key);
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
    const [start, end] = withEntities(file, layout, (entities) => entities.between(from, to));
    const rows = end.row - start.row;
    if (rows > 0) pieces.push({ scan, layout, from: start, to: end, rows });
  }
  return pieces;
}

/** Whether a column's bytes are what a stage reads, but for widening. */
export function isDirect(layout: PreparedLayout, name: string): boolean {
  const column = layout.columns.get(name);
  if (!column) return false;
  if (column.form === "codes") return column.texts !== null;
  return column.form === "bits" || column.width !== null;
}

/** What is added to the subsorts of a scan that are short: it is the same for all files. */
export function firstSubsort(source: JobSource): bigint {
  return source.kind === "scan" ? BigInt(source.files[0]?.file.firstSubsort ?? 0) : 0n;
}

/** Reads columns of consecutive pieces into memory. */
class PieceReader {
  readonly #pieces: readonly Piece[];
  readonly #files: readonly number[];
  readonly #rows: number;
  readonly #memory: StageMemory;
  readonly #interner: Interner;
  /** Once they are read, how many entities there are, and the address of where their rows end. */
  #entities = 0;
  #ends = 0;

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

  /** The entities, with room behind them for one more, which is read but has no row. */
  entities(slots: EntitySlots): void {
    const memory = this.#memory;
    const count = this.#pieces.reduce((sum, { from, to }) => sum + to.entity - from.entity, 0);
    const hashes = memory.allocate(8 * (count + 1));
    const ends = memory.allocate(4 * (count + 1));
    let [at, row] = [0, 0];
    for (const [index, { scan, layout, from, to, rows }] of this.#pieces.entries()) {
      const own = to.entity - from.entity;
      const bytes = memory.bytes.subarray(hashes + 8 * at, hashes + 8 * (at + own));
      const rowEnds = new Uint32Array(memory.memory.buffer, ends + 4 * at, own);
      new FileEntities(scan.file, layout, this.#files[index]!).read(from, to, bytes, rowEnds, row);
      at += own;
      row += rows;
    }
    memory.setSlot(slots.hashes, hashes);
    memory.setSlot(slots.ends, ends);
    this.#ends = ends;
    this.#entities = count;
  }

  /** The subsorts: 8 bytes a row, or 4 where the stage adds the first one. */
  subsorts({ firstSubsort }: SourceSlots): number {
    if (firstSubsort !== undefined) return this.fixed((layout) => layout.subsort, 4);
    const memory = this.#memory;
    const address = memory.allocate(8 * this.#rows);
    let at = address;
    for (const [index, { layout, from, rows }] of this.#pieces.entries()) {
      const { offset, first } = layout.subsort;
      if (first === null) this.#read(index, offset + 8 * from.row, at, 8 * rows);
      else {
        const above = new Uint32Array(rows);
        readAt(this.#files[index]!, new Uint8Array(above.buffer), offset + 4 * from.row);
        memory.bytes.set(new Uint8Array(wholeSubsorts(first, above).buffer), at);
      }
      at += 8 * rows;
    }
    return address;
  }

  /** A column of so many bytes a row without nulls. */
  fixed(of: (layout: PreparedLayout) => ByteRange, width: 4 | 8): number {
    const address = this.#memory.allocate(this.#rows * width);
    let at = address;
    for (const [index, { layout, from, rows }] of this.#pieces.entries()) {
      this.#read(index, of(layout).offset + from.row * width, at, rows * width);
      at += rows * width;
    }
    return address;
  }

  /** The entities' keys, one for each. */
  keys(name: string, slots: ColumnSlots): void {
    const memory = this.#memory;
    const width = this.#pieces[0]?.layout.columns.get(name)?.width ?? 4;
    const address = memory.allocate(this.#entities * width);
    let [at, entity, row] = [address, 0, 0];
    for (const [index, { layout, from, to, rows, scan }] of this.#pieces.entries()) {
      const place = layout.columns.get(name)!;
      const own = to.entity - from.entity;
      if (place.byEntity) this.#read(index, place.values.offset + from.entity * width, at, own * width);
      else {
        const ofRows = new Int32Array((rows * width) / 4);
        readAt(this.#files[index]!, new Uint8Array(ofRows.buffer), place.values.offset + from.row * width);
        const values = new Int32Array(memory.memory.buffer, at, (own * width) / 4);
        pickFirst(ofRows, this.#endsOf(entity, own), row, values, width / 4);
      }
      // The codes of one file alone are made those of the query where they are read.
      if (slots.coded && this.#pieces.length > 1) {
        addTo(new Int32Array(memory.memory.buffer, at, own), scan.keyBase);
      }
      at += own * width;
      entity += own;
      row += rows;
    }
    memory.setSlot(slots.values, address);
    memory.setSlot(slots.valid, 0);
  }

  /** A column of the source, with its validity where it has nulls. */
  column(name: string, slots: ColumnSlots): void {
    const places = this.#pieces.map(({ layout }) => layout.columns.get(name)!);
    const memory = this.#memory;
    if (places[0]?.form === "bits") {
      memory.setSlot(slots.values, this.#bits(places.map((place) => place.values)));
    } else {
      const width = places[0]?.width ?? 4;
      const address = memory.allocate(this.#rows * width);
      let [at, entity, row] = [address, 0, 0];
      for (const [index, { from, to, rows }] of this.#pieces.entries()) {
        const place = places[index]!;
        const own = to.entity - from.entity;
        if (place.byEntity) {
          const values = new Int32Array((own * width) / 4);
          readAt(this.#files[index]!, new Uint8Array(values.buffer), place.values.offset + from.entity * width);
          if (place.texts) this.#intern(index, place, values);
          const ofRows = new Int32Array(memory.memory.buffer, at, (rows * width) / 4);
          spread(values, this.#endsOf(entity, own), row, ofRows, width / 4);
        } else {
          this.#read(index, place.values.offset + from.row * width, at, rows * width);
          if (place.texts) this.#intern(index, place, new Int32Array(memory.memory.buffer, at, rows));
        }
        at += rows * width;
        entity += own;
        row += rows;
      }
      memory.setSlot(slots.values, address);
    }
    const some = places.some((place) => place.validity !== null);
    memory.setSlot(slots.valid, some ? this.#bits(places.map((place) => place.validity)) : 0);
  }

  /** Where the rows of some entities end, once all are read. */
  #endsOf(entity: number, count: number): Uint32Array {
    return new Uint32Array(this.#memory.memory.buffer, this.#ends + 4 * entity, count);
  }

  #intern(index: number, place: ColumnPlace, codes: Int32Array): void {
    const file = this.#files[index]!;
    const dictionary = isReadWhole(place.texts!, codes.length)
      ? wholeTexts(file, place.texts!)
      : usedTexts(file, place.texts!, codes);
    const interned = this.#interner.addAll(dictionary);
    // The texts that are read first, and without others that the stage knows, have the codes of their file.
    const isSame = place.validity === null && interned.every((code, index) => code === index);
    if (!isSame) recodeInto(codes, interned, codes);
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
        const packed = Buffer.allocUnsafe(((from.row + rows + 7) >> 3) - (from.row >> 3));
        readAt(this.#files[index]!, packed, place.offset + (from.row >> 3));
        expandBits(packed, memory.bytes, at, from.row & 7, rows);
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
