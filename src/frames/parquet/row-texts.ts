import { ChunkPages, ENCODING, type EncodedChunk, PHYSICAL } from "./column-chunk.ts";
import type { EncodeMemory } from "./encode-kernels.ts";
import { PAGE_BYTES, type TextRows } from "./encode-texts.ts";
import { PresenceLevels } from "./levels.ts";

/** Of fewer rows, a dictionary of their texts may be worth its room. */
const FEWEST_ROWS = 64;

/** Whether each row has the text behind that of the row before: no text can be asked for twice. */
export function areInRowOrder({ codes, texts }: TextRows): boolean {
  const { length } = codes;
  const first = codes[0]!;
  if (length < FEWEST_ROWS || texts.missing !== undefined) return false;
  if (first < 0 || first + length >= texts.offsets.length) return false;
  for (let row = 1; row < length; row++) if (codes[row] !== first + row) return false;
  return true;
}

/** Encodes a column of texts that are in the order of rows; `path`: the names of the fields that lead to it. */
export function encodeRowTexts(memory: EncodeMemory, path: readonly string[], column: TextRows): EncodedChunk {
  const { codes, valid, texts } = column;
  const { run } = memory;
  const rows = codes.length;
  const first = codes[0]!;
  const [start, end] = [texts.offsets[first]!, texts.offsets[first + rows]!];
  const bytes = memory.copy(texts.bytes.subarray(start, end)) - start;
  const offsets = memory.copy(texts.offsets.subarray(first, first + rows + 1));
  const validAt = valid === undefined ? null : memory.copy(valid);
  const count = validAt === null ? rows : run.countOnes(validAt, rows);
  const pages = new ChunkPages(memory, PHYSICAL.bytes, path);
  // In eights, as the bits of levels are.
  const step = 8 * Math.max(1, Math.floor(PAGE_BYTES / (8 * (4 + (end - start) / rows))));
  for (let row = 0; row < rows; row += step) {
    const some = Math.min(step, rows - row);
    const ownValid = validAt === null || count === rows ? null : validAt + row;
    const levels = new PresenceLevels(memory, some, ownValid);
    const size = texts.offsets[first + row + some]! - texts.offsets[first + row]!;
    const at = memory.take(levels.size + 4 * some + size);
    levels.writeBefore(at + levels.size);
    const to = run.plainTexts(offsets + 4 * row, some, ownValid ?? 0, bytes, at + levels.size);
    pages.data({ at, size: to - at }, some, ENCODING.plain);
  }
  return pages.finish({ nulls: rows - count });
}
