import type { RowArray } from "./allocate.ts";
import type { RowSetColumn } from "./row-set.ts";
import type { StoredRows } from "./stage-job.ts";

/** Rows of several parts that are put in order together: they are items, numbered from one part to the next. */
export class PartItems {
  readonly #parts: readonly StoredRows[];
  /** The first item of each part, and the number of all. */
  readonly starts: readonly number[];

  /** `starts`: which items are of which part. */
  constructor(parts: readonly StoredRows[], starts: readonly number[]) {
    this.#parts = parts;
    this.starts = starts;
  }

  /** Which part an item is of. */
  partOf(item: number): number {
    let from = 0;
    let to = this.#parts.length - 1;
    while (from < to) {
      const middle = (from + to + 1) >>> 1;
      if (this.starts[middle]! <= item) from = middle;
      else to = middle - 1;
    }
    return from;
  }

  /** Writes the items' columns, but for the times, into those of `target`; `rowOf` and `place` have an entry an item. */
  writeTo(target: StoredRows, rowOf: Uint32Array, place: Uint32Array): void {
    for (const [index, part] of this.#parts.entries()) {
      const from = this.starts[index]!;
      const to = this.starts[index + 1]!;
      if (from === to) continue;
      const rows = rowOf.subarray(from, to);
      const places = place.subarray(from, to);
      const write = (values: RowArray | undefined, into: RowArray | undefined) => {
        if (values && into) scatter(values, rows, into, places);
      };
      const column = (one: RowSetColumn, into: RowSetColumn) => {
        write(one.values, into.values);
        if (one.valid) write(one.valid, into.valid);
        else if (into.valid) for (let at = 0; at < places.length; at++) into.valid[places[at]!] = 1;
      };
      for (const name of ["keyHash", "subsort", "rank", "origin", "ordinal", "localKeyHash"] as const) {
        write(part[name], target[name]);
      }
      for (const [at, one] of part.columns.entries()) column(one, target.columns[at]!);
      if (part.key && target.key) column(part.key, target.key);
    }
  }
}

function scatter(values: RowArray, rows: Uint32Array, into: RowArray, places: Uint32Array): void {
  switch (values.BYTES_PER_ELEMENT) {
    case 1:
      scatterOne(values as Uint8Array, rows, into as Uint8Array, places);
      break;
    case 4:
      scatterFour(as(Int32Array, values), rows, as(Int32Array, into), places);
      break;
    default:
      scatterEight(as(BigInt64Array, values), rows, as(BigInt64Array, into), places);
  }
}

function as<T>(type: new (buffer: ArrayBufferLike, offset: number, length: number) => T, values: RowArray): T {
  return new type(values.buffer, values.byteOffset, values.length);
}

// One loop for each width, so that each is compiled for one kind of array.
function scatterOne(values: Uint8Array, rows: Uint32Array, into: Uint8Array, places: Uint32Array): void {
  for (let at = 0; at < rows.length; at++) into[places[at]!] = values[rows[at]!]!;
}

function scatterFour(values: Int32Array, rows: Uint32Array, into: Int32Array, places: Uint32Array): void {
  for (let at = 0; at < rows.length; at++) into[places[at]!] = values[rows[at]!]!;
}

function scatterEight(values: BigInt64Array, rows: Uint32Array, into: BigInt64Array, places: Uint32Array): void {
  for (let at = 0; at < rows.length; at++) into[places[at]!] = values[rows[at]!]!;
}
