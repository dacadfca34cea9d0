import type { EncodedTexts } from "../../execute/rows/encoded-texts.ts";
import { type ChunkPages, ENCODING, GAIN, type Place } from "./column-chunk.ts";
import type { EncodeMemory } from "./encode-kernels.ts";
import { deltas, mostDeltaBytes } from "./encode-numbers.ts";
import { type Levels, PresenceLevels } from "./levels.ts";

/** A page of texts ends when it has so many bytes. */
const PAGE_BYTES = 1 << 20;
/** Texts by which it is judged how they are best written. */
const SAMPLE = 1 << 9;
/** Bytes that it takes to tell what a text shares with the one before. */
const SHARED_BYTES = 0.5;

/** Rows whose texts lie one after the other, from the text `first` on; `valid`: where a byte for each is, if some have none. */
export interface FollowingTexts {
  readonly first: number;
  readonly rows: number;
  readonly valid: number | null;
}

/** Texts one after the other, and where the length of each is in the memory of encoding. */
interface TextRun {
  readonly bytes: Uint8Array;
  readonly lengths: number;
  readonly count: number;
}

/**
 * Pages of texts that lie one after the other, those of no row empty: their lengths and then their bytes as they lie, or,
 * where that saves room, what each shares with the one before it and the other bytes.
 */
export function followingPages(
  memory: EncodeMemory,
  { first, rows, valid }: FollowingTexts,
  { offsets, bytes }: Pick<EncodedTexts, "offsets" | "bytes">,
  pages: ChunkPages,
): void {
  const { run } = memory;
  const own = offsets.subarray(first, first + rows + 1);
  const lengths = memory.take(4 * rows);
  run.steps(memory.copy(own), rows, lengths);
  const bytesOf = (from: number, to: number) => bytes.subarray(own[from]!, own[to]!);
  const middle = Math.max(0, rows - SAMPLE) >>> 1;
  const some = Math.min(SAMPLE, rows);
  const sample = { bytes: bytesOf(middle, middle + some), lengths: lengths + 4 * middle, count: some };
  const page = saves(memory, sample) ? frontCodedPage : lengthsPage;
  const encoding = page === frontCodedPage ? ENCODING.deltaTexts : ENCODING.deltaLengths;
  const step = rowsOfPage(own[rows]! - own[0]! + 4 * rows, rows);
  for (let from = 0; from < rows; from += step) {
    const to = Math.min(rows, from + step);
    const at = lengths + 4 * from;
    const ownValid = valid === null ? null : valid + from;
    const count = ownValid === null ? to - from : run.countOnes(ownValid, to - from);
    if (ownValid !== null) run.keep4(at, ownValid, to - from);
    const levels = new PresenceLevels(memory, to - from, ownValid);
    pages.data(page(memory, { bytes: bytesOf(from, to), lengths: at, count }, levels), to - from, encoding);
  }
}

/** Whether texts take less room where each tells what it shares with the one before. */
function saves(memory: EncodeMemory, texts: TextRun): boolean {
  const { length } = texts.bytes;
  return length - frontCoded(memory, texts).size - SHARED_BYTES * texts.count > GAIN.texts * length;
}

/** The bytes of texts which those before do not have, and how many there are of either kind. */
function frontCoded(memory: EncodeMemory, { bytes, lengths, count }: TextRun): Place & FrontLengths {
  const at = memory.copy(bytes);
  const prefixes = memory.take(4 * count);
  const suffixes = memory.take(4 * count);
  const to = memory.take(bytes.length);
  const end = memory.run.frontCode(at, count, lengths, prefixes, suffixes, to) >>> 0;
  return { at: to, size: end - to, prefixes, suffixes };
}

interface FrontLengths {
  readonly prefixes: number;
  readonly suffixes: number;
}

function frontCodedPage(memory: EncodeMemory, texts: TextRun, levels: Levels): Place {
  const { count } = texts;
  const { at, size, prefixes, suffixes } = frontCoded(memory, texts);
  const start = memory.take(levels.size + 2 * mostDeltaBytes(count) + size);
  levels.writeBefore(start + levels.size);
  const middle = deltas(memory, 4, { at: prefixes, count }, start + levels.size);
  const end = deltas(memory, 4, { at: suffixes, count }, middle);
  memory.bytes.copyWithin(end, at, at + size);
  return { at: start, size: end + size - start };
}

function lengthsPage(memory: EncodeMemory, { bytes, lengths, count }: TextRun, levels: Levels): Place {
  const start = memory.take(levels.size + mostDeltaBytes(count) + bytes.length);
  levels.writeBefore(start + levels.size);
  const end = deltas(memory, 4, { at: lengths, count }, start + levels.size);
  memory.bytes.set(bytes, end);
  return { at: start, size: end + bytes.length - start };
}

/** How many rows there are in a page of texts, in eights, as the bits of levels are. */
export function rowsOfPage(bytes: number, rows: number): number {
  return 8 * Math.max(1, Math.floor(PAGE_BYTES / (8 * Math.max(1, bytes / Math.max(1, rows)))));
}
