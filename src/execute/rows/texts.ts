import { readAt, type TextsPlace } from "./prepared-layout.ts";
import { decodeTexts } from "./text-bytes.ts";

/** The texts of a place of a file, in order. */
export function readTexts(file: number, { count, offsets: place, bytes: data }: TextsPlace): string[] {
  if (count === 0) return [];
  const offsets = new Int32Array(count + 1);
  readAt(file, new Uint8Array(offsets.buffer), place.offset);
  const start = offsets[0]!;
  const bytes = Buffer.allocUnsafe(offsets[count]! - start);
  readAt(file, bytes, data.offset + start);
  return decodeTexts({ offsets, bytes }, start);
}
