import type { FenlType } from "./fenl-type.ts";
import { typeName } from "./fenl-type.ts";
import { f16Bits } from "./half-float.ts";
import type { HostValue } from "./host-value.ts";
import { KEY_HASH_BINARY } from "./key-hash-module.ts";

interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer };
  length(buffer: bigint, length: bigint): bigint;
  pair(buffer: bigint, pad: bigint, x0: bigint, x1: bigint, a: bigint, b: bigint): bigint;
  blocks(at: number, count: number, buffer: bigint, pad: bigint, x0: bigint, x1: bigint): bigint;
  finish(buffer: bigint, pad: bigint): bigint;
  text(at: number, size: number, buffer: bigint, pad: bigint, x0: bigint, x1: bigint): bigint;
  texts(offsets: number, count: number, out: number, buffer: bigint, pad: bigint, x0: bigint, x1: bigint): void;
  words(at: number, count: number, buffer: bigint, pad: bigint): void;
}

interface Seeds {
  readonly buffer: bigint;
  readonly pad: bigint;
  readonly x0: bigint;
  readonly x1: bigint;
}

/** aHash xors its four seeds with digits of pi. */
function seeds(a: bigint, b: bigint, c: bigint, d: bigint): Seeds {
  return {
    buffer: a ^ 0x452821e638d01377n,
    pad: b ^ 0xbe5466cf34e90c6cn,
    x0: c ^ 0xc0ac29b7c97c50ddn,
    x1: d ^ 0x3f84d5b5b5470917n,
  };
}

/** What keys are hashed with. */
export const KEY = seeds(1234n, 5678n, 9012n, 3456n);
const FILE = seeds(8723n, 8737n, 8736n, 9871n);

/** Node's WebAssembly, as far as it is used here: its types come with those of browsers, which are not loaded. */
const { Instance, Module } = (
  globalThis as unknown as {
    WebAssembly: {
      Module: new (bytes: Uint8Array) => object;
      Instance: new (module: object) => { readonly exports: unknown };
    };
  }
).WebAssembly;

const kernels = new Instance(new Module(Buffer.from(KEY_HASH_BINARY, "base64"))).exports as Kernels;

/** The module's memory: 1 MiB of text, then the offsets and the hashes of one batch. */
const memory = new Uint8Array(kernels.memory.buffer);
const WINDOW = 1 << 20;
const BATCH = 1 << 16;
const OFFSETS_AT = WINDOW;
const HASHES_AT = OFFSETS_AT + 4 * BATCH + 8;
const offsets = new Uint32Array(kernels.memory.buffer, OFFSETS_AT, BATCH + 1);
const hashes = new BigUint64Array(kernels.memory.buffer, HASHES_AT, BATCH);
const encoder = new TextEncoder();

/** Writes `text` as UTF-8 to the window and returns its end; the caller made sure that it fits. */
function writeText(text: string, at: number): number {
  if (text.length < 48) {
    let end = at;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f) return at + encoder.encodeInto(text, memory.subarray(at, WINDOW)).written;
      memory[end++] = unit;
    }
    return end;
  }
  return at + encoder.encodeInto(text, memory.subarray(at, WINDOW)).written;
}

/** The hash of a text of a known length in bytes, given in parts; its last 16 bytes must be known first. */
export interface StreamedHash {
  update(part: Uint8Array): void;
  digest(): bigint;
}

function streamedHash(size: number, tail: Uint8Array, by: Seeds): StreamedHash {
  if (tail.length !== Math.min(size, 16))
    throw new RangeError("the tail is the last 16 bytes, or all where there are fewer");
  if (size <= 16) {
    return {
      update() {},
      digest() {
        memory.set(tail, 0);
        return BigInt.asUintN(64, kernels.text(0, size, by.buffer, by.pad, by.x0, by.x1));
      },
    };
  }
  const view = new DataView(tail.buffer, tail.byteOffset, 16);
  let buffer = kernels.length(by.buffer, BigInt(size));
  buffer = kernels.pair(buffer, by.pad, by.x0, by.x1, view.getBigUint64(0, true), view.getBigUint64(8, true));
  let blocksLeft = Math.floor((size - 1) / 16);
  const rest = new Uint8Array(16);
  let restLength = 0;
  const absorb = (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length && blocksLeft > 0; at += WINDOW) {
      const window = bytes.subarray(at, Math.min(at + WINDOW, bytes.length));
      memory.set(window, 0);
      const count = Math.min(window.length >> 4, blocksLeft);
      buffer = kernels.blocks(0, count, buffer, by.pad, by.x0, by.x1);
      blocksLeft -= count;
    }
  };
  return {
    update(part) {
      let from = 0;
      if (restLength > 0) {
        from = Math.min(16 - restLength, part.length);
        rest.set(part.subarray(0, from), restLength);
        restLength += from;
        if (restLength < 16) return;
        absorb(rest);
        restLength = 0;
      }
      const end = from + ((part.length - from) & ~15);
      absorb(part.subarray(from, end));
      rest.set(part.subarray(end));
      restLength = part.length - end;
    },
    digest() {
      return BigInt.asUintN(64, kernels.finish(buffer, by.pad));
    },
  };
}

function hashBytes(bytes: Uint8Array, by: Seeds): bigint {
  if (bytes.length <= WINDOW) {
    memory.set(bytes, 0);
    return BigInt.asUintN(64, kernels.text(0, bytes.length, by.buffer, by.pad, by.x0, by.x1));
  }
  const stream = streamedHash(bytes.length, bytes.subarray(-16), by);
  stream.update(bytes);
  return stream.digest();
}

/** The key hash of a string (an unsigned 64-bit integer). */
export function hashString(text: string): bigint {
  if (text.length * 3 > WINDOW) return hashBytes(encoder.encode(text), KEY);
  const end = writeText(text, 0);
  return BigInt.asUintN(64, kernels.text(0, end, KEY.buffer, KEY.pad, KEY.x0, KEY.x1));
}

/** The key hashes of many strings. */
export function hashStrings(texts: readonly string[]): BigUint64Array {
  const result = new BigUint64Array(texts.length);
  let done = 0;
  while (done < texts.length) {
    let count = 0;
    let at = 0;
    offsets[0] = 0;
    while (count < BATCH && done + count < texts.length) {
      const text = texts[done + count]!;
      if (text.length * 3 > WINDOW - at) break;
      at = writeText(text, at);
      offsets[++count] = at;
    }
    if (count === 0) {
      result[done] = hashString(texts[done]!);
      done++;
      continue;
    }
    kernels.texts(OFFSETS_AT, count, HASHES_AT, KEY.buffer, KEY.pad, KEY.x0, KEY.x1);
    result.set(hashes.subarray(0, count), done);
    done += count;
  }
  return result;
}

/** The key hashes of texts given as UTF-8, one after the other: text `i` ends where text `i + 1` begins. */
export function hashTexts(bytes: Uint8Array, textOffsets: Int32Array): BigUint64Array {
  const count = textOffsets.length - 1;
  const result = new BigUint64Array(count);
  for (let done = 0; done < count; ) {
    const start = textOffsets[done]!;
    const most = Math.min(count - done, BATCH);
    let batch = most;
    if (textOffsets[done + most]! - start > WINDOW) {
      batch = 0;
      while (batch < most && textOffsets[done + batch + 1]! - start <= WINDOW) batch++;
    }
    if (batch === 0) {
      result[done++] = hashBytes(bytes.subarray(start, textOffsets[done]!), KEY);
      continue;
    }
    memory.set(bytes.subarray(start, textOffsets[done + batch]!), 0);
    for (let index = 0; index <= batch; index++) offsets[index] = textOffsets[done + index]! - start;
    kernels.texts(OFFSETS_AT, batch, HASHES_AT, KEY.buffer, KEY.pad, KEY.x0, KEY.x1);
    result.set(hashes.subarray(0, batch), done);
    done += batch;
  }
  return result;
}

/** The key hashes of many 64-bit words: smaller integers zero-extended from their own width. */
export function hashWords(words: BigUint64Array | BigInt64Array): BigUint64Array {
  const result = new BigUint64Array(words.length);
  const unsigned = new BigUint64Array(words.buffer, words.byteOffset, words.length);
  for (let at = 0; at < words.length; at += BATCH) {
    const part = unsigned.subarray(at, at + BATCH);
    hashes.set(part);
    kernels.words(HASHES_AT, part.length, KEY.buffer, KEY.pad);
    result.set(hashes.subarray(0, part.length), at);
  }
  return result;
}

const word = new BigUint64Array(1);
const wordAsFloat = new Float64Array(word.buffer);
const wordAsHalves = new Uint32Array(word.buffer);
const halfAsFloat = new Float32Array(1);
const halfAsBits = new Uint32Array(halfAsFloat.buffer);

function hashWord(value: bigint): bigint {
  word[0] = value;
  return hashWords(word)[0]!;
}

const NAN_F64 = 0x7ff8000000000000n;
const NAN_F32 = 0x7fc00000;

function f32Bits(value: number): number {
  if (Number.isNaN(value)) return NAN_F32;
  halfAsFloat[0] = value === 0 ? 0 : value;
  return halfAsBits[0]!;
}

/** As 0.0 and NaN are hashed: one zero, one NaN. */
function hashedF16Bits(value: number): number {
  return value === 0 ? 0 : f16Bits(value);
}

/** How many bits of a value's word are hashed. */
function widthMask(type: FenlType): number {
  switch (type.kind) {
    case "bool":
    case "i8":
    case "u8":
      return 0xff;
    case "i16":
    case "u16":
      return 0xffff;
    default:
      return 0xffffffff;
  }
}

/** The key hash of a value of a type that can be a key (language reference, section 4); null is 0. */
export function hashValue(type: FenlType, value: HostValue): bigint {
  if (value === null) return 0n;
  if (typeof value === "bigint") return hashWord(BigInt.asUintN(64, value));
  if (typeof value === "string") return hashString(value);
  if (typeof value === "boolean") return hashWord(value ? 1n : 0n);
  if (typeof value === "number") {
    if (type.kind === "f64") {
      if (Number.isNaN(value)) return hashWord(NAN_F64);
      wordAsFloat[0] = value === 0 ? 0 : value;
      return hashWord(word[0]!);
    }
    const bits =
      type.kind === "f32"
        ? f32Bits(value)
        : type.kind === "f16"
          ? hashedF16Bits(value)
          : (value & widthMask(type)) >>> 0;
    return hashWord(BigInt(bits));
  }
  if (type.kind !== "record") throw new TypeError(`values of type ${typeName(type)} have no key hash`);
  return foldRecord(
    type.fields.map((field, index) => (value[index] === null ? null : hashValue(field.type, value[index]!))),
  );
}

/** The hash of a record from its fields' hashes in order; a null field changes nothing. */
export function foldRecord(fieldHashes: readonly (bigint | null)[]): bigint {
  let folded = 0n;
  for (const hash of fieldHashes) {
    if (hash !== null) folded = BigInt.asUintN(64, (629n + hash) * 37n + folded);
  }
  return folded;
}

/** A column of scalars as it is kept outside WebAssembly; see `HashedColumn.dictionary` for strings. */
export interface HashedColumn {
  readonly type: FenlType;
  readonly values: Int32Array | BigInt64Array | Float32Array | Float64Array;
  /** A byte per row, 0 or 1; absent: all valid. */
  readonly valid?: Uint8Array;
  /** For strings: what the codes in `values` stand for. Each is hashed once. */
  readonly dictionary?: readonly HostValue[];
}

/** The key hashes of a column's rows; a null row is 0. */
export function hashColumn(column: HashedColumn): BigUint64Array {
  const { type, values, valid, dictionary } = column;
  const rows = values.length;
  if (dictionary !== undefined) {
    const distinct = hashStrings(dictionary as readonly string[]);
    const from = new Uint32Array(distinct.buffer);
    const result = new BigUint64Array(rows);
    const to = new Uint32Array(result.buffer);
    const codes = values as Int32Array;
    for (let row = 0; row < rows; row++) {
      if (valid !== undefined && valid[row] === 0) continue;
      const code = codes[row]!;
      to[2 * row] = from[2 * code]!;
      to[2 * row + 1] = from[2 * code + 1]!;
    }
    return result;
  }
  const result = hashWords(wordsOf(type, values));
  if (valid !== undefined) {
    const halves = new Uint32Array(result.buffer);
    for (let row = 0; row < rows; row++) {
      if (valid[row] === 0) {
        halves[2 * row] = 0;
        halves[2 * row + 1] = 0;
      }
    }
  }
  return result;
}

function wordsOf(type: FenlType, values: HashedColumn["values"]): BigUint64Array | BigInt64Array {
  if (values instanceof BigInt64Array) return values;
  const rows = values.length;
  const words = new BigUint64Array(rows);
  if (values instanceof Float64Array) {
    const floats = new Float64Array(words.buffer);
    wordAsFloat[0] = Number.NaN;
    word[0] = NAN_F64;
    const [low, high] = wordAsHalves as unknown as [number, number];
    const halves = new Uint32Array(words.buffer);
    for (let row = 0; row < rows; row++) {
      const value = values[row]!;
      if (Number.isNaN(value)) {
        halves[2 * row] = low;
        halves[2 * row + 1] = high;
      } else {
        floats[row] = value === 0 ? 0 : value;
      }
    }
    return words;
  }
  const halves = new Uint32Array(words.buffer);
  if (values instanceof Float32Array) {
    const bits = type.kind === "f16" ? hashedF16Bits : f32Bits;
    for (let row = 0; row < rows; row++) halves[2 * row] = bits(values[row]!);
    return words;
  }
  const mask = widthMask(type);
  for (let row = 0; row < rows; row++) halves[2 * row] = values[row]! & mask;
  return words;
}

/** The first generated `_subsort` of a table loaded from a file with these bytes; each further row adds 1. */
export function defaultSubsort(bytes: Uint8Array): bigint {
  return hashBytes(bytes, FILE);
}

/** `defaultSubsort` of a file of `size` bytes given in parts; `tail` is its last 16 bytes (all, if there are fewer). */
export function streamedDefaultSubsort(size: number, tail: Uint8Array): StreamedHash {
  return streamedHash(size, tail, FILE);
}
