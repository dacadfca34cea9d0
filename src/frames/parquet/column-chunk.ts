import { type ThriftStruct, thriftBytes, thriftStruct, WIRE } from "../../tables/bulk/thrift.ts";
import type { EncodeMemory } from "./encode-kernels.ts";

/** Parquet's numbers of the ways in which values are written. */
export const ENCODING = { plain: 0, levels: 3, delta: 5, deltaLengths: 6, deltaTexts: 7, dictionary: 8 } as const;
/** Parquet's numbers of what values are in a file. */
export const PHYSICAL = { bits: 0, i32: 1, i64: 2, f32: 4, f64: 5, bytes: 6 } as const;

const [NO_CODEC, SNAPPY] = [0, 1];
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

/** Bytes of a page by which it is judged whether it is worth compressing. */
const SAMPLE = 1 << 12;
/** The share of a column chunk's bytes that compression is to save: of texts, and of numbers, of which it takes longer. */
export const GAIN = { texts: 0.3, numbers: 0.6 } as const;
/** Bytes of a table of Snappy. */
const TABLE = 1 << 15;

/** Puts the pages of a column chunk together, compressed where that makes them smaller. */
export class ChunkPages {
  readonly #memory: EncodeMemory;
  readonly #physical: number;
  readonly #path: readonly string[];
  readonly #encodings = new Set<number>([ENCODING.levels]);
  readonly #pages: Page[] = [];
  #values = 0;

  /** `path`: the names of the fields that lead to the column. */
  constructor(memory: EncodeMemory, physical: number, path: readonly string[]) {
    this.#memory = memory;
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
    this.#pages.push({ ...page, kind: DICTIONARY_PAGE, field: 7, header });
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
    this.#pages.push({ ...page, kind: DATA_PAGE, field: 5, header });
  }

  /** @param gain the share of the bytes that compression is to save */
  finish(statistics: Statistics, gain: number = GAIN.texts): EncodedChunk {
    const isCompressed = this.#isWorthCompressing(gain);
    const parts: (Place | Uint8Array)[] = [];
    let [size, plainSize, dictionarySize] = [0, 0, 0];
    for (const page of this.#pages) {
      const { kind, field, header } = page;
      const content = isCompressed ? compressed(this.#memory, page) : { at: page.at, size: page.size };
      const head = thriftBytes(
        thriftStruct([
          [1, WIRE.i32, kind],
          [2, WIRE.i32, page.size],
          [3, WIRE.i32, content.size],
          [field, WIRE.struct, header],
        ]),
      );
      parts.push(head, content);
      size += head.length + content.size;
      plainSize += head.length + page.size;
      if (kind === DICTIONARY_PAGE) dictionarySize = size;
    }
    const metadata = (at: number) => {
      const column = thriftStruct([
        [1, WIRE.i32, this.#physical],
        [2, WIRE.i32s, [...this.#encodings]],
        [3, WIRE.texts, this.#path.map((name) => Buffer.from(name))],
        [4, WIRE.i32, isCompressed ? SNAPPY : NO_CODEC],
        [5, WIRE.i64, this.#values],
        [6, WIRE.i64, plainSize],
        [7, WIRE.i64, size],
        [9, WIRE.i64, at + dictionarySize],
        ...(dictionarySize > 0 ? ([[11, WIRE.i64, at]] as const) : []),
        [12, WIRE.struct, statisticsStruct(statistics)],
      ]);
      return thriftBytes(
        thriftStruct([
          [2, WIRE.i64, 0],
          [3, WIRE.struct, column],
        ]),
      );
    };
    return { parts, size, plainSize, metadata };
  }

  #isWorthCompressing(gain: number): boolean {
    let [all, saved] = [0, 0];
    for (const { at, size } of this.#pages) {
      all += size;
      const some = Math.min(size, SAMPLE);
      if (some === 0) continue;
      const sample = compressed(this.#memory, { at: at + Math.floor((size - some) / 2), size: some });
      saved += size * (1 - sample.size / some);
    }
    return saved > gain * all;
  }
}

interface Page extends Place {
  readonly kind: number;
  /** Which field of a page's header its own one is. */
  readonly field: number;
  readonly header: ThriftStruct;
}

/** Bytes as a block of Snappy. */
function compressed(memory: EncodeMemory, { at, size }: Place): Place {
  const to = memory.take(size + Math.ceil(size / 6) + 32);
  const table = memory.take(TABLE);
  return { at: to, size: (memory.run.snappy(at, size, to, table) >>> 0) - to };
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
