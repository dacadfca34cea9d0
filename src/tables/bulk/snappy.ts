import type { Kernels } from "./kernels.ts";
import { Unfit } from "./unfit.ts";

/**
 * Decompresses a block of Snappy; both are in the memory of the kernels. @throws Unfit where the bytes are no block of
 * that size
 */
export function decompressSnappy(from: Uint8Array, to: Uint8Array, { snappy }: Kernels): void {
  const end = from.byteOffset + from.length;
  const toEnd = to.byteOffset + to.length;
  if (snappy(from.byteOffset + sizeLength(from, to.length), end, to.byteOffset, toEnd) === 0) {
    throw new Unfit("a page is damaged");
  }
}

/** How many bytes the size that the block declares takes. */
function sizeLength(block: Uint8Array, expected: number): number {
  let size = 0;
  for (let at = 0; at < 5; at++) {
    const byte = block[at];
    if (byte === undefined) break;
    size += (byte & 127) * 2 ** (7 * at);
    if (byte >= 128) continue;
    if (size === expected) return at + 1;
    break;
  }
  throw new Unfit("a page is not of the size that it says");
}
