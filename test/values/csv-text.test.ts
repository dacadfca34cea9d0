import assert from "node:assert/strict";
import fc from "fast-check";
import { csvCell, csvLine, formatFloat, formatFloat32 } from "../../src/values/csv-text.ts";
import type { FenlType } from "../../src/values/fenl-type.ts";

describe("CSV text", () => {
  it("writes doubles as the reference does", () => {
    const expected: [number, string][] = [
      [10, "10.0"],
      [4e9, "4000000000.0"],
      [9999999999, "9999999999.0"],
      [1e10, "1.0e10"],
      [0.00001, "0.00001"],
      [0.000001, "1.0e-6"],
      [2.648912212984347e10, "2.648912212984347e10"],
      [2.280122041201667e36, "2.280122041201667e36"],
      [-1.25, "-1.25"],
      [0, "0.0"],
      [-0, "-0.0"],
      [Number.NaN, "NaN"],
      [Number.POSITIVE_INFINITY, "inf"],
      [Number.NEGATIVE_INFINITY, "-inf"],
      [5e-324, "5.0e-324"],
    ];
    for (const [value, text] of expected) assert.equal(formatFloat(value), text);
  });

  it("writes doubles and singles that read back as themselves", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        assert.ok(Object.is(Number(formatFloat(value)), value));
        const single = Math.fround(value);
        if (Number.isFinite(single)) assert.ok(Object.is(Math.fround(Number(formatFloat32(single))), single));
      }),
    );
    assert.equal(formatFloat32(Math.fround(0.1)), "0.1");
    assert.equal(formatFloat32(Math.fround(1e10)), "1.0e10");
    assert.equal(formatFloat32(16777216), "16777216.0");
  });

  it("quotes a cell where CSV needs it, and only there", () => {
    const text: FenlType = { kind: "string" };
    assert.equal(csvCell(text, "plain ' text"), "plain ' text");
    assert.equal(csvCell(text, 'a"b'), '"a""b"');
    assert.equal(csvCell(text, "a,b"), '"a,b"');
    assert.equal(csvCell(text, "a\r"), '"a\r"');
    assert.equal(csvCell(text, ""), "");
    assert.equal(csvCell(text, null), "");
    assert.equal(csvLine([""]), '""');
    assert.equal(csvLine(["", ""]), ",");
  });

  it("writes every scalar type", () => {
    assert.equal(csvCell({ kind: "bool" }, true), "true");
    assert.equal(csvCell({ kind: "u64" }, 18446744073709551615n), "18446744073709551615");
    assert.equal(csvCell({ kind: "date32" }, 19000), "2022-01-08");
    assert.equal(csvCell({ kind: "timestamp_s" }, 253402300799n), "9999-12-31T23:59:59.000000000");
    assert.equal(csvCell({ kind: "timestamp_us" }, -1n), "1969-12-31T23:59:59.999999000");
    assert.equal(csvCell({ kind: "f32" }, Math.fround(0.3)), "0.3");
    assert.equal(csvCell({ kind: "duration_s" }, 5n), "5");
  });

  it("writes lists, maps and records as quoted JSON", () => {
    const cell = csvCell({ kind: "list", item: { kind: "i64" } }, [1n, null, 9007199254740993n]);
    assert.equal(cell, '"[1,null,9007199254740993]"');
    const map: FenlType = { kind: "map", key: { kind: "string" }, value: { kind: "f64" } };
    assert.equal(csvCell(map, [["k", Number.NaN]]), '"{""k"":""NaN""}"');
    const record: FenlType = { kind: "record", fields: [{ name: "__proto__", type: { kind: "timestamp_ns" } }] };
    assert.equal(csvCell(record, [0n]), '"{""__proto__"":""1970-01-01T00:00:00.000000000""}"');
  });
});
