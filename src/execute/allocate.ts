/** Arrays that hold one number a row. */
export type RowArray = Int32Array | BigInt64Array | Float32Array | Float64Array | BigUint64Array | Uint8Array;

/** Makes an array of the same kind as another. */
export type Allocate = <T extends RowArray>(like: T, length: number) => T;

/** Arrays that all threads see, so that rows go from one to another without a copy. */
export const shared: Allocate = (like, length) => construct(like, sharedBuffer(length * like.BYTES_PER_ELEMENT));

/** Arrays that own their buffers. */
export const owned: Allocate = (like, length) => construct(like, new ArrayBuffer(length * like.BYTES_PER_ELEMENT));

/** An array's values in an array that owns its buffer. */
export function ownedCopy<T extends RowArray>(values: T): T {
  const copy = owned(values, values.length);
  (copy.set as (from: T) => void)(values);
  return copy;
}

function sharedBuffer(bytes: number): ArrayBuffer {
  return new SharedArrayBuffer(bytes) as unknown as ArrayBuffer;
}

function construct<T extends RowArray>(like: T, buffer: ArrayBuffer): T {
  return new (like.constructor as new (buffer: ArrayBuffer) => T)(buffer);
}
