import { copyBytes } from "../../values/text-table.ts";
import { readAt, type TextsPlace } from "../rows/prepared-layout.ts";
import type { TextBytes } from "../rows/text-bytes.ts";
import { readTextBytes } from "../rows/texts.ts";

/** Dictionaries of so many texts are read as a whole: that costs less than finding out which are used. */
const FEW_TEXTS = 1 << 12;
/** So are those of which each text has so many rows: most are used. */
const ROWS_A_TEXT = 16;
/** Places of texts, and bytes of them, that are read at once, about. */
const PLACES_AT_ONCE = 1 << 16;
const BYTES_AT_ONCE = 1 << 24;

/** Whether all texts of a dictionary are read where some rows need theirs. */
export function isReadWhole({ count }: TextsPlace, rows: number): boolean {
  return count <= FEW_TEXTS || count * ROWS_A_TEXT <= rows;
}

/** All texts of a dictionary of a file, which are distinct. */
export function wholeTexts(file: number, place: TextsPlace): TextBytes {
  return { kind: "texts", ...readTextBytes(file, place), areDistinct: true };
}

/** Reads the texts that rows have of a large dictionary, and makes the rows' codes numbers of these. */
export function usedTexts(file: number, place: TextsPlace, codes: Int32Array): TextBytes {
  const used = renumber(codes, place.count);
  const offsets = new Int32Array(used.length + 1);
  let bytes: Buffer<ArrayBuffer> = Buffer.allocUnsafe(used.length * 16);
  let end = 0;
  const places = new Int32Array(PLACES_AT_ONCE + 1);
  for (let at = 0; at < used.length; ) {
    const first = used[at]!;
    let last = at;
    while (last + 1 < used.length && used[last + 1]! - first < PLACES_AT_ONCE) last++;
    const read = places.subarray(0, used[last]! - first + 2);
    readAt(file, new Uint8Array(read.buffer, 0, read.byteLength), place.offsets.offset + 4 * first);
    while (at <= last) {
      const start = read[used[at]! - first]!;
      let to = at + 1;
      while (to <= last && read[used[to]! - first + 1]! - start <= BYTES_AT_ONCE) to++;
      const span = Buffer.allocUnsafe(read[used[to - 1]! - first + 1]! - start);
      readAt(file, span, place.bytes.offset + start);
      if (end + span.length > bytes.length) bytes = grown(bytes, end, end + span.length);
      for (; at < to; at++) {
        const text = used[at]! - first;
        copyBytes(span, read[text]! - start, read[text + 1]! - start, bytes, end);
        end += read[text + 1]! - read[text]!;
        offsets[at + 1] = end;
      }
    }
  }
  return { kind: "texts", offsets, bytes: bytes.subarray(0, end), areDistinct: true };
}

/** The codes that occur, in order; in their place are their numbers among these. Codes without a text become 0. */
function renumber(codes: Int32Array, count: number): Int32Array {
  let [least, most] = [count, -1];
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    if (code < 0 || code >= count) continue;
    if (code < least) least = code;
    if (code > most) most = code;
  }
  const numbers = new Int32Array(Math.max(0, most - least + 1));
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    if (code >= least && code <= most) numbers[code - least] = 1;
  }
  const used = new Int32Array(Math.min(numbers.length, codes.length));
  let size = 0;
  for (let index = 0; index < numbers.length; index++) {
    if (numbers[index] === 0) continue;
    numbers[index] = size;
    used[size++] = least + index;
  }
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    codes[row] = code >= least && code <= most ? numbers[code - least]! : 0;
  }
  return used.subarray(0, size);
}

function grown(bytes: Buffer<ArrayBuffer>, end: number, wanted: number): Buffer<ArrayBuffer> {
  const more = Buffer.allocUnsafe(Math.max(2 * bytes.length, wanted));
  bytes.copy(more, 0, 0, end);
  return more;
}
