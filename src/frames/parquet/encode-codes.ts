import type { Place } from "./column-chunk.ts";
import type { EncodeMemory } from "./encode-kernels.ts";
import { type Levels, packedHead, varint } from "./levels.ts";

/** Bits that a code of some values takes. */
export function bitsFor(values: number): number {
  return Math.max(1, 32 - Math.clz32(values - 1));
}

/** Codes in memory, with zeros behind them unless they come in runs. */
export interface Codes {
  readonly at: number;
  readonly count: number;
  /** Where the lengths are of the runs of equal codes of which these are the codes; absent where each is one. */
  readonly lengths?: number;
}

/** Codes by which it is judged whether they come in runs, which have so many of them on average. */
const [SAMPLE, RUN] = [1 << 10, 4];

/** The codes of runs of equal codes, where they come in runs; else they themselves. */
export function inRuns(memory: EncodeMemory, codes: Codes): Codes {
  const { at, count } = codes;
  const some = Math.min(SAMPLE, count);
  const most = Math.floor(count / RUN);
  const [values, lengths] = [memory.take(4 * most), memory.take(4 * most)];
  const runsOf = (count: number) => memory.run.codeRuns(at, count, Math.floor(count / RUN), values, lengths);
  const runs = runsOf(some) < 0 ? -1 : runsOf(count);
  return runs < 0 ? codes : { at: values, count: runs, lengths };
}

/** A page of levels and codes of `values` values. */
export function packedCodes(memory: EncodeMemory, codes: Codes, values: number, levels: Levels): Place {
  const { at, count, lengths } = codes;
  const width = values <= 1 ? 1 : bitsFor(values);
  if (lengths !== undefined) return pageOfRuns(memory, { at, count, lengths }, width, levels);
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

/** The most bytes that the length of a run takes. */
const LENGTH_BYTES = 5;

function pageOfRuns(memory: EncodeMemory, codes: Required<Codes>, width: number, levels: Levels): Place {
  const bytes = Math.ceil(width / 8);
  const start = memory.take(levels.size + 1 + (LENGTH_BYTES + bytes) * codes.count);
  levels.writeBefore(start + levels.size);
  memory.bytes[start + levels.size] = width;
  const to = start + levels.size + 1;
  const end = memory.run.packRuns(codes.at, codes.count, codes.lengths, bytes, to) >>> 0;
  return { at: start, size: end - start };
}
