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
  /** Texts of one length. */
  | { readonly form: "even"; readonly width: number; readonly bytesAt: number }
  | {
      readonly form: "codes";
      readonly at: number;
      readonly count: number;
      readonly offsetsAt: number;
      readonly bytesAt: number;
      readonly bytes: number;
    }
);

/** Some rows of a file, decoded and divided into buckets by key hash, in a thread's memory or in a temporary file. */
export interface Piece {
  /** The temporary file; null where the piece is in memory. */
  readonly path: string | null;
  /** The memory that it is in, by its id. */
  readonly memory: string;
  /** How many bytes of memory it takes. */
  readonly bytes: number;
  readonly rows: number;
  /** Where each bucket's rows begin, and where the last end; shared memory. */
  readonly starts: Int32Array;
  /** Of 8 bytes a row. */
  readonly hashAt: number;
  /** Of the row's place in the piece, 4 bytes. */
  readonly rowAt: number;
  readonly columns: readonly PieceColumn[];
}
