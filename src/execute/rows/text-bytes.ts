import type { HostValue } from "../../values/host-value.ts";
import { copyBytes, hashOfBytes, isWellFormed } from "../../values/text-table.ts";
import { type Allocate, owned } from "./allocate.ts";
import { type CopyValues, copyValues } from "./copy-values.ts";
import { encodeTexts } from "./encoded-texts.ts";

/** Texts as their UTF-8 bytes, one after the other: text `i` lies from `offsets[i]` up to `offsets[i + 1]`. */
export interface TextBytes {
  readonly kind: "texts";
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
  /** Whether it is known that no two texts are equal. */
  readonly areDistinct: boolean;
}

/** Bytes that texts have at most: places in them are 32-bit numbers. */
export const MOST_TEXT_BYTES = 0x7fffffff;

/** V8's longest string, roughly. */
const LONGEST = 0x1fffffe8;

/** The bytes of texts. Null where they have no exact bytes: for a null, half of a surrogate pair, or more than 2 GiB. */
export function textBytes(
  texts: readonly HostValue[],
  areDistinct: boolean,
  allocate: Allocate = owned,
): TextBytes | null {
  let length = 0;
  for (const text of texts) {
    if (typeof text !== "string" || !isWellFormed(text)) return null;
    length += text.length;
  }
  if (3 * length > MOST_TEXT_BYTES) return null;
  const { offsets, bytes } = encodeTexts(texts, (size) => allocate(new Uint8Array(0), size).buffer as ArrayBuffer);
  return { kind: "texts", offsets, bytes, areDistinct };
}

/** All texts as strings. Where all is ASCII, the bytes are decoded at once and cut. */
export function decodeTexts({ offsets, bytes }: Pick<TextBytes, "offsets" | "bytes">): string[] {
  const count = offsets.length - 1;
  const texts = new Array<string>(count);
  if (count === 0) return texts;
  const all = asBuffer(bytes).subarray(0, offsets[count]!);
  if (all.length < LONGEST && isAscii(all)) {
    const text = all.toString("latin1");
    for (let index = 0; index < count; index++) {
      texts[index] = text.slice(offsets[index]!, offsets[index + 1]!);
    }
  } else {
    for (let index = 0; index < count; index++) {
      texts[index] = all.toString("utf8", offsets[index]!, offsets[index + 1]!);
    }
  }
  return texts;
}

function isAscii(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if (bytes[at]! >= 0x80) return false;
  return true;
}

/** A function from a text's number to the text. */
export function textReader({ offsets, bytes }: TextBytes): (index: number) => string {
  const buffer = asBuffer(bytes);
  return (index) => buffer.toString("utf8", offsets[index]!, offsets[index + 1]!);
}

/** Some of the texts, by their numbers. */
export function selectTexts(
  { offsets, bytes, areDistinct }: TextBytes,
  chosen: Int32Array,
  allocate: Allocate = owned,
): TextBytes {
  const own = allocate(new Int32Array(0), chosen.length + 1);
  own[0] = 0;
  for (let index = 0; index < chosen.length; index++) {
    own[index + 1] = own[index]! + offsets[chosen[index]! + 1]! - offsets[chosen[index]!]!;
  }
  const to = allocate(new Uint8Array(0), own[chosen.length]!);
  for (let index = 0; index < chosen.length; ) {
    const first = index++;
    // Texts that lie one behind the other are copied at once.
    while (index < chosen.length && chosen[index] === chosen[index - 1]! + 1) index++;
    copyBytes(bytes, offsets[chosen[first]!]!, offsets[chosen[index - 1]! + 1]!, to, own[first]!);
  }
  return { kind: "texts", offsets: own, bytes: to, areDistinct };
}

/** Texts one after the other. Null where they have more than 2 GiB. */
export function concatTexts(
  parts: readonly TextBytes[],
  allocate: Allocate,
  copy: CopyValues = copyValues,
): TextBytes | null {
  let [count, size] = [0, 0];
  for (const { offsets } of parts) {
    count += offsets.length - 1;
    size += offsets.at(-1)! - offsets[0]!;
  }
  if (size > MOST_TEXT_BYTES) return null;
  const offsets = allocate(new Int32Array(0), count + 1);
  const bytes = allocate(new Uint8Array(0), size);
  offsets[0] = 0;
  let [next, end] = [0, 0];
  for (const part of parts) {
    const start = part.offsets[0]!;
    const last = part.offsets.length - 1;
    const size = part.offsets[last]! - start;
    copy({ from: part.bytes.subarray(start, start + size), into: bytes.subarray(end, end + size), recoding: 0 });
    const ends = offsets.subarray(next + 1, next + 1 + last);
    copy({ from: part.offsets.subarray(1), into: ends, recoding: end - start });
    next += last;
    end += size;
  }
  return { kind: "texts", offsets, bytes, areDistinct: parts.length === 1 && parts[0]!.areDistinct };
}

/** For each text the number of the first one that equals it. */
export function firstEqual({ offsets, bytes }: TextBytes): Int32Array {
  const count = offsets.length - 1;
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, 2 * count)));
  const slots = new Int32Array(size).fill(-1);
  const first = new Int32Array(count);
  for (let index = 0; index < count; index++) {
    let slot = hashOfBytes(bytes, offsets[index]!, offsets[index + 1]!) & (size - 1);
    while (slots[slot]! >= 0 && !areEqual(offsets, bytes, slots[slot]!, index)) slot = (slot + 1) & (size - 1);
    if (slots[slot]! < 0) slots[slot] = index;
    first[index] = slots[slot]!;
  }
  return first;
}

function areEqual(offsets: Int32Array, bytes: Uint8Array, a: number, b: number): boolean {
  const [start, other] = [offsets[a]!, offsets[b]!];
  const length = offsets[a + 1]! - start;
  if (offsets[b + 1]! - other !== length) return false;
  for (let at = 0; at < length; at++) if (bytes[start + at] !== bytes[other + at]) return false;
  return true;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
