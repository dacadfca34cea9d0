import assert from "node:assert/strict";
import fc from "fast-check";
import { EncodeMemory } from "../../src/frames/parquet/encode-kernels.ts";
import { Scratch } from "../../src/tables/bulk/scratch.ts";

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.constantFrom("", "tea", "naïve 😀", "a".repeat(300)),
);

describe("what texts share with those before them", () => {
  const memory = new EncodeMemory();
  const scratch = new Scratch();
  const copied = (name: string, bytes: Uint8Array) => {
    const room = scratch.bytes(name, bytes.length);
    room.set(bytes);
    return room;
  };

  /** Texts put together from what kernels of encoding made of them, with numbers that were changed; null where damaged. */
  function joined(
    texts: readonly Buffer[],
    change: (shared: Int32Array, others: Int32Array) => number,
  ): Buffer[] | null {
    memory.start();
    const rows = texts.length;
    const all = Buffer.concat(texts);
    const at = memory.copy(all);
    const lengths = memory.copy(Int32Array.from(texts, ({ length }) => length));
    const [prefixes, suffixes, to] = [memory.take(4 * rows), memory.take(4 * rows), memory.take(all.length)];
    const end = memory.run.frontCode(at, rows, lengths, prefixes, suffixes, to);
    const [shared, others] = [memory.words(prefixes, rows).slice(), memory.words(suffixes, rows).slice()];
    const most = change(shared, others);
    const bytes = copied("bytes", memory.view(to, end - to));
    const [sharedAt, othersAt] = [shared, others].map((numbers, index) =>
      copied(`${index}`, new Uint8Array(numbers.buffer)),
    );
    const room = scratch.bytes("room", most + 16).fill(7);
    const done = scratch.run.joinFronts(
      sharedAt!.byteOffset,
      rows,
      othersAt!.byteOffset,
      bytes.byteOffset,
      bytes.byteOffset + bytes.length,
      room.byteOffset,
    );
    assert.ok(room.subarray(most).every((byte) => byte === 7));
    if (done === -1) return null;
    let next = 0;
    return [...new Int32Array(sharedAt!.buffer, sharedAt!.byteOffset, rows)].map((length) => {
      next += length;
      return Buffer.from(room.subarray(next - length, next));
    });
  }

  const texts = fc.array(
    fc
      .tuple(fc.constantFrom("", "abcdefgh", "a long text that many begin with ", "é"), text)
      .map(([front, rest]) => Buffer.from(front + rest)),
    { minLength: 1, maxLength: 200 },
  );
  const sizeOf = (all: readonly Buffer[]) => all.reduce((sum, { length }) => sum + length, 0);

  it("is as much as they do, and gives the texts again", () => {
    fc.assert(
      fc.property(texts, (all) => {
        const expected = all.map((own, row) => {
          const before = row === 0 ? Buffer.alloc(0) : all[row - 1]!;
          const differ = own.findIndex((byte, index) => byte !== before[index]);
          return differ < 0 ? own.length : differ;
        });
        const found = joined(all, (shared, others) => {
          assert.deepEqual([...shared], expected);
          assert.deepEqual(
            [...others],
            all.map(({ length }, row) => length - expected[row]!),
          );
          return sizeOf(all);
        });
        assert.deepEqual(found, all);
      }),
    );
  });

  it("is refused where it is more than the text before has, or where there are too few other bytes", () => {
    fc.assert(
      fc.property(texts, fc.nat(), fc.boolean(), fc.integer({ min: 1 }), (all, place, isShared, more) => {
        const row = place % all.length;
        const found = joined(all, (shared, others) => {
          if (isShared) shared[row] = (row === 0 ? 0 : all[row - 1]!.length) + (more % 1000) + 1;
          else others[row] = sizeOf(all) + more;
          return sizeOf(all);
        });
        assert.equal(found, null);
      }),
    );
  });
});
