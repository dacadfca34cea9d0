import assert from "node:assert/strict";
import fc from "fast-check";
import { distinctValues } from "../../src/functions/distinct-values.ts";
import { equalityKey } from "../../src/functions/value-order.ts";
import type { FenlType } from "../../src/values/fenl-type.ts";
import type { HostValue } from "../../src/values/host-value.ts";

const record: FenlType = {
  kind: "record",
  fields: [
    { name: "a", type: { kind: "i64" } },
    { name: "b", type: { kind: "string" } },
  ],
};
const KINDS: readonly { readonly type: FenlType; readonly values: readonly HostValue[] }[] = [
  { type: { kind: "f64" }, values: [0, -0, 1, -1, Number.NaN, 0.1, Number.POSITIVE_INFINITY, 2 ** 53, 1e-300] },
  { type: { kind: "i64" }, values: [0n, 1n, -1n, 2n ** 62n, 2n ** 32n, -(2n ** 63n)] },
  { type: { kind: "u64" }, values: [0n, 1n, 2n ** 64n - 1n, 2n ** 63n] },
  { type: { kind: "i32" }, values: [0, 1, -1, 2 ** 31 - 1] },
  { type: { kind: "bool" }, values: [true, false] },
  { type: { kind: "string" }, values: ["", "a", "1", "true", "\ud800", "☃"] },
  {
    type: record,
    values: [
      [1n, "a"],
      [1n, null],
      [null, null],
      [1n, '"'],
      [11n, "a"],
    ],
  },
];

describe("distinct values", () => {
  for (const { type, values } of KINDS) {
    it(`are as many as there are different ones, whatever comes and goes: ${type.kind}`, () => {
      const step = fc.record({ index: fc.nat({ max: values.length - 1 }), remove: fc.boolean() });
      fc.assert(
        fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
          const [distinct, kept] = [distinctValues(type, true), distinctValues(type, false)];
          const model = new Map<string, number>();
          const ever = new Set<string>();
          for (const { index, remove } of steps) {
            const value = values[index]!;
            const key = equalityKey(type, value);
            const times = model.get(key) ?? 0;
            if (remove) {
              distinct.remove(value);
              if (times > 1) model.set(key, times - 1);
              else model.delete(key);
            } else {
              distinct.add(value);
              kept.add(value);
              ever.add(key);
              model.set(key, times + 1);
            }
            assert.equal(distinct.size, model.size);
            assert.equal(kept.size, ever.size);
          }
        }),
      );
    });
  }

  it("are found again among many, after others were taken out", () => {
    const distinct = distinctValues({ kind: "i64" }, true);
    for (let value = 0n; value < 5000n; value++) distinct.add(value * 0x100000001n);
    for (let value = 0n; value < 5000n; value += 3n) distinct.remove(value * 0x100000001n);
    const left = distinct.size;
    assert.equal(left, 3333);
    for (let value = 0n; value < 5000n; value++) if (value % 3n !== 0n) distinct.add(value * 0x100000001n);
    assert.equal(distinct.size, left);
  });

  it("are texts that come and go, of which many are gone", () => {
    const distinct = distinctValues({ kind: "string" }, true);
    for (let value = 0; value < 5000; value++) {
      distinct.add(`text ${value}`);
      distinct.add(`text ${value % 10}`);
      if (value >= 100) distinct.remove(`text ${value - 100}`);
    }
    // Those up to 9 were added more often than they were taken out.
    assert.equal(distinct.size, 110);
    assert.ok(distinct.bytes < 100_000, `${distinct.bytes} bytes`);
    for (let value = 4900; value < 5000; value++) distinct.remove(`text ${value}`);
    distinct.remove("text 10");
    assert.equal(distinct.size, 10);
  });

  it("are those of both where they are joined", () => {
    const [all, some] = [distinctValues({ kind: "f64" }, true), distinctValues({ kind: "f64" }, true)];
    for (const value of [1, 2, 3]) all.add(value);
    for (const value of [3, 4]) some.add(value);
    all.addAll(some);
    assert.equal(all.size, 4);
    all.remove(3);
    assert.equal(all.size, 4);
  });
});
