import { readAt, type TextsPlace } from "./prepared-layout.ts";

/** V8's longest string, roughly. */
const LONGEST = 0x1fffffe8;

/** The texts of a place of a file, in order; where all is ASCII, the bytes are decoded at once and cut. */
export function readTexts(file: number, { count, offsets, bytes }: TextsPlace): string[] {
  const texts = new Array<string>(count);
  if (count === 0) return texts;
  const ends = new Int32Array(count + 1);
  readAt(file, new Uint8Array(ends.buffer), offsets.offset);
  const start = ends[0]!;
  const all = Buffer.allocUnsafe(ends[count]! - start);
  readAt(file, all, bytes.offset + start);
  if (all.length < LONGEST && isAscii(all)) {
    const text = all.toString("latin1");
    for (let index = 0; index < count; index++)
      texts[index] = text.slice(ends[index]! - start, ends[index + 1]! - start);
  } else {
    for (let index = 0; index < count; index++) {
      texts[index] = all.toString("utf8", ends[index]! - start, ends[index + 1]! - start);
    }
  }
  return texts;
}

function isAscii(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if (bytes[at]! >= 0x80) return false;
  return true;
}
