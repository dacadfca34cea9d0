import { ChunkPages, type EncodedChunk, PHYSICAL } from "./column-chunk.ts";
import type { EncodeMemory } from "./encode-kernels.ts";
import type { TextRows } from "./encode-texts.ts";
import { followingPages } from "./following-texts.ts";

/** Of fewer rows, a dictionary of their texts may be worth its room. */
const FEWEST_ROWS = 64;

/** Whether each row has the text behind that of the row before, and a row without a text an empty one. */
export function areInRowOrder({ codes, valid, texts: { offsets, missing } }: TextRows): boolean {
  const { length } = codes;
  const first = codes[0]!;
  if (length < FEWEST_ROWS || missing !== undefined || first < 0 || first + length >= offsets.length) return false;
  for (let row = 1; row < length; row++) if (codes[row] !== first + row) return false;
  return !valid?.some((one, row) => one === 0 && offsets[first + row] !== offsets[first + row + 1]);
}

/** Encodes a column of texts that are in the order of rows; `path`: the names of the fields that lead to it. */
export function encodeRowTexts(memory: EncodeMemory, path: readonly string[], column: TextRows): EncodedChunk {
  const { codes, valid, texts } = column;
  const rows = codes.length;
  const validAt = valid === undefined ? null : memory.copy(valid);
  const count = validAt === null ? rows : memory.run.countOnes(validAt, rows);
  const pages = new ChunkPages(memory, PHYSICAL.bytes, path);
  followingPages(memory, { first: codes[0]!, rows, valid: count === rows ? null : validAt }, texts, pages);
  return pages.finish({ nulls: rows - count });
}
