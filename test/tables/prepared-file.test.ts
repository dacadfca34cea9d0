import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { columnOf, valueAt } from "../../src/tables/column-data.ts";
import { readPrepared } from "../../src/tables/prepared/read-prepared.ts";
import { preparedBytes } from "../../src/tables/prepared/write-prepared.ts";
import type { PreparedFile } from "../../src/tables/table-snapshot.ts";
import { writeNewFile } from "../../src/tables/write-new-file.ts";
import type { FenlType, ScalarKind } from "../../src/values/fenl-type.ts";
import { typeName } from "../../src/values/fenl-type.ts";
import type { HostValue } from "../../src/values/host-value.ts";

const scalar = (kind: ScalarKind): FenlType => ({ kind });
const list = (item: FenlType): FenlType => ({ kind: "list", item });
const record = (fields: Record<string, FenlType>): FenlType => ({
  kind: "record",
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
});

const COLUMNS: readonly (readonly [FenlType, readonly HostValue[]])[] = [
  [scalar("bool"), [true, null, false]],
  [scalar("i8"), [-128, null, 127]],
  [scalar("i16"), [-32768, null, 32767]],
  [scalar("i32"), [-2147483648, null, 2147483647]],
  [scalar("i64"), [-(2n ** 63n), null, 2n ** 63n - 1n]],
  [scalar("u8"), [255, null, 0]],
  [scalar("u16"), [65535, null, 0]],
  [scalar("u32"), [4294967295, null, 1]],
  [scalar("u64"), [2n ** 64n - 1n, null, 0n]],
  [scalar("f16"), [1.5, null, -65504]],
  [scalar("f32"), [Math.fround(0.1), null, Number.POSITIVE_INFINITY]],
  [scalar("f64"), [Number.NaN, null, -0]],
  [scalar("string"), ["a☃😀", "", "__proto__"]],
  [scalar("string"), ["plain", null, "ascii"]],
  [scalar("large_string"), [null, null, null]],
  [scalar("json"), ['{"a":1}', null, "{}"]],
  [scalar("timestamp_s"), [1n, -1n, null]],
  [scalar("timestamp_ms"), [1n, -1n, null]],
  [scalar("timestamp_us"), [1n, -1n, null]],
  [scalar("timestamp_ns"), [1n, -1n, null]],
  [scalar("date32"), [1, null, -1]],
  [scalar("date64"), [86400000n, null, -86400000n]],
  [scalar("duration_s"), [5n, null, -5n]],
  [scalar("duration_ns"), [5n, null, -5n]],
  [scalar("interval_days"), [5, null, -5]],
  [scalar("interval_months"), [5, null, -5]],
  [scalar("null"), [null, null, null]],
  [list(scalar("string")), [["a", null, "b"], null, []]],
  [list(list(scalar("u8"))), [[[1, 2], null, []], null, []]],
  [list(record({ x: scalar("f64") })), [[[1.5], null, [null]], null, []]],
  [
    { kind: "map", key: scalar("string"), value: scalar("i64") },
    [
      [
        ["a", 1n],
        ["b", null],
      ],
      null,
      [],
    ],
  ],
  [record({ x: scalar("string"), y: record({ z: scalar("timestamp_us") }) }), [["q", [1n]], null, [null, null]]],
  [record({ x: scalar("i64"), y: list(scalar("bool")) }), [[1n, [true]], null, [null, null]]],
];

describe("a prepared file", () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "fenl-prepared-"));
  });
  after(() => rmSync(directory, { recursive: true }));

  const write = (name: string, columns: readonly (readonly [string, FenlType, readonly HostValue[]])[]) => {
    const path = join(directory, name);
    const bytes = preparedBytes({
      key: null,
      keyHash: BigUint64Array.of(0n, 1n, 2n ** 64n - 1n),
      time: BigInt64Array.of(-1n, 0n, 2n ** 63n - 1n),
      subsort: BigUint64Array.of(2n ** 64n - 1n, 0n, 7n),
      columns: columns.map(([column, type, values]) => ({ name: column, ...columnOf(type, values) })),
    });
    writeNewFile(path, bytes, true);
    const file: PreparedFile = {
      path,
      rows: 3,
      firstKeyHash: "0",
      lastKeyHash: "18446744073709551615",
      firstTime: "-1",
      lastTime: "9223372036854775807",
      distinct: true,
    };
    return { file, bytes };
  };

  for (const [index, [type, values]] of COLUMNS.entries()) {
    it(`gives back a column of ${typeName(type)} (${index})`, () => {
      const { file } = write(`${index}.arrow`, [["c", type, values]]);
      const read = readPrepared(file, ["c"]);
      const column = read.columns.get("c")!;
      assert.deepEqual(column.type, type);
      assert.deepEqual(
        values.map((_, row) => valueAt(column, row)),
        values,
      );
    });
  }

  it("gives back the identity and only the columns asked for", () => {
    const { file } = write(
      "identity.arrow",
      COLUMNS.map(([type, values], index) => [`c${index}`, type, values]),
    );
    const read = readPrepared(file, ["c3"]);
    assert.deepEqual([...read.keyHash], [0n, 1n, 2n ** 64n - 1n]);
    assert.deepEqual([...read.time], [-1n, 0n, 2n ** 63n - 1n]);
    assert.deepEqual([...read.subsort], [2n ** 64n - 1n, 0n, 7n]);
    assert.deepEqual([...read.columns.keys()], ["c3"]);
    assert.equal(readPrepared(file, []).columns.size, 0);
  });

  it("keeps columns with hostile names apart from its own", () => {
    const names = ["_time", "_key_hash", ".a", "", "__proto__", "constructor", "a b\n", "☃"];
    const { file } = write(
      "names.arrow",
      names.map((name, index) => [name, scalar("i32"), [index, index, index]]),
    );
    const read = readPrepared(file, names);
    for (const [index, name] of names.entries()) assert.equal(read.columns.get(name)!.values[0], index);
    assert.equal(read.time[0], -1n);
  });

  it("is damaged where it is cut off anywhere, or what it says of itself is not so", () => {
    const { file, bytes } = write(
      "whole.arrow",
      COLUMNS.map(([type, values], index) => [`c${index}`, type, values]),
    );
    const path = join(directory, "part.arrow");
    const end = bytes.subarray(bytes.length - 10);
    for (let size = 0; size < bytes.length; size += 611) {
      writeFileSync(path, bytes.subarray(0, size));
      assert.throws(() => readPrepared({ ...file, path }, []), /part\.arrow is damaged/, `${size} bytes`);
      writeFileSync(path, Buffer.concat([bytes.subarray(0, size), end]));
      assert.throws(() => readPrepared({ ...file, path }, []), /part\.arrow is damaged/, `${size} bytes and the end`);
    }
    let refused = 0;
    for (let at = 0; at + 4 <= bytes.length; at += 36) {
      const other = Uint8Array.from(bytes);
      other.set([0xff, 0xff, 0xff, 0x7f], at);
      writeFileSync(path, other);
      try {
        readPrepared({ ...file, path }, []);
      } catch (error) {
        // Of what is not looked at before, its checksum tells.
        assert.match(String(error), /part\.arrow( is damaged|$)|^SyntaxError/, `at ${at}`);
        refused++;
      }
    }
    assert.ok(refused > 10, `${refused}`);
  });

  it("says so when the file is gone or has other rows", () => {
    const { file, bytes } = write("rows.arrow", []);
    assert.throws(() => readPrepared({ ...file, rows: 4 }, []), /is damaged: it holds 3 rows, and 4 were written/);
    assert.throws(
      () => readPrepared({ ...file, path: join(directory, "none.arrow") }, []),
      /cannot be read \(ENOENT\)/,
    );
    const cut = join(directory, "cut.arrow");
    writeFileSync(cut, bytes.subarray(0, bytes.length >> 1));
    assert.throws(() => readPrepared({ ...file, path: cut }, []), /cut\.arrow is damaged/);
    assert.throws(() => readPrepared(file, ["none"]), /no field "\.none"/);
  });
});
