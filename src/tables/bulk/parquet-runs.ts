import { Unfit } from "./unfit.ts";

/** What a run begins with: twice its length, and one more where its values are packed; and where it goes on. */
function headAt(bytes: Uint8Array, from: number): readonly [head: number, next: number] {
  let head = 0;
  for (let at = from, scale = 1; ; at++, scale *= 128) {
    const byte = bytes[at];
    if (byte === undefined || scale > 2 ** 28) throw new Unfit("a page ends too early");
    head += (byte & 127) * scale;
    if (byte < 128) return [head, at + 1];
  }
}

/** Whether the first run is of at least `count` ones, of one bit each. @throws Unfit */
export function areOnes(bytes: Uint8Array, count: number): boolean {
  if (count === 0) return true;
  const [head, next] = headAt(bytes, 0);
  return head % 2 === 0 && head / 2 >= count && bytes[next] === 1;
}

/**
 * Reads `count` numbers of `width` bits in Parquet's hybrid of runs and packed bits; each must be below `bound`.
 * @throws Unfit where they are not
 */
export function readRuns(
  bytes: Uint8Array,
  width: number,
  to: Uint8Array | Int32Array,
  count: number,
  bound: number,
): void {
  let at = 0;
  let done = 0;
  const mask = width === 32 ? 0xffffffff : 2 ** width - 1;
  while (done < count) {
    const [head, next] = headAt(bytes, at);
    at = next;
    const length = Math.floor(head / 2);
    if (head % 2 === 0) {
      let value = 0;
      for (let shift = 0, size = (width + 7) >> 3; shift < size; shift++)
        value += (bytes[at++] ?? 0) * 2 ** (8 * shift);
      if (length === 0 || value >= bound) throw new Unfit("a page is damaged");
      const end = Math.min(count, done + length);
      to.fill(value, done, end);
      done = end;
      continue;
    }
    const end = Math.min(count, done + 8 * length);
    const packedEnd = at + length * width;
    if (length === 0 || packedEnd > bytes.length) throw new Unfit("a page is damaged");
    if (width <= 24) {
      let held = 0;
      let bits = 0;
      for (; done < end; done++) {
        while (bits < width) {
          held |= (bytes[at++] ?? 0) << bits;
          bits += 8;
        }
        const value = held & mask;
        if (value >= bound) throw new Unfit("a page is damaged");
        to[done] = value;
        held >>>= width;
        bits -= width;
      }
    } else {
      for (let bit = 8 * at; done < end; done++, bit += width) {
        let value = 0;
        let scale = 1;
        for (let index = 0; index < width; index++, scale *= 2) {
          const place = bit + index;
          value += (((bytes[place >> 3] ?? 0) >> (place & 7)) & 1) * scale;
        }
        if (value >= bound) throw new Unfit("a page is damaged");
        to[done] = value;
      }
    }
    at = packedEnd;
  }
}
