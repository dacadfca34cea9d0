import type { RowArray } from "./allocate.ts";

/** How codes of one dictionary become those of another: by a table, or by adding a number. */
export type Recoding = Int32Array | number;

/** Values that are to be copied into part of a larger array; codes, or places, become others on the way. */
export interface ValuesCopy {
  readonly from: RowArray;
  readonly into: RowArray;
  readonly recoding: Recoding;
}

/** Copies values, or has somebody copy them later. */
export type CopyValues = (copy: ValuesCopy) => void;

/** Copies values now. */
export function copyValues({ from, into, recoding }: ValuesCopy): void {
  if (recoding === 0) (into.set as (values: RowArray) => void)(from);
  else recodeInto(from as Int32Array, recoding, into as Int32Array);
}

/** Writes numbers one after the other, from one on. */
export function numbersFrom(first: number, into: Int32Array): Int32Array {
  for (let index = 0; index < into.length; index++) into[index] = first + index;
  return into;
}

/** Whether each number is the one after that before. */
export function follow(numbers: Int32Array): boolean {
  for (let index = 1; index < numbers.length; index++) if (numbers[index] !== numbers[index - 1]! + 1) return false;
  return true;
}

/** Writes the new codes for old ones; they may be put in their place. */
export function recodeInto(values: Int32Array, codes: Recoding, into: Int32Array): void {
  if (typeof codes === "number") {
    for (let row = 0; row < values.length; row++) into[row] = values[row]! + codes;
  } else {
    for (let row = 0; row < values.length; row++) into[row] = codes[values[row]!] ?? 0;
  }
}

/** Collects copies between memories that all threads see, for these to make; all others are made at once. */
export class LaterCopies {
  readonly #copies: ValuesCopy[] = [];

  readonly add: CopyValues = (copy) => {
    const { from, into, recoding } = copy;
    if (!(from.buffer instanceof SharedArrayBuffer && into.buffer instanceof SharedArrayBuffer)) copyValues(copy);
    // A part of a larger table is not sent alone.
    else this.#copies.push({ from, into, recoding: typeof recoding === "number" ? recoding : recoding.slice() });
  };

  /** The copies, divided among some threads by what they have to copy. */
  shares(threads: number): ValuesCopy[][] {
    const shares = Array.from({ length: threads }, () => ({ bytes: 0, copies: [] as ValuesCopy[] }));
    const largestFirst = [...this.#copies].sort((a, b) => b.from.byteLength - a.from.byteLength);
    for (const copy of largestFirst) {
      const least = shares.reduce((best, share) => (share.bytes < best.bytes ? share : best));
      least.copies.push(copy);
      least.bytes += copy.from.byteLength;
    }
    return shares.map(({ copies }) => copies);
  }
}
