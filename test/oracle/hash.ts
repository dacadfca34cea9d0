import type { FenlType } from "../../src/values/fenl-type.ts";
import { bitsOf, isFloat, isInteger, type Value } from "./value.ts";

const MASK = (1n << 64n) - 1n;
const MULTIPLE = 6364136223846793005n;
const SEEDS = [1234n, 5678n, 9012n, 3456n] as const;
const PI = [0x452821e638d01377n, 0xbe5466cf34e90c6cn, 0xc0ac29b7c97c50ddn, 0x3f84d5b5b5470917n] as const;
const KEYS = [SEEDS[0] ^ PI[0], SEEDS[1] ^ PI[1], SEEDS[2] ^ PI[2], SEEDS[3] ^ PI[3]] as const;

function fold(a: bigint, b: bigint): bigint {
  const product = a * b;
  return (product & MASK) ^ ((product >> 64n) & MASK);
}

function rotateLeft(value: bigint, count: bigint): bigint {
  const by = count & 63n;
  return ((value << by) | (value >> (64n - by))) & MASK;
}

function littleEndian(bytes: Uint8Array): bigint {
  let result = 0n;
  for (let index = bytes.length - 1; index >= 0; index--) result = (result << 8n) | BigInt(bytes[index]!);
  return result;
}

function addWord(state: bigint, word: bigint): bigint {
  return fold((word & MASK) ^ state, MULTIPLE);
}

function addPair(state: bigint, a: bigint, b: bigint): bigint {
  return rotateLeft(((state + KEYS[1]) & MASK) ^ fold(a ^ KEYS[2], b ^ KEYS[3]), 23n);
}

function addBytes(start: bigint, bytes: Uint8Array): bigint {
  const length = bytes.length;
  const at = (from: number, to: number) => littleEndian(bytes.subarray(from, to));
  let state = ((start + BigInt(length)) * MULTIPLE) & MASK;
  if (length > 16) {
    state = addPair(state, at(length - 16, length - 8), at(length - 8, length));
    for (let from = 0; length - from > 16; from += 16)
      state = addPair(state, at(from, from + 8), at(from + 8, from + 16));
    return state;
  }
  if (length > 8) return addPair(state, at(0, 8), at(length - 8, length));
  if (length >= 4) return addPair(state, at(0, 4), at(length - 4, length));
  if (length >= 2) return addPair(state, at(0, 2), at(length - 1, length));
  if (length === 1) return addPair(state, at(0, 1), at(0, 1));
  return addPair(state, 0n, 0n);
}

function finish(state: bigint): bigint {
  return rotateLeft(fold(state, KEYS[1]), state & 63n);
}

function hashBits(value: bigint, bits: number): bigint {
  return finish(addWord(KEYS[0], BigInt.asUintN(bits, value)));
}

function floatBits(value: number, bits: 32 | 64): bigint {
  const view = new DataView(new ArrayBuffer(8));
  const plain = Number.isNaN(value) ? Number.NaN : value === 0 ? 0 : value;
  if (bits === 64) {
    view.setFloat64(0, plain);
    return Number.isNaN(plain) ? 0x7ff8000000000000n : view.getBigUint64(0);
  }
  view.setFloat32(0, plain);
  return Number.isNaN(plain) ? 0x7fc00000n : BigInt(view.getUint32(0));
}

/** The 64-bit hash of a value of a key type: what `hash()` gives, and the key hash of an entity. */
export function hashOf(type: FenlType, value: Value): bigint {
  if (value === null) return 0n;
  if (type.kind === "string" || type.kind === "large_string") {
    return finish(addWord(addBytes(KEYS[0], new TextEncoder().encode(value as string)), 0xffn));
  }
  if (type.kind === "bool") return hashBits(value === true ? 1n : 0n, 8);
  if (type.kind === "record") {
    let sum = 0n;
    for (const [index, field] of type.fields.entries()) {
      const item = (value as Value[])[index]!;
      if (item !== null) sum = ((629n + hashOf(field.type, item)) * 37n + sum) & MASK;
    }
    return sum;
  }
  if (isFloat(type)) {
    const bits = type.kind === "f64" ? 64 : 32;
    return hashBits(floatBits(value as number, bits), bits);
  }
  if (isInteger(type)) return hashBits(value as bigint, bitsOf(type));
  if (type.kind === "date32" || type.kind === "interval_days" || type.kind === "interval_months")
    return hashBits(value as bigint, 32);
  return hashBits(value as bigint, 64);
}
