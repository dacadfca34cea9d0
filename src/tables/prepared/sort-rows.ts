import { halvesOf } from "./entity-index.ts";

/** One 64-bit sort key of every row, as halves; `signed` decides how the high half orders. */
interface SortKey {
  readonly halves: Uint32Array;
  readonly signed: boolean;
}

function keyOf(values: BigUint64Array | BigInt64Array): SortKey {
  return {
    halves: halvesOf(values),
    signed: values instanceof BigInt64Array,
  };
}

/** Whether a key never falls from one row to the next in the order. */
function inOrder({ halves, signed }: SortKey, order: Uint32Array): boolean {
  const flip = signed ? 0x80000000 : 0;
  let low = 0;
  let high = 0;
  for (let index = 0; index < order.length; index++) {
    const row = order[index]!;
    const nextLow = halves[2 * row]!;
    const nextHigh = (halves[2 * row + 1]! ^ flip) >>> 0;
    if (nextHigh < high || (nextHigh === high && nextLow < low)) return false;
    low = nextLow;
    high = nextHigh;
  }
  return true;
}

/** Sorts an order stably by one key, digit by digit from the lowest; digits that all rows share cost one count. */
function sortBy(key: SortKey, order: Uint32Array, spare: Uint32Array): [Uint32Array, Uint32Array] {
  const rows = order.length;
  const bits = rows < 1 << 14 ? 8 : 16;
  const counts = new Uint32Array(1 << bits);
  const mask = (1 << bits) - 1;
  let from = order;
  let to = spare;
  for (let half = 0; half < 2; half++) {
    const flip = half === 1 && key.signed ? 0x80000000 : 0;
    for (let shift = 0; shift < 32; shift += bits) {
      counts.fill(0);
      for (let row = 0; row < rows; row++) counts[((key.halves[2 * row + half]! ^ flip) >>> shift) & mask]!++;
      if (rows > 0 && counts[((key.halves[half]! ^ flip) >>> shift) & mask] === rows) continue;
      let sum = 0;
      for (let digit = 0; digit <= mask; digit++) {
        const count = counts[digit]!;
        counts[digit] = sum;
        sum += count;
      }
      for (let index = 0; index < rows; index++) {
        const row = from[index]!;
        const digit = ((key.halves[2 * row + half]! ^ flip) >>> shift) & mask;
        to[counts[digit]!++] = row;
      }
      [from, to] = [to, from];
    }
  }
  return [from, to];
}

/**
 * The rows in the order of the given keys, the first deciding most; unsigned or signed as their arrays are. Rows equal
 * in all keys keep their order.
 */
export function sortedOrder(keys: readonly (BigUint64Array | BigInt64Array)[], rows: number): Uint32Array {
  let order = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) order[row] = row;
  let spare: Uint32Array | undefined;
  for (const values of keys.toReversed()) {
    const key = keyOf(values);
    if (inOrder(key, order)) continue;
    spare ??= new Uint32Array(rows);
    [order, spare] = sortBy(key, order, spare) as [Uint32Array<ArrayBuffer>, Uint32Array];
  }
  return order;
}
