/** Larger arrays are not kept. */
const MOST_BYTES = 64 << 20;

const kept = new Map<string, ArrayBuffer>();

/**
 * An array for the time of one call, under a name that is its own: its memory is that of the call before, whose values
 * it may still hold. Fresh memory for each call would cost more than what is done in it.
 */
export function scratch<T>(
  name: string,
  type: { new (buffer: ArrayBuffer, offset: number, length: number): T; BYTES_PER_ELEMENT: number },
  length: number,
): T {
  const bytes = length * type.BYTES_PER_ELEMENT;
  let buffer = kept.get(name);
  if (buffer === undefined || buffer.byteLength < bytes) {
    buffer = new ArrayBuffer(bytes);
    if (bytes <= MOST_BYTES) kept.set(name, buffer);
  }
  return new type(buffer, 0, length);
}
