import { scatterRows, sliceRows } from "./gather.ts";
import type { StoredRows } from "./stage-job.ts";

/** Rows by the range of key hashes that they belong to. */
export interface DividedRows {
  /** All of them, one range after the other; where there is one range only, the very rows that were divided. */
  readonly whole: StoredRows;
  /** Views of these, without ranges that have no rows. */
  readonly ranges: readonly (readonly [range: number, rows: StoredRows])[];
}

/** Divides rows among 2^`bits` equal ranges of key hashes. */
export function dividedRows(rows: StoredRows, bits: number): DividedRows {
  if (rows.rows === 0) return { whole: rows, ranges: [] };
  if (bits === 0) return { whole: rows, ranges: [[0, rows]] };
  const halves = new Uint32Array(rows.keyHash.buffer, rows.keyHash.byteOffset, 2 * rows.rows);
  const starts = countRanges(halves, bits);
  const whole = scatterRows(rows, placesOf(halves, bits, starts.slice()));
  const ranges = Array.from({ length: 1 << bits }, (_, range) => range)
    .filter((range) => starts[range]! < starts[range + 1]!)
    .map((range) => [range, sliceRows(whole, starts[range]!, starts[range + 1]!)] as const);
  return { whole, ranges };
}

/** Where each range's rows begin, and the number of all. */
function countRanges(halves: Uint32Array, bits: number): Uint32Array {
  const starts = new Uint32Array((1 << bits) + 1);
  for (let half = 1; half < halves.length; half += 2) starts[(halves[half]! >>> (32 - bits)) + 1]!++;
  for (let range = 1; range < starts.length; range++) starts[range]! += starts[range - 1]!;
  return starts;
}

function placesOf(halves: Uint32Array, bits: number, next: Uint32Array): Uint32Array {
  const places = new Uint32Array(halves.length / 2);
  for (let row = 0; row < places.length; row++) places[row] = next[halves[2 * row + 1]! >>> (32 - bits)]!++;
  return places;
}
