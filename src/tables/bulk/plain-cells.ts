import type { CsvCells, CsvForm } from "./csv-cells.ts";
import { requireUtf8 } from "./csv-cells.ts";
import { inSteps } from "./kernels.ts";
import type { Scratch } from "./scratch.ts";

/** Bytes that are taken apart at once. */
const STEP = 1 << 16;
/** Words of the state of `splitCells`: where the next cell begins, how many there are, and the pair of a line's end. */
const [CELL_START, CELLS, LINE_FEED] = [0, 4, 5];

/**
 * `splitCells` of records that are written in the plainest way, which most are: null where one is not. The bytes are in
 * memory of `scratch`.
 */
export function splitPlainCells(
  bytes: Uint8Array,
  start: number,
  limit: number,
  form: CsvForm,
  scratch: Scratch,
): CsvCells | null {
  const { delimiter, quote, width, lineEnd } = form;
  if (start >= limit || lineEnd === "\r") return null;
  const most = countByte(bytes, delimiter, scratch) + countByte(bytes, 0x0a, scratch) + width;
  const [starts, ends] = [scratch.int32("starts", most), scratch.int32("ends", most)];
  const state = scratch.int32("cells' state", 6).fill(0);
  state[CELL_START] = start;
  state[LINE_FEED] = -1;
  const base = bytes.byteOffset;
  const pairs = lineEnd === "\r\n" ? 1 : 0;
  for (let at = start; at < bytes.length; at += STEP) {
    const end = base + Math.min(at + STEP, bytes.length);
    const [from, to] = [starts.byteOffset, ends.byteOffset];
    const { splitCells } = scratch.run;
    const done = splitCells(base + at, end, base, from, to, width, limit, delimiter, quote, pairs, state.byteOffset);
    if (done === 2) return null;
    if (done === 0) continue;
    requireUtf8(bytes.subarray(start, state[CELL_START]));
    return { bytes, rows: state[CELLS]! / width, starts, ends, end: state[CELL_START]! };
  }
  return null;
}

/** How often a byte is among others, which are in memory of `scratch`. */
export function countByte(bytes: Uint8Array, byte: number, scratch: Scratch): number {
  const blocks = bytes.length >> 4;
  let count = 0;
  inSteps(blocks, (from, some) => {
    count += scratch.run.countByte(bytes.byteOffset + 16 * from, some, byte);
  });
  for (let at = 16 * blocks; at < bytes.length; at++) if (bytes[at] === byte) count++;
  return count;
}
