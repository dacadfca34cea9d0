import type { EncodedTexts } from "../../execute/rows/encoded-texts.ts";
import { copyText, wordsOf } from "../../tables/bulk/text-bytes.ts";
import { ChunkPages, ENCODING, type EncodedChunk, PHYSICAL, type Place, PresenceLevels } from "./column-chunk.ts";
import { type Codes, packedCodes } from "./encode-codes.ts";
import type { EncodeMemory } from "./encode-kernels.ts";
import { type PresentValues, presentValues } from "./present-values.ts";

/** A dictionary has at most so many times as many texts as there are rows, to be looked at for which of them occur. */
const TEXTS_A_ROW = 16;
/** Of texts of which more are distinct than this share, a dictionary takes more room than they do. */
const MOST_DISTINCT = 0.75;
const MOST_DICTIONARY_BYTES = 1 << 26;
/** A page of texts ends when it has so many bytes. */
const PAGE_BYTES = 1 << 20;

/** Texts of rows, by their codes. */
export interface TextRows {
  readonly codes: Int32Array;
  readonly valid?: Uint8Array;
  readonly texts: EncodedTexts;
}

/** Codes that are numbered by first occurrence, and which they were before. */
export interface LocalCodes extends Codes {
  readonly used: number;
  readonly distinct: number;
}

/** Codes and presence of a column of texts, in memory. */
export interface TextCodes extends PresentValues {
  /** Null where a dictionary is not worth its room. */
  readonly local: LocalCodes | null;
}

/** Numbers the texts that occur. */
export function textCodes(memory: EncodeMemory, { codes, valid, texts }: TextRows): TextCodes {
  const size = texts.offsets.length - 1;
  const present = presentValues(memory, { values: codes, ...withoutMissing(codes, valid, texts) }, size);
  const { at, count } = present;
  if (size > TEXTS_A_ROW * codes.length && size > 1 << 12) return { ...present, local: null };
  return { ...present, local: renumber(memory, { at, count }, size) };
}

/** Null where there are too many. */
export function renumber(memory: EncodeMemory, { at, count }: Codes, size: number): LocalCodes | null {
  const most = Math.ceil(MOST_DISTINCT * count);
  const known = memory.takeZeros(4 * size);
  const used = memory.take(4 * most);
  const to = memory.takeZeros(4 * count);
  const distinct = memory.run.renumber(at, count, known, used, most, to);
  return distinct < 0 ? null : { at: to, count, used, distinct };
}

function withoutMissing(
  codes: Int32Array,
  valid: Uint8Array | undefined,
  { missing }: EncodedTexts,
): { readonly valid?: Uint8Array } {
  if (missing === undefined) return valid === undefined ? {} : { valid };
  return { valid: Uint8Array.from(codes, (code, row) => (missing[code] === 1 || valid?.[row] === 0 ? 0 : 1)) };
}

/** Encodes a column of texts. */
export function encodeTextChunk(
  memory: EncodeMemory,
  name: string,
  texts: EncodedTexts,
  rows: number,
  codes: TextCodes,
): EncodedChunk {
  const pages = new ChunkPages(PHYSICAL.bytes, [name]);
  const { local, levels, count } = codes;
  const dictionary = local && textDictionary(memory, local, texts);
  if (dictionary) {
    pages.dictionary(dictionary, local.distinct);
    pages.data(packedCodes(memory, local, local.distinct, levels), rows, ENCODING.dictionary);
  } else plainPages(memory, codes, texts, pages, rows);
  return pages.finish({ nulls: rows - count });
}

/** Pages of texts one after the other. */
function plainPages(
  memory: EncodeMemory,
  codes: TextCodes,
  texts: EncodedTexts,
  pages: ChunkPages,
  rows: number,
): void {
  const own = memory.words(codes.at, codes.count).slice();
  const average = bytesOf(own, texts) / Math.max(1, rows);
  // In eights, as the bits of levels are.
  const step = 8 * Math.max(1, Math.floor(PAGE_BYTES / (8 * Math.max(1, average))));
  for (let row = 0, first = 0; row < rows; row += step) {
    const count = Math.min(step, rows - row);
    const valid = codes.valid === null ? null : codes.valid + row;
    const levels = new PresenceLevels(memory, count, valid);
    const next = first + (valid === null ? count : memory.run.countOnes(valid, count));
    const some = own.subarray(first, next);
    const size = levels.size + bytesOf(some, texts);
    const at = memory.take(size);
    levels.writeBefore(at + levels.size);
    writeTexts(memory, some, texts, at + levels.size);
    pages.data({ at, size }, count, ENCODING.plain);
    first = next;
  }
}

/** The texts that occur. Null where they are too long. */
export function textDictionary(
  memory: EncodeMemory,
  { used, distinct }: LocalCodes,
  texts: EncodedTexts,
): Place | null {
  const chosen = memory.words(used, distinct).slice();
  const size = bytesOf(chosen, texts);
  if (size > MOST_DICTIONARY_BYTES) return null;
  const at = memory.take(size);
  writeTexts(memory, chosen, texts, at);
  return { at, size };
}

/** Bytes that texts take with their lengths. */
function bytesOf(codes: Int32Array, { offsets }: EncodedTexts): number {
  let size = 4 * codes.length;
  for (let index = 0; index < codes.length; index++) size += offsets[codes[index]! + 1]! - offsets[codes[index]!]!;
  return size;
}

/** Writes each text after its length. */
function writeTexts(memory: EncodeMemory, codes: Int32Array, { offsets, bytes }: EncodedTexts, to: number): void {
  const into = memory.bytes;
  const words = wordsOf(into);
  const from = wordsOf(bytes);
  let at = to;
  for (let index = 0; index < codes.length; index++) {
    const start = offsets[codes[index]!]!;
    const size = offsets[codes[index]! + 1]! - start;
    words.setInt32(at, size, true);
    copyText(bytes, from, start, into, words, at + 4, size);
    at += 4 + size;
  }
}
