/** Texts of at least so many bytes are copied by the runtime. */
const LONG = 48;

/** Bytes that are read and written in words, which need not be at a multiple of their size. */
export function wordsOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Copies a text of `size` bytes. */
export function copyText(
  from: Uint8Array,
  fromWords: DataView,
  at: number,
  to: Uint8Array,
  toWords: DataView,
  out: number,
  size: number,
): void {
  if (size >= LONG) {
    to.set(from.subarray(at, at + size), out);
    return;
  }
  if (size < 4) {
    for (let done = 0; done < size; done++) to[out + done] = from[at + done]!;
    return;
  }
  // The last word may overlap with the one before.
  const last = size - 4;
  for (let done = 0; done < last; done += 4) toWords.setInt32(out + done, fromWords.getInt32(at + done, true), true);
  toWords.setInt32(out + last, fromWords.getInt32(at + last, true), true);
}
