/** Where a piece's rows of a column are: those of a bucket stand together, in the file's order. */
export type PieceColumn = {
  /** Of a byte per row; null: all are valid. */
  readonly validAt: number | null;
} & (
  | { readonly form: "fixed"; readonly width: 1 | 4 | 8; readonly at: number }
  | {
      readonly form: "texts";
      /** Of the texts' lengths in bytes, 4 bytes each. */
      readonly lengthsAt: number;
      readonly bytesAt: number;
      /** Where the bytes of each bucket begin, from `bytesAt`, and where the last end; shared memory. */
      readonly byteStarts: Int32Array;
    }
  | {
      readonly form: "codes";
      readonly at: number;
      readonly count: number;
      readonly offsetsAt: number;
      readonly bytesAt: number;
      readonly bytes: number;
    }
);

/** The bytes of a piece that belong to the buckets of one prepared file, and where in them each place of a piece is. */
export interface PieceMemory {
  readonly buffer: ArrayBuffer;
  readonly places: ReadonlyMap<number, number>;
}

/** The memory of pieces, which goes to a thread with them. */
export function buffersOf(pieces: readonly Piece[]): ArrayBuffer[] {
  return pieces.flatMap(({ memory }) => memory.map(({ buffer }) => buffer));
}

/** Some rows of a file, decoded and divided into buckets by key hash, in memory or in a temporary file. */
export interface Piece {
  /** The temporary file; null where the piece is in memory. */
  readonly path: string | null;
  /** For each prepared file; empty where the piece is in a file. */
  readonly memory: readonly PieceMemory[];
  readonly rows: number;
  /** Where each bucket's rows begin, and where the last end; shared memory. */
  readonly starts: Int32Array;
  /** Of 8 bytes a row. */
  readonly hashAt: number;
  /** Of the row's place in the piece, 4 bytes. */
  readonly rowAt: number;
  readonly columns: readonly PieceColumn[];
}
