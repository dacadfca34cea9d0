import { readAt, type TextsPlace } from "./prepared-layout.ts";

/** The texts of a place of a file, in order, as their bytes. */
export function readTextBytes(
  file: number,
  { count, offsets: place, bytes: data }: TextsPlace,
): { readonly offsets: Int32Array; readonly bytes: Uint8Array } {
  const offsets = new Int32Array(count + 1);
  if (count === 0) return { offsets, bytes: new Uint8Array(0) };
  readAt(file, new Uint8Array(offsets.buffer), place.offset);
  const start = offsets[0]!;
  const bytes = Buffer.allocUnsafe(offsets[count]! - start);
  readAt(file, bytes, data.offset + start);
  if (start !== 0) for (let index = 0; index <= count; index++) offsets[index]! -= start;
  return { offsets, bytes };
}
