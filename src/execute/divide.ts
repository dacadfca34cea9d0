import { gatherRows } from "./gather.ts";
import type { StoredRows } from "./stage-job.ts";

/** Rows by the range of key hashes, of 2^`bits` equal ones, that each belongs to; ranges without rows are left out. */
export function dividedRows(rows: StoredRows, bits: number): [range: number, rows: StoredRows][] {
  if (rows.rows === 0) return [];
  if (bits === 0) return [[0, rows]];
  const halves = new Uint32Array(rows.keyHash.buffer, rows.keyHash.byteOffset, 2 * rows.rows);
  const starts = new Uint32Array((1 << bits) + 1);
  for (let row = 0; row < rows.rows; row++) starts[(halves[2 * row + 1]! >>> (32 - bits)) + 1]!++;
  for (let range = 1; range < starts.length; range++) starts[range]! += starts[range - 1]!;
  const order = new Uint32Array(rows.rows);
  const next = starts.slice();
  for (let row = 0; row < rows.rows; row++) order[next[halves[2 * row + 1]! >>> (32 - bits)]!++] = row;
  const parts: [number, StoredRows][] = [];
  for (let range = 0; range < 1 << bits; range++) {
    const part = order.subarray(starts[range]!, starts[range + 1]!);
    if (part.length > 0) parts.push([range, gatherRows(rows, part)]);
  }
  return parts;
}
