import type { DuckDBType, DuckDBValue } from "@duckdb/node-api";
import type { FenlType } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";
import type { ColumnData } from "./column-data.ts";
import { columnOf, valuesArray } from "./column-data.ts";
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

function textCollector(type: FenlType, rows: number): ColumnCollector {
  const values = new Int32Array(rows);
  const validity = new Validity(rows);
  const dictionary: string[] = [];
  const codes = new Map<string, number>();
  let at = 0;
  return {
    add(vector) {
      validity.add(vector, at);
      for (let index = 0; index < vector.itemCount; index++) {
        const text = textAt(vector, index);
        if (text === null) continue;
        let code = codes.get(text);
        if (code === undefined) {
          code = dictionary.push(text) - 1;
          codes.set(text, code);
        }
        values[at + index] = code;
      }
      at += vector.itemCount;
    },
    finish: () => ({ type, values, valid: validity.finish(), dictionary }),
  };
}

/** A text of a vector. DuckDB's own decoder drops a byte order mark that a text begins with. */
function textAt(vector: VectorLike, index: number): string | null {
  const text = vector.getItem(index) as string | null;
  const view = vector.dataView;
  if (text === null || view === undefined) return text;
  const marked =
    (view.getUint32(16 * index + 4, true) & 0xffffff) === 0xbfbbef && view.getUint32(16 * index, true) >= 3;
  return marked ? `\ufeff${text}` : text;
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
