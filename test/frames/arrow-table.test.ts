import assert from "node:assert/strict";
import { tableFromIPC } from "apache-arrow";
import { toArrowFile } from "../../src/frames/arrow-file.ts";
import { toArrowTable } from "../../src/frames/arrow-table.ts";
import { toOutput } from "../../src/frames/output.ts";
import { column, everyType, queryRows } from "./query-rows.ts";

describe("result as an Arrow table", () => {
  it("keeps the value of every type, in memory and through a file", () => {
    const output = toOutput(queryRows(3, everyType()));
    for (const table of [toArrowTable(output), tableFromIPC(toArrowFile(output))]) {
      const values = (name: string) => Array.from(table.getChild(name)!, (value) => value);
      const raw = (name: string) => Array.from(table.getChild(name)!.data[0]!.values as BigInt64Array);
      assert.deepEqual(values("b"), [true, false, null]);
      assert.deepEqual(values("i8"), [-128, 127, null]);
      assert.deepEqual(values("u32"), [0, 4294967295, null]);
      assert.deepEqual(values("i64"), [-9223372036854775808n, 9223372036854775807n, null]);
      assert.deepEqual(values("u64"), [0n, 18446744073709551615n, null]);
      assert.deepEqual(values("f64"), [0.1, Number.NaN, null]);
      assert.deepEqual(values("f32"), [Math.fround(0.1), Number.NEGATIVE_INFINITY, null]);
      assert.deepEqual(values("f16"), [1.5, -0.25, null]);
      assert.deepEqual(values("s"), ["", 'a "b", <c>\u0000é😀', null]);
      assert.deepEqual(values("large"), ["x", "x", null]);
      assert.deepEqual(raw("ts_ns").slice(0, 2), [-1n, 1_640_995_200_123_456_789n]);
      assert.deepEqual(raw("ts_s").slice(0, 2), [-1n, 1_640_995_200n]);
      assert.equal(String(table.getChild("ts_ns")!.type), "Timestamp<NANOSECOND>");
      assert.equal(String(table.getChild("s")!.type), "Dictionary<Int32, Utf8>");
      assert.deepEqual(Array.from(table.getChild("day")!.data[0]!.values as Int32Array).slice(0, 2), [-1, 18993]);
      assert.deepEqual(
        JSON.stringify(values("list"), (_, v) => (typeof v === "bigint" ? `${v}` : v)),
        '[[],["1",null,"-3"],null]',
      );
      assert.equal(table.getChild("map")!.get(1)!.toString(), '{"a": 1.5, "b": null}');
      assert.equal(table.getChild("map")!.get(2), null);
      assert.equal(table.getChild("record")!.get(0)!.n, 1n);
      assert.deepEqual([...table.getChild("record")!.get(0)!.tags], ["t", null]);
      assert.equal(table.getChild("record")!.get(1)!.s, null);
      assert.equal(table.getChild("record")!.get(2), null);
      assert.deepEqual(values("nothing"), [null, null, null]);
      assert.deepEqual(values("_subsort"), [0xffff_ffff_0000_0000n, 0xffff_ffff_0000_0001n, 0xffff_ffff_0000_0002n]);
      assert.deepEqual(values("_key"), ["e0", "e1", "e2"]);
      assert.deepEqual(
        table.schema.fields.slice(0, 4).map((field) => field.name),
        ["_time", "_subsort", "_key_hash", "_key"],
      );
    }
  });

  it("shares the buffers of 64-bit columns with the result", () => {
    const rows = queryRows(2, [column("x", { kind: "i64" }, [1n, 2n])]);
    const table = toArrowTable(toOutput(rows));
    assert.equal(table.getChild("_time")!.data[0]!.values.buffer, rows.rows.time.buffer);
  });

  it("has a schema also without rows", () => {
    const empty = everyType().map((full) => column(full.name, full.type, []));
    const table = tableFromIPC(toArrowFile(toOutput(queryRows(0, empty))));
    assert.equal(table.numRows, 0);
    assert.equal(table.schema.fields.length, empty.length + 4);
  });

  it("renames a field that would repeat an identity column, and says so", () => {
    const output = toOutput(
      queryRows(1, [column("_key", { kind: "i64" }, [7n]), column("_key_1", { kind: "i64" }, [8n])]),
    );
    assert.deepEqual(
      output.columns.slice(4).map((entry) => entry.name),
      ["_key_2", "_key_1"],
    );
    assert.match(output.warnings.join(), /field "_key" is named "_key_2"/);
  });
});
