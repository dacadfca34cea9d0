import type { Place } from "./column-chunk.ts";
import type { EncodeMemory } from "./encode-kernels.ts";
import { type Levels, packedHead, varint } from "./levels.ts";

/** Bits that a code of some values takes. */
export function bitsFor(values: number): number {
  return Math.max(1, 32 - Math.clz32(values - 1));
}

/** Codes in memory, with zeros behind them. */
export interface Codes {
  readonly at: number;
  readonly count: number;
}

/** A page of levels and codes of `values` values. */
export function packedCodes(memory: EncodeMemory, { at, count }: Codes, values: number, levels: Levels): Place {
  const width = values <= 1 ? 1 : bitsFor(values);
  // A run of one code is told once.
  const head = values <= 1 ? [width, ...varint(2 * count), 0] : [width, ...packedHead(count)];
  const packed = values <= 1 ? 0 : (Math.ceil(count / 8) * 8 * width) / 8;
  const start = memory.take(levels.size + head.length + packed);
  levels.writeBefore(start + levels.size);
  memory.bytes.set(head, start + levels.size);
  const to = start + levels.size + head.length;
  if (packed > 0) memory.run.packWords(at, Math.ceil(count / 8) * 8, BigInt(width), to);
  return { at: start, size: levels.size + head.length + packed };
}
