import type { EncodedTexts } from "../../execute/rows/encoded-texts.ts";
import { copyText, wordsOf } from "../../tables/bulk/text-bytes.ts";
import { ChunkPages, ENCODING, type EncodedChunk, PHYSICAL, type Place } from "./column-chunk.ts";
import { type Codes, inRuns, packedCodes } from "./encode-codes.ts";
import type { EncodeMemory } from "./encode-kernels.ts";
import { followingPages, rowsOfPage } from "./following-texts.ts";
import { type Levels, PresenceLevels } from "./levels.ts";
import { type PresentValues, presentValues } from "./present-values.ts";

/** A dictionary has at most so many times as many texts as there are rows, to be looked at for which of them occur. */
const TEXTS_A_ROW = 16;
/** Or fewer than so many. */
const FEW_TEXTS = 1 << 12;
/** With so many rows for each of its texts, a dictionary is taken as it is. */
const ROWS_A_TEXT = 16;
/** Of texts of which more are distinct than this share, a dictionary takes more room than they do. */
const MOST_DISTINCT = 0.75;
const MOST_DICTIONARY_BYTES = 1 << 26;

/** Texts of rows, by their codes. */
export interface TextRows {
  readonly codes: Int32Array;
  readonly valid?: Uint8Array;
  readonly texts: EncodedTexts;
}

/** Codes of a dictionary's page, and which texts of a larger dictionary it has. */
export interface LocalCodes extends Codes {
  readonly distinct: number;
  /** Where their numbers in the larger dictionary are; null where it is all of that. */
  readonly used: number | null;
}

/** Codes of texts in memory. */
export interface TextCodes extends PresentValues {
  /** Null where a dictionary is not worth its room. */
  readonly local: LocalCodes | null;
}

/** The codes of rows. */
export function presentCodes(memory: EncodeMemory, { codes, valid, texts }: TextRows): PresentValues {
  const size = texts.offsets.length - 1;
  return presentValues(memory, { values: codes, ...withoutMissing(codes, valid, texts) }, size);
}

/**
 * Numbers those texts that occur, in their order. Null where a dictionary of those that occur is not worth its room.
 * @param rows how many codes there are, of which some may come in runs
 */
export function numberedCodes(
  memory: EncodeMemory,
  { at, count, ...runs }: Codes,
  rows: number,
  texts: EncodedTexts,
): LocalCodes | null {
  const size = texts.offsets.length - 1;
  if (size > Math.max(TEXTS_A_ROW * rows, FEW_TEXTS)) return null;
  const { run } = memory;
  const words = (size + 31) >>> 5;
  const bits = memory.takeZeros(4 * words);
  const before = memory.take(4 * words);
  run.markUsed(at, count, bits);
  const distinct = run.countUsed(bits, words, before);
  if (distinct > Math.ceil(MOST_DISTINCT * rows)) return null;
  const used = memory.take(4 * distinct);
  run.listUsed(bits, words, used);
  const to = memory.takeZeros(4 * count);
  run.rankCodes(at, count, bits, before, to);
  return { ...runs, at: to, count, used, distinct };
}

/** Codes for a dictionary: a small one stays as it is. */
export function localCodes(memory: EncodeMemory, { at, count }: Codes, texts: EncodedTexts): LocalCodes | null {
  const size = texts.offsets.length - 1;
  const codes = inRuns(memory, { at, count });
  if (size * ROWS_A_TEXT > count || size === 0) return numberedCodes(memory, codes, count, texts);
  return { ...codes, distinct: size, used: null };
}

function withoutMissing(
  codes: Int32Array,
  valid: Uint8Array | undefined,
  { missing }: EncodedTexts,
): { readonly valid?: Uint8Array } {
  if (missing === undefined) return valid === undefined ? {} : { valid };
  return { valid: Uint8Array.from(codes, (code, row) => (missing[code] === 1 || valid?.[row] === 0 ? 0 : 1)) };
}

/** Encodes a column of texts; `path`: the names of the fields that lead to it. */
export function encodeTextChunk(
  memory: EncodeMemory,
  path: readonly string[],
  texts: EncodedTexts,
  codes: TextCodes,
): EncodedChunk {
  const pages = new ChunkPages(memory, PHYSICAL.bytes, path);
  const { local, levels, count, entries } = codes;
  const dictionary = local && textDictionary(memory, local, texts);
  if (dictionary) {
    pages.dictionary(dictionary, local.distinct);
    pages.data(packedCodes(memory, local, local.distinct, levels), entries, ENCODING.dictionary);
  } else if (codes.valid === undefined && levels instanceof PresenceLevels && follow(memory, codes)) {
    followingPages(memory, { first: memory.words(codes.at, 1)[0]!, rows: count, valid: null }, texts, pages);
  } else if (levels instanceof PresenceLevels) plainPages(memory, codes, texts, pages);
  else {
    const chosen = chosenTexts(memory.words(codes.at, count), texts);
    pages.data(plainPage(memory, chosen, 0, count, texts, levels), entries, ENCODING.plain);
  }
  return pages.finish({ nulls: entries - count });
}

/** Whether each code is the one after that before. */
function follow(memory: EncodeMemory, { at, count }: Codes): boolean {
  const codes = memory.words(at, count);
  const first = codes[0] ?? 0;
  return count > 0 && codes[count - 1] === first + count - 1 && memory.run.follow(at, count, first) === 1;
}

/** Pages of texts one after the other. */
function plainPages(memory: EncodeMemory, codes: TextCodes, texts: EncodedTexts, pages: ChunkPages): void {
  const { entries } = codes;
  const chosen = chosenTexts(memory.words(codes.at, codes.count), texts);
  const step = rowsOfPage(bytesOf(chosen, 0, codes.count), entries);
  for (let row = 0, first = 0; row < entries; row += step) {
    const count = Math.min(step, entries - row);
    const valid = codes.valid === undefined ? null : codes.valid + row;
    const next = first + (valid === null ? count : memory.run.countOnes(valid, count));
    const page = plainPage(memory, chosen, first, next, texts, new PresenceLevels(memory, count, valid));
    pages.data(page, count, ENCODING.plain);
    first = next;
  }
}

function plainPage(
  memory: EncodeMemory,
  chosen: ChosenTexts,
  from: number,
  to: number,
  { bytes }: EncodedTexts,
  levels: Levels,
): Place {
  const size = levels.size + bytesOf(chosen, from, to);
  const at = memory.take(size);
  levels.writeBefore(at + levels.size);
  writeTexts(memory, chosen, from, to, bytes, at + levels.size);
  return { at, size };
}

/** Dictionaries that are taken as they are, as pages for further row groups, if they have at most so many bytes. */
const dictionaryPages = new WeakMap<EncodedTexts, Uint8Array>();
const MOST_KEPT_BYTES = 1 << 20;

/** The texts that occur. Null where they are too long. */
function textDictionary(memory: EncodeMemory, { used, distinct }: LocalCodes, texts: EncodedTexts): Place | null {
  const known = used === null ? dictionaryPages.get(texts) : undefined;
  if (known !== undefined) return { at: memory.copy(known), size: known.length };
  const chosen = chosenTexts(used === null ? null : memory.words(used, distinct), texts);
  const size = bytesOf(chosen, 0, distinct);
  if (size > MOST_DICTIONARY_BYTES) return null;
  const at = memory.take(size);
  writeTexts(memory, chosen, 0, distinct, texts.bytes, at);
  if (used === null && size <= MOST_KEPT_BYTES) dictionaryPages.set(texts, memory.view(at, size).slice());
  return { at, size };
}

/** Where texts begin, and how many bytes they have. */
interface ChosenTexts {
  readonly starts: Int32Array;
  readonly sizes: Int32Array;
}

/** `codes`: which texts; null for all. */
function chosenTexts(codes: Int32Array | null, { offsets }: EncodedTexts): ChosenTexts {
  const count = codes === null ? offsets.length - 1 : codes.length;
  const [starts, sizes] = [new Int32Array(count), new Int32Array(count)];
  for (let index = 0; index < count; index++) {
    const code = codes === null ? index : codes[index]!;
    const start = offsets[code]!;
    starts[index] = start;
    sizes[index] = offsets[code + 1]! - start;
  }
  return { starts, sizes };
}

/** Bytes that some of the texts take with their lengths. */
function bytesOf({ sizes }: ChosenTexts, from: number, to: number): number {
  let size = 4 * (to - from);
  for (let index = from; index < to; index++) size += sizes[index]!;
  return size;
}

/** Texts that are looked at together. */
const TOGETHER = 64;

/** Writes each text after its length. */
function writeTexts(
  memory: EncodeMemory,
  { starts, sizes }: ChosenTexts,
  from: number,
  end: number,
  bytes: Uint8Array,
  to: number,
): void {
  const into = memory.bytes;
  const words = wordsOf(into);
  const fromWords = wordsOf(bytes);
  let at = to;
  for (let first = from; first < end; first += TOGETHER) {
    const next = Math.min(end, first + TOGETHER);
    touch(bytes, starts, sizes, first, next);
    for (let index = first; index < next; index++) {
      const size = sizes[index]!;
      words.setInt32(at, size, true);
      copyText(bytes, fromWords, starts[index]!, into, words, at + 4, size);
      at += 4 + size;
    }
  }
}

/** What is seen by touching, so that the engine does not leave it out. */
const seen = new Int32Array(1);

/** Has the processor fetch texts from memory at once, not one after the other. */
function touch(bytes: Uint8Array, starts: Int32Array, sizes: Int32Array, first: number, end: number): void {
  let all = 0;
  for (let index = first; index < end; index++) {
    const start = starts[index]!;
    const size = sizes[index]!;
    if (size > 0) all ^= bytes[start]! ^ bytes[start + size - 1]!;
  }
  seen[0]! ^= all;
}
