import { integerRange, isFloat, isInteger } from "../../src/functions/numeric-wat.ts";
import type { FenlType, ScalarKind } from "../../src/values/fenl-type.ts";
import { isUnsigned, representationOf } from "../../src/values/fenl-type.ts";
import type { HostValue } from "../../src/values/host-value.ts";

/** A reproducible source of 32-bit numbers (mulberry32). */
export function randomSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Extreme and random values of a type, the same in every run. */
export function sampleValues(type: FenlType, count: number, seed = 1): readonly HostValue[] {
  const random = randomSource(seed);
  if (type.kind === "bool") return [false, true];
  if (isFloat(type)) return floats(type, count, random);
  return integers(type, count, random).map((value) => (representationOf(type) === "i64" ? value : Number(value)));
}

function floats(type: FenlType, count: number, random: () => number): HostValue[] {
  const values = [0, -0, 0.5, -0.5, 1, -1, 1.5, 2.5, -2.5, 0.49999999999999994, 1e300, -1e300, 5e-324, 65504, 65520];
  values.push(Number.NaN, Infinity, -Infinity, 2 ** 31, 2 ** 53, 2 ** 63, -(2 ** 63), 2 ** 64, 4294967295.5, -128.9);
  const bits = new DataView(new ArrayBuffer(8));
  for (let index = 0; index < count; index++) {
    bits.setUint32(0, random());
    bits.setUint32(4, random());
    values.push(index % 2 ? bits.getFloat64(0) : (random() - 2 ** 31) / 2 ** (random() % 40));
  }
  return type.kind === "f64" ? values : values.map((value) => (type.kind === "f32" ? Math.fround(value) : half(value)));
}

/** The nearest half-precision float, ties to even. */
export function half(value: number): number {
  const single = Math.fround(value);
  if (!Number.isFinite(single) || single === 0) return single;
  const size = Math.abs(single);
  const exponent = Math.max(Math.floor(Math.log2(size)), -14);
  const step = 2 ** (exponent - 10);
  const steps = size / step;
  const below = Math.floor(steps);
  const rest = steps - below;
  const rounded = (rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below) * step;
  return Math.sign(single) * (rounded > 65504 ? Infinity : rounded);
}

/** The type that holds the values of a type as integers. */
export function carrier(type: FenlType): FenlType {
  if (isInteger(type)) return type;
  return { kind: (representationOf(type) === "i64" ? "i64" : "i32") as ScalarKind };
}

function integers(type: FenlType, count: number, random: () => number): bigint[] {
  const { least, greatest } = integerRange(carrier(type));
  const near = [0n, 1n, 2n, 7n, 10n, 60n, 1000n, 86_400n];
  const values = new Set([...near, least, least + 1n, greatest, greatest - 1n]);
  if (!isUnsigned(type)) for (const value of near) values.add(-value);
  const width = greatest - least + 1n;
  for (let index = 0; index < count; index++) {
    const wide = (BigInt(random()) << 32n) | BigInt(random());
    values.add(index % 2 ? least + (wide % width) : (wide >> BigInt(random() % 64)) - (least < 0n ? 50n : 0n));
  }
  return [...values].filter((value) => value >= least && value <= greatest);
}

/** A value as a WebAssembly function takes it. */
export function toRaw(value: HostValue): number | bigint {
  if (value === null) return 0;
  return typeof value === "boolean" ? Number(value) : (value as number | bigint);
}

/** What a WebAssembly function gave, as a value of the type. */
export function fromRaw(type: FenlType, raw: number | bigint): HostValue {
  if (type.kind === "bool") return raw === 0 ? false : raw === 1 ? true : (raw as number);
  if (type.kind === "u64") return BigInt.asUintN(64, raw as bigint);
  return type.kind === "u32" ? (raw as number) >>> 0 : raw;
}
