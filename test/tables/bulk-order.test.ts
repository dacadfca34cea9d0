import assert from "node:assert/strict";
import fc from "fast-check";
import { RowOrder } from "../../src/tables/bulk/group-rows.ts";
import { Scratch } from "../../src/tables/bulk/scratch.ts";

/** Hashes of which many agree in their first bits, and those of which few do. */
const hash = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: 0n, max: 500n }),
  fc.nat(500).map((low) => (0xabcdn << 48n) | BigInt(low)),
);
const row = fc.record({ hash, time: fc.integer({ min: -9, max: 9 }).map(BigInt), subsort: fc.nat(3).map(BigInt) });

describe("the order of rows in a load", () => {
  const scratch = new Scratch();

  it("is that of hash, time, subsort and place, however the hashes are", () => {
    const runs = fc.record({
      rows: fc.array(row, { minLength: 1, maxLength: 600, size: "max" }),
      inTime: fc.boolean(),
      subsorts: fc.boolean(),
      cut: fc.nat(),
    });
    fc.assert(
      fc.property(runs, ({ rows: given, inTime, subsorts, cut }) => {
        scratch.clear();
        const rows = inTime ? given.toSorted((a, b) => Number(a.time - b.time)) : given;
        const hashes = scratch.bigUint64("hashes", rows.length);
        const times = scratch.bigInt64("times", rows.length);
        hashes.set(rows.map((one) => one.hash));
        times.set(rows.map((one) => one.time));
        const keys = {
          hashes: new Uint32Array(hashes.buffer, hashes.byteOffset, 2 * rows.length),
          times,
          subsorts: subsorts ? BigUint64Array.from(rows, (one) => one.subsort) : null,
        };
        const order = new RowOrder(rows.length, keys, 0, scratch);
        const first = cut % (rows.length + 1);
        order.add([
          { first: 0, count: first },
          { first, count: rows.length - first },
        ]);
        const compare = (a: number, b: number) => {
          const [x, y] = [rows[a]!, rows[b]!];
          const ties = subsorts ? Number(x.subsort - y.subsort) : 0;
          const byHash = x.hash < y.hash ? -1 : x.hash > y.hash ? 1 : 0;
          return byHash || Number(x.time - y.time) || ties || a - b;
        };
        const expected = [...rows.keys()].sort(compare);
        assert.deepEqual([...order.order], expected);
        const firsts = [...expected.keys()].filter(
          (at) => at === 0 || rows[expected[at]!]!.hash !== rows[expected[at - 1]!]!.hash,
        );
        assert.deepEqual([...order.firsts], [...firsts, rows.length]);
        for (const [group, at] of firsts.entries()) assert.equal(order.groupOfRow[expected[at]!], group);
      }),
      { numRuns: 200 },
    );
  });
});
