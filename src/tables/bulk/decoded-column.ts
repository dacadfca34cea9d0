import { copyText, wordsOf } from "./text-bytes.ts";

/**
 * A column of a piece of a file, in the file's order and, but for dictionaries, in the memory of the thread. Null rows hold
 * anything, texts of null rows nothing.
 */
export type DecodedColumn =
  /** 1 byte for bools, 4 or 8 for others. */
  | {
      readonly form: "fixed";
      readonly width: 1 | 4 | 8;
      readonly bytes: Uint8Array;
      readonly valid: Uint8Array | null;
    }
  | ({ readonly form: "texts"; readonly valid: Uint8Array | null } & Texts)
  | {
      readonly form: "codes";
      readonly codes: Int32Array;
      /** Not necessarily distinct. */
      readonly dictionary: Texts;
      readonly valid: Uint8Array | null;
    };

/** Texts as UTF-8, one after the other; `offsets` has one more than there are texts. */
export interface Texts {
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/** Several texts as one. */
export function concatTexts(parts: readonly Texts[]): Texts {
  if (parts.length === 1) return parts[0]!;
  const count = parts.reduce((sum, { offsets }) => sum + offsets.length - 1, 0);
  const offsets = new Int32Array(count + 1);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.bytes.length, 0));
  let row = 0;
  let at = 0;
  for (const part of parts) {
    bytes.set(part.bytes, at);
    for (let index = 1; index < part.offsets.length; index++) offsets[row + index] = at + part.offsets[index]!;
    row += part.offsets.length - 1;
    at += part.bytes.length;
  }
  return { offsets, bytes };
}

/** Writes the texts of codes to `offsets` from `row` on and to `bytes` from `end` on; the new end. Nulls are empty. */
export function expandCodes(
  codes: Int32Array,
  texts: Texts,
  valid: Uint8Array | null,
  offsets: Int32Array,
  row: number,
  bytes: Uint8Array,
  end: number,
): number {
  const textWords = wordsOf(texts.bytes);
  const words = wordsOf(bytes);
  let out = end;
  offsets[row] = out;
  for (let index = 0; index < codes.length; index++) {
    if (valid === null || valid[index] !== 0) {
      const code = codes[index]!;
      const at = texts.offsets[code]!;
      const size = texts.offsets[code + 1]! - at;
      copyText(texts.bytes, textWords, at, bytes, words, out, size);
      out += size;
    }
    offsets[row + index + 1] = out;
  }
  return out;
}
