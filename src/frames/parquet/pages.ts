import type { HostValue } from "../../values/host-value.ts";
import type { LeafValues, PresentValues } from "./leaf-values.ts";
import { type Leaf, PHYSICAL } from "./schema.ts";
import { binary, i32, i64, list, struct, type ThriftValue, thriftBytes, varint } from "./thrift.ts";

/** Bytes that follow each other in a file; arrays of a result are not copied. */
export type Pieces = readonly NodeJS.ArrayBufferView[];

/** A leaf of some rows as it stands in a file. */
export interface Chunk {
  readonly pages: readonly Pieces[];
  /** Its entry in the file's metadata, once it is known where in the file it begins. */
  entry(offset: number): ThriftValue;
  readonly bytes: number;
}

const PLACES_PER_PAGE = 1 << 17;
/** Texts that are written out differ in length: fewer of them are a page. */
const TEXTS_PER_PAGE = 1 << 13;
/** A dictionary with more UTF-16 units than this is not worth it: readers hold it as a whole. */
const LARGEST_DICTIONARY = 1 << 24;

const ENCODING = { plain: 0, levels: 3, dictionary: 8 };
const PAGE = { data: 0, dictionary: 2 };

/** Encodes a leaf: texts as codes of a dictionary where they repeat, everything else plainly. */
export function chunkOf(leaf: Leaf, values: LeafValues): Chunk {
  const dictionary = values.present.kind === "texts" ? dictionaryOf(values.present) : null;
  const present: PresentValues = dictionary === null ? values.present : { ...values.present, ...dictionary };
  const pages: Pieces[] = [];
  if (dictionary !== null) {
    const body = textBytes(dictionary.dictionary);
    const header = struct({ 1: i32(dictionary.dictionary.length), 2: i32(ENCODING.plain) });
    pages.push(page(PAGE.dictionary, [body], { 7: header }));
  }
  const dictionaryBytes = dictionary === null ? 0 : bytesOf(pages[0]!);
  const written = present.kind === "texts" && dictionary === null;
  let valueAt = 0;
  for (let from = 0; from < values.count; ) {
    const to = pageEnd(values, from, written ? TEXTS_PER_PAGE : PLACES_PER_PAGE);
    const there = presentPlaces(values, leaf, from, to);
    const body = [
      ...levels(values.repetition, leaf.maxRepetition, from, to),
      ...levels(values.definition, leaf.maxDefinition, from, to),
      ...encoded(present, dictionary !== null, valueAt, valueAt + there),
    ];
    const header = struct({
      1: i32(to - from),
      2: i32(dictionary === null ? ENCODING.plain : ENCODING.dictionary),
      3: i32(ENCODING.levels),
      4: i32(ENCODING.levels),
    });
    pages.push(page(PAGE.data, body, { 5: header }));
    valueAt += there;
    from = to;
  }
  const bytes = pages.reduce((sum, one) => sum + bytesOf(one), 0);
  const encodings = [ENCODING.plain, ENCODING.levels, ...(dictionary === null ? [] : [ENCODING.dictionary])];
  const entry = (offset: number) =>
    struct({
      2: i64(offset),
      3: struct({
        1: i32(PHYSICAL[leaf.physical]),
        2: list("i32", encodings.map(i32)),
        3: list("binary", leaf.path.map(binary)),
        4: i32(0),
        5: i64(values.count),
        6: i64(bytes),
        7: i64(bytes),
        9: i64(offset + dictionaryBytes),
        11: dictionary === null ? undefined : i64(offset),
        12: struct({ 3: i64(values.count - valueAt) }),
      }),
    });
  return { pages, bytes, entry };
}

/** How many bytes pieces have. */
export function bytesOf(pieces: Pieces): number {
  return pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
}

function page(type: number, body: Pieces, header: Readonly<Record<number, ThriftValue>>): Pieces {
  const size = i32(bytesOf(body));
  return [thriftBytes(struct({ 1: i32(type), 2: size, 3: size, ...header })), ...body];
}

/** A page ends between rows. */
function pageEnd({ count, repetition }: LeafValues, from: number, places: number): number {
  let to = Math.min(from + places, count);
  if (repetition !== undefined) while (to < count && repetition[to] !== 0) to++;
  return to;
}

function presentPlaces({ definition }: LeafValues, leaf: Leaf, from: number, to: number): number {
  if (definition === undefined) return to - from;
  let count = 0;
  for (let place = from; place < to; place++) if (definition[place] === leaf.maxDefinition) count++;
  return count;
}

/** Levels of places, with the number of their bytes before them; those that cannot differ are not written. */
function levels(levels: Uint8Array | undefined, most: number, from: number, to: number): Pieces {
  if (most === 0) return [];
  const width = 32 - Math.clz32(most);
  const body =
    levels === undefined
      ? [varint(2 * (to - from)), Uint8Array.of(most)]
      : [varint(2 * Math.ceil((to - from) / 8) + 1), packed(levels.subarray(from, to), width)];
  return [Uint32Array.of(bytesOf(body)), ...body];
}

function encoded(present: PresentValues, byCode: boolean, from: number, to: number): Pieces {
  switch (present.kind) {
    case "numbers":
      return [present.values.subarray(from, to)];
    case "bools":
      return [packed(present.values.subarray(from, to), 1)];
    case "texts": {
      const codes = present.codes.subarray(from, to);
      if (!byCode) return [textBytes(present.dictionary, codes)];
      const width = Math.max(1, 32 - Math.clz32(present.dictionary.length - 1));
      return [Uint8Array.of(width), varint(2 * Math.ceil(codes.length / 8) + 1), packed(codes, width)];
    }
  }
}

/** Numbers of so many bits one after the other, the lowest bits first, filled up to a multiple of eight numbers. */
function packed(values: Uint8Array | Int32Array, width: number): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(values.length / 8) * width);
  let pending = 0;
  let bits = 0;
  let at = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    pending |= value << bits;
    bits += width;
    if (bits >= 32) {
      bytes[at] = pending;
      bytes[at + 1] = pending >>> 8;
      bytes[at + 2] = pending >>> 16;
      bytes[at + 3] = pending >>> 24;
      at += 4;
      bits -= 32;
      // What did not fit: the highest `bits` bits of the value.
      pending = bits === 0 ? 0 : value >>> (width - bits);
    }
  }
  for (; bits > 0; bits -= 8) {
    bytes[at++] = pending;
    pending >>>= 8;
  }
  return bytes;
}

/** The texts that occur, in the order in which they first do; null where a dictionary would not pay. */
function dictionaryOf(present: Extract<PresentValues, { kind: "texts" }>) {
  const { codes, dictionary } = present;
  const most = codes.length >>> 1;
  const places = new Int32Array(dictionary.length);
  const occurring: string[] = [];
  const own = new Int32Array(codes.length);
  let units = 0;
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index]!;
    let place = places[code]!;
    if (place === 0) {
      const text = dictionary[code] as string;
      place = occurring.push(text);
      places[code] = place;
      units += text.length;
      if (place > most || units > LARGEST_DICTIONARY) return null;
    }
    own[index] = place - 1;
  }
  return codes.length === 0 ? null : { codes: own, dictionary: occurring };
}

/** Texts as UTF-8, each with its length before it; with codes, those of the dictionary that the codes name. */
function textBytes(dictionary: readonly HostValue[], codes?: Int32Array): Uint8Array {
  const count = codes?.length ?? dictionary.length;
  const text = (index: number) => dictionary[codes === undefined ? index : codes[index]!] as string;
  let units = 0;
  for (let index = 0; index < count; index++) units += text(index).length;
  // A unit of UTF-16 is at most three bytes of UTF-8.
  const bytes = Buffer.allocUnsafe(4 * count + 3 * units);
  let at = 0;
  for (let index = 0; index < count; index++) {
    const length = writeText(text(index), bytes, at + 4);
    bytes.writeUInt32LE(length, at);
    at += 4 + length;
  }
  return bytes.subarray(0, at);
}

const SHORT_TEXT = 32;

function writeText(text: string, bytes: Buffer, at: number): number {
  if (text.length > SHORT_TEXT) return bytes.write(text, at, "utf8");
  // Short texts of ASCII are written sooner than a call to the native writer takes.
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 128) return bytes.write(text, at, "utf8");
    bytes[at + index] = unit;
  }
  return text.length;
}
