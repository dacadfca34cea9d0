import assert from "node:assert/strict";
import { hostText, hostValue } from "../../src/spark/host-text.ts";
import type { FenlType } from "../../src/values/fenl-type.ts";
import type { HostValue } from "../../src/values/host-value.ts";

describe("values as text between Spark's steps", () => {
  const cases: readonly (readonly [FenlType, HostValue])[] = [
    [{ kind: "list", item: { kind: "i64" } }, [1n, null, -(2n ** 63n)]],
    [{ kind: "list", item: { kind: "u64" } }, [2n ** 64n - 1n]],
    [{ kind: "list", item: { kind: "f64" } }, [0.1, -0, Number.NaN, Number.POSITIVE_INFINITY, -1e-300, 3]],
    [{ kind: "list", item: { kind: "timestamp_ns" } }, [1700000000123456789n]],
    [
      { kind: "map", key: { kind: "string" }, value: { kind: "bool" } },
      [
        ['a"\u2028', true],
        ["", null],
      ],
    ],
    [
      {
        kind: "record",
        fields: [
          { name: "__proto__", type: { kind: "string" } },
          {
            name: "l",
            type: { kind: "list", item: { kind: "record", fields: [{ name: "x", type: { kind: "i32" } }] } },
          },
        ],
      },
      ["ü", [[1], null, [null]]],
    ],
  ];

  for (const [type, value] of cases) {
    it(`keeps ${JSON.stringify(type).slice(0, 70)}`, () => {
      const back = hostValue(type, hostText(type, value));
      assert.deepStrictEqual(back, value);
    });
  }
});
