import assert from "node:assert/strict";
import { EncodeMemory } from "../../src/frames/parquet/encode-kernels.ts";
import { deltas } from "../../src/frames/parquet/encode-numbers.ts";

const COUNTS = [1, 2, 32, 33, 127, 128, 129, 130, 300, 1001];

/** Numbers of up to so many bits, the same in every run. */
function numbers(bits: number, count: number): bigint[] {
  let state = BigInt(bits * 1000 + count);
  return Array.from({ length: count }, () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return bits === 0 ? 0n : state >> BigInt(64 - bits);
  });
}

/** What DELTA_BINARY_PACKED stands for, by the letter of Parquet's specification. */
function decoded(bytes: Uint8Array, size: 32 | 64): bigint[] {
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const zigzag = () => {
    const value = varint();
    return (value >> 1n) ^ -(value & 1n);
  };
  const [block, parts, count] = [Number(varint()), Number(varint()), Number(varint())];
  const values = [BigInt.asIntN(size, zigzag())];
  while (values.length < count) {
    const least = zigzag();
    const widths = [...bytes.subarray(at, at + parts)];
    at += parts;
    for (const width of widths) {
      let bits = 0n;
      const length = (width * block) / parts / 8;
      for (let byte = length - 1; byte >= 0; byte--) bits = (bits << 8n) | BigInt(bytes[at + byte]!);
      at += length;
      for (let index = 0; index < block / parts && values.length < count; index++) {
        const difference = least + ((bits >> BigInt(index * width)) & ((1n << BigInt(width)) - 1n));
        values.push(BigInt.asIntN(size, values.at(-1)! + difference));
      }
    }
  }
  assert.equal(at, bytes.length);
  return values;
}

describe("integers as differences", () => {
  const memory = new EncodeMemory();

  for (const size of [64, 32] as const) {
    it(`are those of ${size} bits, whatever number of bits the differences take`, () => {
      for (let bits = 0; bits <= size; bits++) {
        for (const count of COUNTS) {
          const values = numbers(bits, count).map((value) => BigInt.asIntN(size, value));
          memory.start();
          const own = size === 64 ? BigInt64Array.from(values) : Int32Array.from(values, Number);
          const at = memory.copy(own);
          const to = memory.take(16 * count + 200);
          const end = deltas(memory, size === 64 ? 8 : 4, { at, count }, to);
          assert.deepEqual(decoded(memory.view(to, end - to).slice(), size), values, `${count} of ${bits} bits`);
        }
      }
    });
  }

  it("have a least and a greatest one, with a sign or without", () => {
    for (const bits of [1, 8, 63, 64]) {
      for (const count of [...COUNTS, 3, 4, 5, 6, 7]) {
        const values = numbers(bits, count);
        memory.start();
        const at = memory.copy(BigUint64Array.from(values));
        const out = memory.take(16);
        for (const [turn, as] of [
          [0n, BigInt.asIntN],
          [-(2n ** 63n), BigInt.asUintN],
        ] as const) {
          memory.run.extremes8(at, count, turn, out);
          const sorted = values.map((value) => as(64, value)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
          const found = [...new BigInt64Array(memory.view(out, 16).slice().buffer)].map((value) => as(64, value));
          assert.deepEqual(found, [sorted[0], sorted.at(-1)], `${count} of ${bits} bits`);
        }
      }
    }
  });
});
