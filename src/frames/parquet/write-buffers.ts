import { writevSync } from "node:fs";

/** Buffers that are written at once. */
const MOST_BUFFERS = 512;

/** Writes buffers one after the other to a place in a file. */
export function writeBuffers(file: number, all: readonly Uint8Array[], begin: number): void {
  let at = begin;
  for (let first = 0; first < all.length; first += MOST_BUFFERS) {
    let buffers = all.slice(first, first + MOST_BUFFERS).filter(({ length }) => length > 0);
    while (buffers.length > 0) {
      const written = writevSync(file, buffers, at);
      at += written;
      buffers = behind(buffers, written);
    }
  }
}

/** What is left of some buffers behind so many bytes. */
function behind(buffers: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let left = bytes;
  const rest: Uint8Array[] = [];
  for (const buffer of buffers) {
    if (left < buffer.length) rest.push(buffer.subarray(left));
    left = Math.max(0, left - buffer.length);
  }
  return rest;
}
