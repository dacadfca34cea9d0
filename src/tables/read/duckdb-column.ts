import type { DuckDBType, DuckDBValue } from "@duckdb/node-api";
import type { FenlType } from "../../values/fenl-type.ts";
import type { HostValue } from "../../values/host-value.ts";
import type { ColumnData } from "../column-data.ts";
import { columnOf, valuesArray } from "../column-data.ts";
import { ShortTextCodes } from "../text-codes.ts";
import { hostValueOf } from "./duckdb-type.ts";

/** A DuckDB vector, as far as it is read here. */
export interface VectorLike {
  readonly itemCount: number;
  readonly validity?: { readonly data: BigUint64Array | null; itemValid(index: number): boolean };
  /** Absent for bools and texts. */
  readonly items?: ArrayLike<number> | BigInt64Array | BigUint64Array;
  /** Texts: 16 bytes each, the length, then all of a short text or the start of a long one. */
  readonly dataView?: DataView;
  getItem(index: number): DuckDBValue;
}

/** Collects DuckDB's vectors of one column. */
export interface ColumnCollector {
  add(vector: VectorLike): void;
  finish(): ColumnData;
}

/** A collector for `rows` values; `from` is DuckDB's type. */
export function columnCollector(type: FenlType, from: DuckDBType, rows: number): ColumnCollector {
  switch (type.kind) {
    case "list":
    case "map":
    case "record": {
      const values: HostValue[] = [];
      return {
        add(vector) {
          for (let index = 0; index < vector.itemCount; index++) {
            values.push(hostValueOf(type, from, vector.getItem(index)));
          }
        },
        finish: () => columnOf(type, values),
      };
    }
    case "string":
      return textCollector(type, rows);
    default:
      return scalarCollector(type, rows);
  }
}

function scalarCollector(type: FenlType, rows: number): ColumnCollector {
  const values = valuesArray(type, rows);
  const validity = new Validity(rows);
  let at = 0;
  return {
    add(vector) {
      const { items, itemCount } = vector;
      if (items === undefined) {
        for (let index = 0; index < itemCount; index++) values[at + index] = Number(vector.getItem(index)) as never;
      } else if (items instanceof BigUint64Array) {
        values.set(new BigInt64Array(items.buffer, items.byteOffset, items.length) as never, at);
      } else {
        values.set(items as never, at);
      }
      validity.add(vector, at);
      at += itemCount;
    },
    finish: () => ({ type, values, valid: validity.finish() }),
  };
}

/** DuckDB keeps texts of at most so many bytes inside their records. */
const INLINE_BYTES = 12;

function textCollector(type: FenlType, rows: number): ColumnCollector {
  const values = new Int32Array(rows);
  const validity = new Validity(rows);
  const dictionary: string[] = [];
  const codes = new Map<string, number>();
  const short = new ShortTextCodes();
  const codeOf = (text: string) => {
    const known = codes.get(text);
    if (known !== undefined) return known;
    codes.set(text, dictionary.length);
    return dictionary.push(text) - 1;
  };
  let at = 0;
  return {
    add(vector) {
      validity.add(vector, at);
      const { dataView, itemCount } = vector;
      const nulls = vector.validity?.data != null;
      if (dataView === undefined || dataView.byteOffset % 4 !== 0) {
        for (let index = 0; index < itemCount; index++) {
          const text = vector.getItem(index) as string | null;
          if (text !== null) values[at + index] = codeOf(text);
        }
      } else {
        const words = new Uint32Array(dataView.buffer, dataView.byteOffset, 4 * itemCount);
        for (let index = 0; index < itemCount; index++) {
          if (nulls && !vector.validity!.itemValid(index)) continue;
          const word = 4 * index;
          const size = words[word]!;
          if (size > INLINE_BYTES) {
            values[at + index] = codeOf(longText(vector, index, words[word + 1]!));
            continue;
          }
          const [b, c, d] = [words[word + 1]!, words[word + 2]!, words[word + 3]!];
          const entry = short.find(size, b, c, d);
          if (entry >= 0) values[at + index] = short.codeOf(entry);
          else {
            const bytes = Buffer.from(dataView.buffer, dataView.byteOffset + 16 * index + 4, size);
            const code = dictionary.push(bytes.toString("utf8")) - 1;
            short.add(entry, size, b, c, d, code);
            values[at + index] = code;
          }
        }
      }
      at += itemCount;
    },
    finish: () => ({ type, values, valid: validity.finish(), dictionary }),
  };
}

/** A text that its record does not hold. DuckDB's decoder drops a byte order mark that a text begins with. */
function longText(vector: VectorLike, index: number, prefix: number): string {
  const text = vector.getItem(index) as string;
  return (prefix & 0xffffff) === 0xbfbbef ? `\ufeff${text}` : text;
}

/** Which rows have a value. */
class Validity {
  private readonly bytes: Uint8Array;
  private nulls = false;

  constructor(rows: number) {
    this.bytes = new Uint8Array(rows).fill(1);
  }

  add(vector: VectorLike, at: number): void {
    const { validity } = vector;
    if (validity === undefined || validity.data === null) return;
    for (let index = 0; index < vector.itemCount; index++) {
      if (validity.itemValid(index)) continue;
      this.bytes[at + index] = 0;
      this.nulls = true;
    }
  }

  finish(): Uint8Array | undefined {
    return this.nulls ? this.bytes : undefined;
  }
}
