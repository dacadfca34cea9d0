import type { OnLoadProgress } from "../load-progress.ts";
import { FILE_ROWS } from "../prepared/prepare.ts";
import type { ByteSource } from "../read/byte-source.ts";
import type { TimeUnit } from "../read/time-unit.ts";
import type { TableColumn } from "../table-snapshot.ts";
import type { Division } from "./divide-piece.ts";
import type { Piece } from "./piece.ts";

/** A file that is loaded in pieces, on several threads. */
export interface BulkInput {
  readonly format: "parquet" | "csv";
  /** On a local disk, not compressed. */
  readonly path: string;
  readonly source: ByteSource;
}

/** How a file is loaded in pieces. */
export interface BulkOptions {
  /** For prepared files, and for temporary ones that are gone when the load has ended. */
  readonly directory: string;
  readonly durable: boolean;
  /** Whether the hash of the file's content is wanted, by which a store knows it again; default true. */
  readonly hashed?: boolean | undefined;
  /** The table's columns, where they are settled. */
  readonly columns: readonly TableColumn[] | null;
  readonly timeUnit?: TimeUnit | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of pieces that stay in memory, about; others are in temporary files. */
  readonly piecesInMemory?: number | undefined;
  /** Bytes of a piece of CSV, about. */
  readonly pieceBytes?: number | undefined;
  readonly onProgress?: OnLoadProgress | undefined;
}

/** About so many rows are sorted at once: their keys stay in the cache. */
const BUCKET_ROWS = 3 << 15;
const MOST_BUCKET_BITS = 12;

/** The values of a prepared file take about so many bytes at most: a thread sorts them in its memory. */
const FILE_BYTES = 1 << 29;
/** What a value takes, about. */
export const VALUE_BYTES = 16;

/** The bits of key hashes that divide rows into buckets, and buckets into files; `bytes`: of all rows, about. */
export function divisionOf(rows: number, bytes: number): Division {
  const bitsFor = (files: number) => Math.max(0, Math.ceil(Math.log2(files)));
  const fileBits = Math.min(MOST_BUCKET_BITS, bitsFor(Math.max(rows / FILE_ROWS, bytes / FILE_BYTES)));
  return { fileBits, bits: Math.max(fileBits, Math.min(MOST_BUCKET_BITS, bitsFor(rows / BUCKET_ROWS))) };
}

/** A file's rows in pieces, divided into buckets. */
export interface PiecesOfFile {
  readonly rows: number;
  readonly pieces: readonly Piece[];
  readonly columns: readonly TableColumn[];
  /** The place of the key's column. */
  readonly key: number;
  readonly division: Division;
}
