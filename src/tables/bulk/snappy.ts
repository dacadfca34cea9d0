import { snappyUncompressor } from "hysnappy";
import { Unfit } from "./unfit.ts";

let uncompress: ReturnType<typeof snappyUncompressor> | null = null;

/** Decompresses a block of Snappy to `size` bytes. @throws Unfit where the bytes are no such block */
export function decompressSnappy(from: Uint8Array, size: number): Uint8Array {
  // The decompressor trusts the size that the block declares.
  if (declaredSize(from) !== size) throw new Unfit("a page is not of the size that it says");
  uncompress ??= snappyUncompressor();
  try {
    return uncompress(from, size);
  } catch (error) {
    throw new Unfit(`a page is damaged: ${(error as Error).message}`);
  }
}

function declaredSize(block: Uint8Array): number | null {
  let size = 0;
  for (let at = 0; at < 5; at++) {
    const byte = block[at];
    if (byte === undefined) return null;
    size += (byte & 127) * 2 ** (7 * at);
    if (byte < 128) return size;
  }
  return null;
}
