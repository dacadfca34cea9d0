/** One 64-bit column by which rows are put in order. */
export interface SortKey {
  readonly values: BigInt64Array | BigUint64Array;
  readonly signed: boolean;
}

const SMALL = 256;

/**
 * The order of rows by `keys`, the first one counting most, and by `ties` among rows that are equal in all of them;
 * rows still equal keep their order. Linear for many rows (radix sort on 16-bit digits).
 */
export function orderRows(
  rows: number,
  keys: readonly SortKey[],
  ties?: (a: number, b: number) => number,
): Uint32Array {
  let order = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) order[row] = row;
  if (isSorted(rows, keys)) {
    if (ties) sortTies(order, keys, ties);
    return order;
  }
  if (rows <= SMALL) {
    order.sort((a, b) => compareKeys(keys, a, b) || (ties?.(a, b) ?? 0) || a - b);
    return order;
  }
  let spare = new Uint32Array(rows);
  for (const key of [...keys].reverse()) {
    const words = new Uint16Array(key.values.buffer, key.values.byteOffset, rows * 4);
    for (let digit = 0; digit < 4; digit++) {
      const flip = key.signed && digit === 3 ? 0x8000 : 0;
      const counts = new Uint32Array(65537);
      for (let row = 0; row < rows; row++) counts[(words[row * 4 + digit]! ^ flip) + 1]!++;
      if (counts[(words[digit]! ^ flip) + 1] === rows) continue;
      for (let value = 1; value < 65537; value++) counts[value]! += counts[value - 1]!;
      for (let at = 0; at < rows; at++) {
        const row = order[at]!;
        spare[counts[words[row * 4 + digit]! ^ flip]!++] = row;
      }
      [order, spare] = [spare, order];
    }
  }
  if (ties) sortTies(order, keys, ties);
  return order;
}

function compareKeys(keys: readonly SortKey[], a: number, b: number): number {
  for (const { values } of keys) {
    const left = values[a]!;
    const right = values[b]!;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

function isSorted(rows: number, keys: readonly SortKey[]): boolean {
  for (let row = 1; row < rows; row++) if (compareKeys(keys, row - 1, row) > 0) return false;
  return true;
}

/** Orders each run of rows that are equal in `keys`. */
function sortTies(order: Uint32Array, keys: readonly SortKey[], ties: (a: number, b: number) => number): void {
  let start = 0;
  for (let end = 1; end <= order.length; end++) {
    if (end < order.length && compareKeys(keys, order[start]!, order[end]!) === 0) continue;
    if (end - start > 1) order.subarray(start, end).sort((a, b) => ties(a, b) || a - b);
    start = end;
  }
}

/** Three-way comparison of 64-bit numbers. */
export function compare(a: bigint | number, b: bigint | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
