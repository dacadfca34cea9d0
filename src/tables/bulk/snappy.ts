import { Unfit } from "./unfit.ts";

/** Copies of at least so many bytes are left to the runtime. */
const LONG = 40;

/** Decompresses a block of Snappy to `size` bytes at the start of `to`. @throws Unfit where the bytes are none */
export function decompressSnappy(from: Uint8Array, to: Uint8Array, size: number): void {
  let at = 0;
  let declared = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = from[at++];
    if (byte === undefined || shift > 28) throw new Unfit("a page has no size");
    declared += (byte & 127) * 2 ** shift;
    if (byte < 128) break;
  }
  if (declared !== size || size > to.length) throw new Unfit("a page is not of the size that it says");
  const end = from.length;
  let out = 0;
  while (at < end) {
    const tag = from[at++]!;
    let length: number;
    if ((tag & 3) === 0) {
      length = (tag >> 2) + 1;
      if (length > 60) {
        const extra = length - 60;
        length = 1;
        for (let index = 0; index < extra; index++) length += from[at + index]! * 2 ** (8 * index);
        at += extra;
      }
      if (!(at + length <= end && out + length <= size)) throw new Unfit("a page is damaged");
      if (length >= LONG) to.set(from.subarray(at, at + length), out);
      else for (let index = 0; index < length; index++) to[out + index] = from[at + index]!;
      at += length;
      out += length;
      continue;
    }
    let distance: number;
    if ((tag & 3) === 1) {
      length = ((tag >> 2) & 7) + 4;
      distance = ((tag >> 5) << 8) | from[at++]!;
    } else {
      length = (tag >> 2) + 1;
      distance = from[at]! | (from[at + 1]! << 8);
      at += 2;
      if ((tag & 3) === 3) {
        distance += from[at]! * 0x10000 + from[at + 1]! * 0x1000000;
        at += 2;
      }
    }
    const source = out - distance;
    if (!(distance > 0 && source >= 0 && out + length <= size)) throw new Unfit("a page is damaged");
    if (length >= LONG && distance >= length) to.copyWithin(out, source, source + length);
    else for (let index = 0; index < length; index++) to[out + index] = to[source + index]!;
    out += length;
  }
  if (out !== size) throw new Unfit("a page ends too early");
}
