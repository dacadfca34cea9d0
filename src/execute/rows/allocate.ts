import { collectSoon, noteGarbage } from "./garbage.ts";

/** Arrays that hold one number a row. */
export type RowArray = Int32Array | BigInt64Array | Float32Array | Float64Array | BigUint64Array | Uint8Array;

/** Makes an array of the same kind as another. What it holds is not specified. */
export type Allocate = <T extends RowArray>(like: T, length: number) => T;

/** Arrays that all threads see, so that rows go from one to another without a copy. */
export const shared: Allocate = (like, length) => {
  const bytes = length * like.BYTES_PER_ELEMENT;
  return construct(like, bytes < SMALLEST_SPARE ? sharedBuffer(bytes) : spareBuffer(bytes), length);
};

/** Arrays that all threads see, made of memory that nobody gives back: for what goes with a result. */
export const sharedForGood: Allocate = (like, length) => {
  const buffer = sharedBuffer(length * like.BYTES_PER_ELEMENT);
  countMemory(buffer);
  return construct(like, buffer, length);
};

/**
 * Has this thread's garbage collector count some shared memory, which it does not do by itself and therefore runs too
 * late: some private memory, never touched, comes and goes with it. A part of the size is enough to have it run.
 * @returns false if it was counted already
 */
export function countMemory(buffer: ArrayBufferLike): boolean {
  if (counted.has(buffer)) return false;
  counted.set(buffer, new ArrayBuffer(buffer.byteLength >>> 2));
  return true;
}

const counted = new WeakMap<ArrayBufferLike, ArrayBuffer>();

/** Arrays that all threads see, whose memory counts with this thread's garbage until it is given back. */
export const countedShared: Allocate = (like, length) => {
  const values = shared(like, length);
  countMemory(values.buffer);
  return values;
};

/** Arrays that own their buffers. */
export const owned: Allocate = (like, length) =>
  construct(like, new ArrayBuffer(length * like.BYTES_PER_ELEMENT), length);

/** An array's values in an array that owns its buffer. */
export function ownedCopy<T extends RowArray>(values: T): T {
  return copyOf(values, owned);
}

/** An array's values in another array. */
export function copyOf<T extends RowArray>(values: T, allocate: Allocate): T {
  const copy = allocate(values, values.length);
  (copy.set as (from: T) => void)(values);
  return copy;
}

const SMALLEST_SPARE = 1 << 16;

/** Shared memory that arrays of this very thread were made of. */
const ownMemory = new WeakSet<ArrayBufferLike>();

/** Whether shared memory was this very thread's own before others saw it. */
export function isOwnMemory(buffer: SharedArrayBuffer): boolean {
  return ownMemory.has(buffer);
}

/** This thread's spare memory, by its size. Fresh memory costs page faults and garbage collections. */
const spares = new Map<number, SharedArrayBuffer[]>();

/** Spare memory that a thread keeps at most. */
let mostSpare = 128 << 20;
let spareBytes = 0;
/** After so many milliseconds without another query, spare memory is given back to the system. */
const IDLE_MS = 10_000;

/** Bounds the spare memory that this thread keeps; where it has more, it lets go of it. */
export function limitSpares(bytes: number): void {
  mostSpare = bytes;
  if (spareBytes <= bytes) return;
  spares.clear();
  spareBytes = 0;
}

/** How much spare memory this thread keeps at most. */
export function mostSpareBytes(): number {
  return mostSpare;
}

/** @returns what is to be called whenever there is spare memory: `giveBack` is called when no more came for a while */
export function whenUnused(giveBack: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const end = () => {
    timer = undefined;
    giveBack();
    collectSoon();
  };
  return () => {
    if (timer) timer.refresh();
    else timer = setTimeout(end, IDLE_MS).unref();
  };
}

const keepForAWhile = whenUnused(() => {
  spares.clear();
  spareBytes = 0;
});

/** Gives shared memory to this thread for later arrays. Nothing else may use it any more. */
export function giveSpares(buffers: readonly SharedArrayBuffer[]): void {
  if (buffers.length > 0) keepForAWhile();
  for (const buffer of buffers) {
    if (spareBytes + buffer.byteLength > mostSpare) {
      noteGarbage(buffer.byteLength);
      continue;
    }
    spareBytes += buffer.byteLength;
    const list = spares.get(buffer.byteLength);
    if (list) list.push(buffer);
    else spares.set(buffer.byteLength, [buffer]);
  }
}

/** True for memory that can be given back to a thread. */
export function isSpare(buffer: ArrayBufferLike): buffer is SharedArrayBuffer {
  const size = buffer.byteLength;
  return buffer instanceof SharedArrayBuffer && size >= SMALLEST_SPARE && spareSize(size) === size;
}

/** The size of the memory that serves for so many bytes: an eighth more, at most. */
function spareSize(bytes: number): number {
  const step = 2 ** Math.max(0, Math.floor(Math.log2(bytes)) - 3);
  return Math.ceil(bytes / step) * step;
}

function spareBuffer(bytes: number): ArrayBuffer {
  const buffer = fittingSpare(bytes);
  ownMemory.add(buffer);
  return buffer;
}

function fittingSpare(bytes: number): ArrayBuffer {
  const own = spareSize(bytes);
  // Memory that is somewhat larger is better than new memory.
  for (let size = own; size <= 2 * own; size = spareSize(size + 1)) {
    const spare = spares.get(size)?.pop();
    if (spare === undefined) continue;
    spareBytes -= size;
    return spare as unknown as ArrayBuffer;
  }
  return sharedBuffer(own);
}

function sharedBuffer(bytes: number): ArrayBuffer {
  return new SharedArrayBuffer(bytes) as unknown as ArrayBuffer;
}

function construct<T extends RowArray>(like: T, buffer: ArrayBuffer, length: number): T {
  return new (like.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => T)(buffer, 0, length);
}
