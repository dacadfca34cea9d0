/** A column by which rows are put in order: 64-bit numbers, or small ones. */
export interface SortKey {
  readonly values: BigInt64Array | BigUint64Array | Int32Array | Uint8Array;
}

const SMALL = 256;

/** Compares rows by columns, the first one counting most; 64-bit numbers by their halves. */
export class RowComparison {
  readonly #low: (Int32Array | Uint32Array | Uint8Array | null)[] = [];
  readonly #high: (Int32Array | Uint32Array | Uint8Array)[] = [];

  constructor(keys: readonly SortKey[]) {
    for (const { values } of keys) {
      const { byteOffset, length } = values;
      const buffer = values.buffer as ArrayBuffer;
      if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
        this.#low.push(new Uint32Array(buffer, byteOffset, 2 * length));
        const Halves = values instanceof BigInt64Array ? Int32Array : Uint32Array;
        this.#high.push(new Halves(buffer, byteOffset, 2 * length));
      } else {
        this.#low.push(null);
        this.#high.push(values);
      }
    }
  }

  /** Negative, 0 or positive, as row `a` comes before, with or after row `b`, which may be one of other rows. */
  compare(a: number, b: number, other: RowComparison = this): number {
    for (let key = 0; key < this.#high.length; key++) {
      const [low, high] = [this.#low[key]!, this.#high[key]!];
      const [otherLow, otherHigh] = [other.#low[key]!, other.#high[key]!];
      if (low === null || otherLow === null) {
        if (high[a] !== otherHigh[b]) return high[a]! < otherHigh[b]! ? -1 : 1;
        continue;
      }
      const [left, right] = [high[2 * a + 1]!, otherHigh[2 * b + 1]!];
      if (left !== right) return left < right ? -1 : 1;
      if (low[2 * a] !== otherLow[2 * b]) return low[2 * a]! < otherLow[2 * b]! ? -1 : 1;
    }
    return 0;
  }

  /** True when no row comes before the one that stands before it. */
  isSorted(rows: number): boolean {
    for (let row = 1; row < rows; row++) if (this.compare(row - 1, row) > 0) return false;
    return true;
  }
}

/**
 * The order of rows by 64-bit `keys`, the first one counting most, and by `ties` among rows that are equal in all of
 * them; rows still equal keep their order. Linear for many rows (radix sort on 16-bit digits). Null: they are in order.
 */
export function orderRows(
  rows: number,
  keys: readonly { readonly values: BigInt64Array | BigUint64Array }[],
  ties: readonly SortKey[] = [],
): Uint32Array | null {
  const all = new RowComparison([...keys, ...ties]);
  if (all.isSorted(rows)) return null;
  let order = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) order[row] = row;
  if (rows <= SMALL) return order.sort((a, b) => all.compare(a, b) || a - b);
  let spare = new Uint32Array(rows);
  for (const { values } of [...keys].reverse()) {
    const words = new Uint16Array(values.buffer, values.byteOffset, rows * 4);
    for (let digit = 0; digit < 4; digit++) {
      const flip = digit === 3 && values instanceof BigInt64Array ? 0x8000 : 0;
      if (sortByDigit(words, digit, flip, order, spare)) [order, spare] = [spare, order];
    }
  }
  if (ties.length > 0) sortTies(order, new RowComparison(keys), all);
  return order;
}

/** One pass of a radix sort, from `order` to `to`; false where all rows have the same digit. */
function sortByDigit(words: Uint16Array, digit: number, flip: number, order: Uint32Array, to: Uint32Array): boolean {
  const rows = order.length;
  const counts = new Uint32Array(65537);
  for (let at = digit; at < words.length; at += 4) counts[(words[at]! ^ flip) + 1]!++;
  if (counts[(words[digit]! ^ flip) + 1] === rows) return false;
  for (let value = 1; value < 65537; value++) counts[value]! += counts[value - 1]!;
  for (let at = 0; at < rows; at++) {
    const row = order[at]!;
    to[counts[words[row * 4 + digit]! ^ flip]!++] = row;
  }
  return true;
}

/** Orders each run of rows that are equal in the keys. */
function sortTies(order: Uint32Array, keys: RowComparison, all: RowComparison): void {
  let start = 0;
  for (let end = 1; end <= order.length; end++) {
    if (end < order.length && keys.compare(order[start]!, order[end]!) === 0) continue;
    if (end - start > 1) order.subarray(start, end).sort((a, b) => all.compare(a, b) || a - b);
    start = end;
  }
}
