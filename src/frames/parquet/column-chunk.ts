import { thriftBytes, thriftStruct, WIRE } from "../../tables/bulk/thrift.ts";

/** Parquet's numbers of the ways in which values are written. */
export const ENCODING = { plain: 0, levels: 3, delta: 5, dictionary: 8 } as const;
/** Parquet's numbers of what values are in a file. */
export const PHYSICAL = { bits: 0, i32: 1, i64: 2, f32: 4, f64: 5, bytes: 6 } as const;

const NO_CODEC = 0;
const DATA_PAGE = 0;
const DICTIONARY_PAGE = 2;

/** Bytes in the memory of encoding. */
export interface Place {
  readonly at: number;
  readonly size: number;
}

/** What a column chunk tells of its values. */
export interface Statistics {
  readonly nulls: number;
  readonly least?: Uint8Array;
  readonly most?: Uint8Array;
}

/** A column's values of one row group. */
export interface EncodedChunk {
  /** Its bytes, one after the other. */
  readonly parts: readonly (Place | Uint8Array)[];
  readonly size: number;
  /** The size that it would have without compression. */
  readonly plainSize: number;
  /** Its metadata in a file where it begins at a place. */
  metadata(at: number): Uint8Array;
}

/** Puts the pages of a column chunk together. */
export class ChunkPages {
  readonly #parts: (Place | Uint8Array)[] = [];
  readonly #encodings = new Set<number>([ENCODING.levels]);
  readonly #physical: number;
  readonly #path: readonly string[];
  #size = 0;
  #values = 0;
  #firstPage = 0;

  /** `path`: the names of the fields that lead to the column. */
  constructor(physical: number, path: readonly string[]) {
    this.#physical = physical;
    this.#path = path;
  }

  /** The values that codes stand for. Comes before the pages with the codes. */
  dictionary(page: Place, values: number): void {
    const header = thriftStruct([
      [1, WIRE.i32, values],
      [2, WIRE.i32, ENCODING.plain],
    ]);
    this.#encodings.add(ENCODING.plain);
    this.#add(DICTIONARY_PAGE, page, 7, header);
    this.#firstPage = this.#size;
  }

  /** Levels, with their sizes, and values. `values` counts nulls, too. */
  data(page: Place, values: number, encoding: number): void {
    const header = thriftStruct([
      [1, WIRE.i32, values],
      [2, WIRE.i32, encoding],
      [3, WIRE.i32, ENCODING.levels],
      [4, WIRE.i32, ENCODING.levels],
    ]);
    this.#encodings.add(encoding);
    this.#values += values;
    this.#add(DATA_PAGE, page, 5, header);
  }

  #add(kind: number, page: Place, field: number, own: ReturnType<typeof thriftStruct>): void {
    const header = thriftBytes(
      thriftStruct([
        [1, WIRE.i32, kind],
        [2, WIRE.i32, page.size],
        [3, WIRE.i32, page.size],
        [field, WIRE.struct, own],
      ]),
    );
    this.#parts.push(header, page);
    this.#size += header.length + page.size;
  }

  finish(statistics: Statistics): EncodedChunk {
    const size = this.#size;
    const metadata = (at: number) => {
      const column = thriftStruct([
        [1, WIRE.i32, this.#physical],
        [2, WIRE.i32s, [...this.#encodings]],
        [3, WIRE.texts, this.#path.map((name) => Buffer.from(name))],
        [4, WIRE.i32, NO_CODEC],
        [5, WIRE.i64, this.#values],
        [6, WIRE.i64, size],
        [7, WIRE.i64, size],
        [9, WIRE.i64, at + this.#firstPage],
        ...(this.#firstPage > 0 ? ([[11, WIRE.i64, at]] as const) : []),
        [12, WIRE.struct, statisticsStruct(statistics)],
      ]);
      return thriftBytes(
        thriftStruct([
          [2, WIRE.i64, 0],
          [3, WIRE.struct, column],
        ]),
      );
    };
    return { parts: this.#parts, size, plainSize: size, metadata };
  }
}

function statisticsStruct({ nulls, least, most }: Statistics) {
  if (least === undefined || most === undefined) return thriftStruct([[3, WIRE.i64, nulls]]);
  return thriftStruct([
    [3, WIRE.i64, nulls],
    [5, WIRE.text, most],
    [6, WIRE.text, least],
    [7, WIRE.bool, true],
    [8, WIRE.bool, true],
  ]);
}
