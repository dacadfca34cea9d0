import assert from "node:assert/strict";
import fc from "fast-check";
import wabt from "wabt";
import { KERNELS_BINARY } from "../../src/tables/bulk/kernels-binary.ts";
import { KERNELS_WAT } from "../../src/tables/bulk/kernels-wat.ts";
import { LoadMemory } from "../../src/tables/bulk/load-memory.ts";
import { decompressSnappy } from "../../src/tables/bulk/snappy.ts";
import { Unfit } from "../../src/tables/bulk/unfit.ts";

interface Copy {
  readonly offset: number;
  readonly size: number;
}

/** A block of Snappy that says what literals and copies make, and what they make. */
function blockOf(parts: readonly (readonly number[] | Copy)[]): { block: number[]; bytes: number[] } {
  const block: number[] = [];
  const bytes: number[] = [];
  for (const part of parts) {
    if ("offset" in part) {
      const offset = 1 + (part.offset % Math.max(1, bytes.length));
      if (bytes.length === 0) continue;
      const { size } = part;
      if (size >= 4 && size <= 11 && offset < 2048)
        block.push(1 | ((size - 4) << 2) | ((offset >> 8) << 5), offset & 255);
      else if (offset % 2 === 0) block.push(2 | ((size - 1) << 2), offset & 255, offset >> 8);
      else block.push(3 | ((size - 1) << 2), offset & 255, offset >> 8, 0, 0);
      for (let index = 0; index < size; index++) bytes.push(bytes[bytes.length - offset]!);
    } else if (part.length > 0) {
      const last = part.length - 1;
      if (last < 60) block.push(last << 2);
      else if (last < 256) block.push(60 << 2, last);
      else block.push(61 << 2, last & 255, last >> 8);
      block.push(...part);
      bytes.push(...part);
    }
  }
  const size: number[] = [];
  for (let rest = bytes.length; ; rest >>>= 7) {
    size.push(rest < 128 ? rest : (rest & 127) | 128);
    if (rest < 128) break;
  }
  return { block: [...size, ...block], bytes };
}

const literals = fc.oneof(
  fc.array(fc.nat(255), { maxLength: 90 }),
  fc.array(fc.nat(255), { minLength: 200, maxLength: 400 }),
);
const copies = fc.record({ offset: fc.oneof(fc.nat(9), fc.nat(4000)), size: fc.integer({ min: 1, max: 64 }) });

describe("the loops of loading", () => {
  const memory = new LoadMemory();

  /** What a block decompresses to; what is around it must stay as it is. */
  function decompress(block: readonly number[], size: number): number[] {
    memory.clear();
    const from = memory.bytes(memory.take(block.length).at, block.length);
    const before = memory.bytes(memory.take(64).at, 64).fill(7);
    const to = memory.bytes(memory.take(size).at, size);
    const after = memory.bytes(memory.take(64).at, 64).fill(7);
    from.set(block);
    try {
      decompressSnappy(from, to, memory.run);
      return [...to];
    } finally {
      assert.ok([...before, ...after].every((byte) => byte === 7));
    }
  }

  it("keeps the assembled module equal to its text", async () => {
    const module = (await wabt()).parseWat("kernels.wat", KERNELS_WAT, {
      threads: true,
      simd: true,
      bulk_memory: true,
    });
    assert.equal(KERNELS_BINARY, Buffer.from(module.toBinary({}).buffer).toString("base64"));
  });

  it("decompresses Snappy", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(literals, copies), { maxLength: 30 }), (parts) => {
        const { block, bytes } = blockOf(parts);
        assert.deepEqual(decompress(block, bytes.length), bytes);
      }),
    );
  });

  it("refuses what is no Snappy, and never writes beside it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(literals, copies), { maxLength: 9 }),
        fc.nat(),
        fc.nat(255),
        (parts, place, byte) => {
          const { block, bytes } = blockOf(parts);
          const damaged = block.with(place % block.length, byte);
          try {
            assert.equal(decompress(damaged, bytes.length).length, bytes.length);
          } catch (error) {
            assert.ok(error instanceof Unfit);
          }
          assert.throws(() => decompress(block.slice(0, -1), bytes.length), Unfit);
          assert.throws(() => decompress(block, bytes.length + 1), Unfit);
        },
      ),
    );
  });

  it("gives room again that was given back, and joins what lies side by side", () => {
    memory.clear();
    const [a, b, c] = [memory.take(1000), memory.take(1000), memory.take(1000)];
    memory.give(a);
    memory.give(b);
    assert.equal(memory.take(a.size + b.size - 32).at, a.at);
    assert.ok(memory.take(1).at > c.at);
    memory.give(c);
    assert.equal(memory.take(900).at, c.at);
  });
});
