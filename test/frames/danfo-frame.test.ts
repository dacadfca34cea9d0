import assert from "node:assert/strict";
import { frameWarnings, toDataFrame } from "../../src/frames/danfo-frame.ts";
import { hiddenColumns, loadDanfo } from "../../src/frames/danfo-library.ts";
import { toOutput } from "../../src/frames/output.ts";
import { column, everyType, queryRows } from "./query-rows.ts";

describe("result as a Danfo frame", () => {
  it("has a right cell for every type", () => {
    const frame = toDataFrame(toOutput(queryRows(3, everyType())));
    const values = (name: string) => frame.column(name).values;
    assert.deepEqual(frame.shape, [3, 29]);
    assert.deepEqual(values("_time")[1], new Date("2022-01-01T00:00:01Z"));
    assert.deepEqual(values("_subsort"), ["18446744069414584320", "18446744069414584321", "18446744069414584322"]);
    assert.deepEqual(values("_key_hash")[0], "18446744073709551600");
    assert.deepEqual(values("b"), [true, false, null]);
    assert.deepEqual(values("small"), [1, -2, null]);
    assert.deepEqual(values("i64"), ["-9223372036854775808", "9223372036854775807", null]);
    assert.deepEqual(values("u32"), [0, 4294967295, null]);
    assert.deepEqual(values("u64"), ["0", "18446744073709551615", null]);
    assert.deepEqual(values("f64"), [0.1, Number.NaN, null]);
    assert.deepEqual(values("s"), ["", 'a "b", <c>\u0000é😀', null]);
    assert.deepEqual(values("ts_s"), [new Date(-1000), new Date("2022-01-01T00:00:00Z"), null]);
    assert.deepEqual(values("ts_ms"), [new Date(-1), new Date("2022-01-01T00:00:00.123Z"), null]);
    assert.deepEqual(values("ts_ns"), ["1969-12-31T23:59:59.999999999", "2022-01-01T00:00:00.123456789", null]);
    assert.deepEqual(values("ts_us"), ["1969-12-31T23:59:59.999999000", "2022-01-01T00:00:00.123456000", null]);
    assert.deepEqual(values("day"), [new Date("1969-12-31T00:00:00Z"), new Date("2022-01-01T00:00:00Z"), null]);
    assert.deepEqual(values("list"), ["[]", "[1,null,-3]", null]);
    assert.deepEqual(values("map"), ["{}", '{"a":1.5,"b":null}', null]);
    assert.deepEqual(values("record"), ['{"n":1,"s":"x","tags":["t",null]}', '{"n":null,"s":null,"tags":null}', null]);
    assert.deepEqual(values("nothing"), [null, null, null]);
  });

  it("takes the dtypes from the types", () => {
    const frame = toDataFrame(
      toOutput(
        queryRows(2, [
          column("flag", { kind: "bool" }, [null, null]),
          column("whole", { kind: "f64" }, [1, 2]),
          column("digits", { kind: "string" }, ["1", "2"]),
          column("count", { kind: "i64" }, [null, 3_000_000_000n]),
        ]),
      ),
    );
    assert.deepEqual(frame.dtypes, [
      "datetime",
      "string",
      "string",
      "string",
      "boolean",
      "float32",
      "string",
      "float32",
    ]);
  });

  it("warns of integers that do not fit a number, by column and as a whole", () => {
    const output = toOutput(
      queryRows(2, [
        column("big", { kind: "i64" }, [1n, 9007199254740992n]),
        column("safe", { kind: "i64" }, [-9007199254740991n, 9007199254740991n]),
      ]),
    );
    assert.deepEqual(toDataFrame(output).column("big").values, ["1", "9007199254740992"]);
    assert.deepEqual(toDataFrame(output).column("safe").values, [-9007199254740991, 9007199254740991]);
    assert.equal(frameWarnings(output).length, 1);
    assert.match(frameWarnings(output)[0]!, /"big".*decimal text/);
  });

  it("gives times with a part of a millisecond as text, and Dates only where the whole column allows it", () => {
    const frame = toDataFrame(toOutput(queryRows(2, [], [0n, 1n])));
    assert.deepEqual(frame.column("_time").values, ["1970-01-01T00:00:00.000000000", "1970-01-01T00:00:00.000000001"]);
  });

  it("stays whole with columns named like its members", () => {
    const names = [
      "shape",
      "index",
      "columns",
      "values",
      "size",
      "__proto__",
      "constructor",
      "toString",
      "$data",
      "loc",
      "T",
      "count",
      "sum",
      "then",
      "",
      "a b",
    ];
    const output = toOutput(
      queryRows(
        2,
        names.map((name, n) => column(name, { kind: "i64" }, [BigInt(n), 100n])),
      ),
    );
    const frame = toDataFrame(output);
    assert.deepEqual(frame.shape, [2, names.length + 4]);
    assert.deepEqual(frame.columns.slice(4), names);
    for (const [n, name] of names.entries()) assert.deepEqual(frame.column(name).values, [n, 100], name);
    assert.deepEqual((frame as unknown as Record<string, { values: unknown }>).sum!.values, [12, 100]);
    assert.deepEqual((frame as unknown as Record<string, { values: unknown }>)["a b"]!.values, [15, 100]);
    const derived = frame.loc({ columns: ["shape", "T"] }).head(1);
    assert.deepEqual(derived.shape, [1, 2]);
    assert.deepEqual(derived.column("shape").values, [0]);
    assert.match(frame.toString(), /__proto__|\.\.\./);
    assert.deepEqual(hiddenColumns(names), names.slice(0, 11));
    assert.match(frameWarnings(output).join("\n"), /"shape" is reached as frame\.column\("shape"\)/);
  });

  it("hides from columns every property that Danfo's frames have", () => {
    const { DataFrame } = loadDanfo();
    const members = Object.getOwnPropertyNames(new DataFrame([[1]], { columns: ["a"] })).filter((name) => name !== "a");
    for (let level = DataFrame.prototype; level !== Object.prototype; level = Object.getPrototypeOf(level)) {
      for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
        if (property.get !== undefined || name.startsWith("$")) members.push(name);
      }
    }
    assert.deepEqual(hiddenColumns(members), members);
    assert.ok(members.includes("shape"));
  });

  it("works without rows", () => {
    const frame = toDataFrame(
      toOutput(
        queryRows(
          0,
          everyType().map((full) => column(full.name, full.type, [])),
        ),
      ),
    );
    assert.deepEqual(frame.shape, [0, 29]);
    assert.equal(frame.columns[4], "b");
    assert.deepEqual(frame.column("i64").values, []);
    assert.deepEqual(frame.column("day").values, []);
  });

  it("answers ordinary questions about its columns", () => {
    const frame = toDataFrame(toOutput(queryRows(3, [column("x", { kind: "i64" }, [1n, 2n, 6n])])));
    assert.equal((frame as unknown as Record<string, { mean(): number }>).x!.mean(), 3);
    assert.deepEqual(frame.query(frame.column("x").gt(1)).column("x").values, [2, 6]);
    assert.deepEqual(frame.sortValues("x", { ascending: false }).column("_key").values, ["e2", "e1", "e0"]);
    assert.deepEqual(frame.column("_time").values[0], new Date("2022-01-01T00:00:00Z"));
  });
});
