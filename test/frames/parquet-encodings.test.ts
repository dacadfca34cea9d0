import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import type { DuckDBBlobValue } from "@duckdb/node-api";
import { tableFromIPC } from "apache-arrow";
import fc from "fast-check";
import wabt from "wabt";
import type { Allocate } from "../../src/execute/rows/allocate.ts";
import type { Dictionary, ListParts, QueryRows, RowSetColumn } from "../../src/execute/rows/row-set.ts";
import { textBytes } from "../../src/execute/rows/text-bytes.ts";
import { arrowArray, columnData } from "../../src/frames/arrow-table.ts";
import { distinctNames } from "../../src/frames/distinct-names.ts";
import { type Output, toOutput } from "../../src/frames/output.ts";
import { ENCODE_BINARY } from "../../src/frames/parquet/encode-binary.ts";
import { EncodeMemory } from "../../src/frames/parquet/encode-kernels.ts";
import { ENCODE_WAT } from "../../src/frames/parquet/encode-wat.ts";
import { arrowStream, libraryFile } from "../../src/frames/parquet/foreign-chunks.ts";
import { writeParquet } from "../../src/frames/parquet/parquet-export.ts";
import { forParquet } from "../../src/frames/parquet/parquet-types.ts";
import { Scratch } from "../../src/tables/bulk/scratch.ts";
import type { FenlType } from "../../src/values/fenl-type.ts";
import type { HostValue } from "../../src/values/host-value.ts";
import { DuckDbReader } from "./duckdb-reader.ts";
import { column, queryRows } from "./query-rows.ts";

const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const double = fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 1.5));
const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.constantFrom("", "tea", "naïve 😀", "a".repeat(300)),
);

/** Types of fields, and values of theirs: of many kinds, few distinct ones, or near each other. */
const FIELDS: readonly (readonly [FenlType, fc.Arbitrary<HostValue>])[] = [
  [{ kind: "i64" }, fc.oneof(long, fc.bigInt({ min: 0n, max: 9n }))],
  [{ kind: "u64" }, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })],
  [{ kind: "i32" }, fc.oneof(fc.integer(), fc.integer({ min: 990, max: 1000 }))],
  [{ kind: "u32" }, fc.integer({ min: 0, max: 2 ** 32 - 1 })],
  [{ kind: "i8" }, fc.integer({ min: -128, max: 127 })],
  [{ kind: "u16" }, fc.integer({ min: 0, max: 65_535 })],
  [{ kind: "f64" }, double],
  [{ kind: "f32" }, double.map(Math.fround)],
  [{ kind: "bool" }, fc.boolean()],
  [{ kind: "date32" }, fc.integer({ min: -100_000, max: 100_000 })],
  [{ kind: "timestamp_s" }, fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n })],
  [{ kind: "timestamp_ns" }, fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n })],
  [{ kind: "string" }, text],
  [{ kind: "null" }, fc.constant(null)],
  [{ kind: "list", item: { kind: "string" } }, fc.array(fc.option(text), { maxLength: 3 })],
  [{ kind: "list", item: { kind: "f64" } }, fc.array(fc.option(double), { maxLength: 4 })],
  [{ kind: "list", item: { kind: "bool" } }, fc.array(fc.option(fc.boolean()), { maxLength: 9 })],
];

const field = fc.constantFrom(...FIELDS).chain(([type, value]) =>
  fc.record({
    type: fc.constant(type),
    /** What rows have, one after the other and over again: few of them are few distinct values. */
    values: fc.array(value, { minLength: 1, maxLength: 40 }),
    /** Every so many rows, one is null; none is where it is 0. */
    nulls: fc.constantFrom(0, 1, 2, 9),
    name: fc.oneof(fc.constantFrom("", "a", "A", "_time", 'x"; --', "ü.b", "list"), fc.string({ maxLength: 9 })),
  }),
);

const outputs = fc
  .record({
    rows: fc.oneof(fc.constantFrom(0, 1, 7, 8, 9, 127, 128, 129, 130), fc.integer({ min: 0, max: 700 })),
    fields: fc.array(field, { minLength: 1, maxLength: 8 }),
    keys: fc.constantFrom(1, 2, 5, 300, 10_000),
    strayHash: fc.boolean(),
    isShared: fc.boolean(),
    isInRowOrder: fc.boolean(),
    /** So many rows, one after the other, are of one entity and have one value of each field. */
    run: fc.constantFrom(1, 1, 6, 40),
    /** What texts in the order of rows begin with. */
    front: fc.constantFrom("", "u01/item ", "é😀".repeat(30)),
  })
  .map(({ rows, fields, keys, strayHash, isShared, isInRowOrder, run, front }) => {
    const columns = fields.map(({ type, values, nulls, name }) => {
      const own = Array.from({ length: rows }, (_, row) =>
        nulls > 0 && row % nulls === nulls - 1 ? null : values[Math.floor(row / run) % values.length]!,
      );
      const made = column(name, type, own);
      const one = nulls === 0 && type.kind !== "null" ? withoutValidity(made, own) : made;
      return isInRowOrder && type.kind === "string" ? inRowOrder(one, own, values, front) : one;
    });
    const answer = queryRows(rows, isShared ? columns.map(inSharedMemory) : columns);
    const entity = (row: number) => Math.floor(row / run) ** 2 % keys;
    const keyHash = answer.rows.keyHash.map((_, row) => BigInt(entity(row)) * 0x9e3779b97f4a7c15n);
    if (strayHash && rows > 3) keyHash[3]! += 1n;
    const names = Array.from({ length: rows }, (_, row) => `entity ${entity(row)}`);
    const distinct = [...new Set(names)];
    const key: RowSetColumn = {
      name: "_key",
      type: { kind: "string" },
      values: Int32Array.from(names, (name) => distinct.indexOf(name)),
      dictionary: distinct,
    };
    return toOutput({ rows: { ...answer.rows, keyHash }, key } satisfies QueryRows);
  });

function withoutValidity({ valid: _valid, ...rest }: RowSetColumn, own: readonly HostValue[]): RowSetColumn {
  return own.includes(null) ? { ...rest, valid: _valid! } : rest;
}

/** A column of texts that has one for each row; where that is null, an empty one or, where others begin so, any text. */
function inRowOrder(
  one: RowSetColumn,
  own: readonly HostValue[],
  [first]: readonly HostValue[],
  front: string,
): RowSetColumn {
  const none = `${first}`.startsWith("t") ? "never read" : "";
  const dictionary = own.map((text) => (text === null ? none : `${front}${text}`));
  return { ...one, values: Int32Array.from(own.keys()), dictionary };
}

/** The column in memory that all threads see, as results have it: texts as bytes, lists as parts of a column. */
function inSharedMemory(one: RowSetColumn): RowSetColumn {
  const { type, dictionary } = one;
  if (type.kind === "list" && dictionary) return { ...shareValues(one), dictionary: listParts(type.item, dictionary) };
  const texts = type.kind === "string" && dictionary && textBytes(dictionary as string[], false, shareArray);
  return { ...shareValues(one), ...(texts ? { dictionary: texts } : {}) };
}

const shareArray: Allocate = (like, length) =>
  new (like.constructor as new (buffer: SharedArrayBuffer, at: number, length: number) => typeof like)(
    new SharedArrayBuffer(length * like.BYTES_PER_ELEMENT),
    0,
    length,
  );

/** Lists as parts of one column, the same ones at the same place, and items before and behind them that are in none. */
function listParts(item: FenlType, lists: Dictionary): ListParts {
  const known = new Map<unknown, number>();
  const items: HostValue[] = [null];
  const all = lists as readonly (readonly HostValue[] | "never used")[];
  const sizes = all.map((list) => (list === "never used" ? 0 : list.length));
  const starts = all.map((list) => {
    if (list === "never used") return 0;
    const start = known.get(list) ?? items.length;
    if (start === items.length) items.push(...list);
    known.set(list, start);
    return start;
  });
  const made = column("item", item, [...items, null]);
  const share = (values: readonly number[]): Int32Array => {
    const shared = shareArray(new Int32Array(0), values.length);
    shared.set(values);
    return shared;
  };
  const isWhole = !items.slice(1).includes(null);
  const { valid: _valid, ...whole } = made;
  return {
    kind: "lists",
    starts: share(starts),
    ends: share(starts.map((start, index) => start + sizes[index]!)),
    items: inSharedMemory(isWhole ? whole : made),
  };
}

function shareValues(one: RowSetColumn): RowSetColumn {
  const values = new SharedArrayBuffer(one.values.byteLength);
  const copy = new (one.values.constructor as new (buffer: SharedArrayBuffer) => RowSetColumn["values"])(values);
  (copy.set as (from: RowSetColumn["values"]) => void)(one.values);
  return { ...one, values: copy };
}

/** The output as a file that the Parquet library has made all of. */
async function libraryParquet(output: Output, path: string): Promise<string> {
  const names = distinctNames(output.columns.map(({ name }) => name));
  const nothing = Array(output.rows).fill(null);
  const arrays = output.columns.map((one) =>
    one.type.kind === "null"
      ? arrowArray({ kind: "string" }, nothing)
      : columnData(forParquet(one), output.rows, "plain"),
  );
  writeFileSync(path, await libraryFile(arrowStream(names, arrays, output.rows), output.rows));
  return path;
}

describe("the encodings of a Parquet file", function () {
  this.timeout(120_000);
  const duckdb = new DuckDbReader("fenl-encodings-");
  const rowsOf = async (path: string) => (await duckdb.query(`SELECT * FROM '${path}'`)).getRows();
  const schemaOf = (path: string) => duckdb.schemaOf(path);

  it("hold what the Parquet library's file holds, whatever the values, their nulls and their names are", async () => {
    await fc.assert(
      fc.asyncProperty(outputs, fc.constantFrom(1, 8, 33, 128, 1000), async (output, groupRows) => {
        const known = await libraryParquet(output, duckdb.path("known.parquet"));
        const own = await writeParquet(output, duckdb.path("own.parquet"), {
          rows: output.rows > 300 ? Math.max(100, groupRows) : groupRows,
          threads: 1,
        });
        assert.deepEqual(await schemaOf(own), await schemaOf(known));
        assert.deepEqual(await rowsOf(own), await rowsOf(known));
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  it("tell the least and greatest numbers and times, and how many rows are null", async () => {
    const rows = 5;
    const columns = [
      column("i", { kind: "i64" }, [3n, null, -2n, 5n, null]),
      column("u", { kind: "u32" }, [3, 2 ** 32 - 1, 2 ** 31, 1, 2]),
      column("f", { kind: "f64" }, [1.5, Number.NaN, -0.5, null, 7.25]),
      column("nan", { kind: "f64" }, [Number.NaN, null, null, null, null]),
      column("zero", { kind: "f32" }, [0, 0, 0, 0, 0]),
      column("b", { kind: "bool" }, [true, true, null, true, true]),
      column("none", { kind: "i32" }, [null, null, null, null, null]),
      column("t", { kind: "string" }, ["a", null, "b", "c", "d"]),
    ];
    const path = await writeParquet(toOutput(queryRows(rows, columns)), duckdb.path("statistics.parquet"));
    const found = await duckdb.query(
      `SELECT path_in_schema, stats_min_value, stats_max_value, stats_null_count::INT FROM parquet_metadata('${path}')
        WHERE path_in_schema NOT LIKE '\\_%' ESCAPE '\\'`,
    );
    assert.deepEqual(found.getRows(), [
      ["i", "-2", "5", 2],
      ["u", "1", "4294967295", 0],
      ["f", "-0.5", "7.25", 1],
      ["nan", null, null, 4],
      ["zero", "-0.0", "0.0", 0],
      ["b", "true", "true", 1],
      ["none", null, null, 5],
      ["t", null, null, 1],
    ]);
  });

  it("are chosen by what takes less room", async () => {
    const rows = 20_000;
    const all = Array.from({ length: rows }, (_, row) => row);
    const columns = [
      column(
        "count",
        { kind: "i64" },
        all.map((row) => BigInt(row % 50)),
      ),
      column(
        "few",
        { kind: "f64" },
        all.map((row) => (row % 7) / 3),
      ),
      column(
        "random",
        { kind: "f64" },
        all.map((row) => Math.sin(row)),
      ),
      column("same", { kind: "string" }, Array(rows).fill("tea")),
    ];
    const path = await writeParquet(toOutput(queryRows(rows, columns)), duckdb.path("sizes.parquet"));
    const found = await duckdb.query(
      `SELECT path_in_schema, sum(total_compressed_size)::INT FROM parquet_metadata('${path}') GROUP BY 1`,
    );
    const size = new Map(found.getRows() as [string, number][]);
    assert.ok(size.get("_time")! < rows, "times of one distance");
    assert.ok(size.get("_subsort")! < rows, "numbers one after the other");
    assert.ok(size.get("count")! < rows);
    assert.ok(size.get("few")! < rows);
    assert.ok(size.get("random")! < 8.1 * rows);
    assert.ok(size.get("same")! < 9 * rows);
  });

  it("copy texts that are all different and lie in order, over several pages and row groups", async () => {
    const rows = 9000;
    const texts = Array.from({ length: rows }, (_, row) => `${row}${"é-".repeat((row * 7) % 300)}`);
    texts[17] = "";
    const answer = queryRows(rows, [inSharedMemory(column("t", { kind: "string" }, texts))]);
    const path = duckdb.path("texts.parquet");
    await writeParquet(toOutput(answer), path, { rows: 5000, threads: 1 });
    const found = await duckdb.query(`SELECT t FROM '${path}'`);
    assert.deepEqual(
      found.getRows().map(([text]) => text),
      texts,
    );
  });

  it("tell what texts share with those before them, where that is a third of them or more", async () => {
    const rows = 30_000;
    const ofEntity = (row: number) => `u${String(Math.floor(row / 40) * 7919).padStart(7, "0")}`;
    const texts = Array.from({ length: rows }, (_, row) => `${ofEntity(row)}/${(row * 7919) % 5000}é${row % 3}`);
    const unlike = texts.map((text) => [...text].reverse().join(""));
    const columns = [
      inSharedMemory(column("front", { kind: "string" }, texts)),
      inSharedMemory(column("unlike", { kind: "string" }, unlike)),
    ];
    const path = duckdb.path("fronts.parquet");
    await writeParquet(toOutput(queryRows(rows, columns)), path, { rows: 20_000, threads: 1 });
    const encodings = await duckdb.query(
      `SELECT path_in_schema, bool_and(encodings LIKE '%DELTA_BYTE_ARRAY%') FROM parquet_metadata('${path}')
        WHERE path_in_schema IN ('front', 'unlike') GROUP BY 1 ORDER BY 1`,
    );
    assert.deepEqual(encodings.getRows(), [
      ["front", true],
      ["unlike", false],
    ]);
    const found = await duckdb.query(`SELECT front, "unlike" FROM '${path}'`);
    assert.deepEqual(
      found.getRows(),
      texts.map((text, row) => [text, unlike[row]]),
    );
  });

  it("tell once what many rows one after the other have", async () => {
    const rows = 30_000;
    const names = Array.from({ length: 900 }, (_, index) => `user ${(index * 7919) % 900}`);
    const own = Array.from({ length: rows }, (_, row) => names[Math.floor(row / 45)]!);
    const hashes = BigUint64Array.from(names, (_, index) => BigInt(index) * 0x9e3779b97f4a7c15n);
    const codes = Int32Array.from(own, (name) => names.indexOf(name));
    const key = { ...column("_key", { kind: "string" }, own), values: codes, dictionary: names, hashes };
    const { valid: _valid, ...whole } = key;
    const texts = own.map((name, row) => (row % 1000 === 5 ? null : `${name}!`));
    const answer = queryRows(rows, [column("t", { kind: "string" }, texts)]);
    const path = await writeParquet(toOutput({ ...answer, key: whole }), duckdb.path("runs.parquet"), { rows: 20_000 });
    const found = await duckdb.query(`SELECT _key_hash, _key, t FROM '${path}'`);
    assert.deepEqual(
      found.getRows(),
      texts.map((text, row) => [hashes[codes[row]!], own[row], text]),
    );
    const sizes = await duckdb.query(
      `SELECT sum(total_compressed_size)::INT FROM parquet_metadata('${path}')
        WHERE path_in_schema IN ('_key_hash', '_key', 't') GROUP BY path_in_schema`,
    );
    for (const [size] of sizes.getRows()) assert.ok(Number(size) < 28_000, `${size}`);
  });

  it("are said to be written by this version", async () => {
    const path = await writeParquet(toOutput(queryRows(0, [])), duckdb.path("version.parquet"));
    const found = await duckdb.query(`SELECT created_by FROM parquet_file_metadata('${path}')`);
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    assert.deepEqual(found.getRows(), [[`fenl version ${version}`]]);
  });

  it("are not told of in the Arrow schema, whose readers look for all texts of a dictionary if it has one", async () => {
    const columns = [column("t", { kind: "string" }, ["a", null]), column("none", { kind: "null" }, [null, null])];
    const path = await writeParquet(toOutput(queryRows(2, columns)), duckdb.path("schema.parquet"));
    const found = await duckdb.query(`SELECT value FROM parquet_kv_metadata('${path}') WHERE key = 'ARROW:schema'`);
    const [[stored]] = found.getRows() as [[DuckDBBlobValue]];
    const { schema } = tableFromIPC(Buffer.from(Buffer.from(stored.bytes).toString(), "base64"));
    const types = schema.fields.map(({ name, type }) => [name, `${type}`]);
    assert.deepEqual(types.slice(-2), [
      ["t", "Utf8"],
      ["none", "Utf8"],
    ]);
  });

  it("keep the assembled module equal to its text", async () => {
    const module = (await wabt()).parseWat("encode.wat", ENCODE_WAT, { threads: true, simd: true, bulk_memory: true });
    assert.equal(ENCODE_BINARY, Buffer.from(module.toBinary({}).buffer).toString("base64"));
  });
});

describe("differences of numbers", () => {
  const memory = new EncodeMemory();
  const scratch = new Scratch();

  /** The bytes that numbers become. */
  function encoded(values: BigInt64Array | Int32Array): Uint8Array {
    memory.start();
    const from = memory.copy(values);
    const to = memory.take(10 * values.length + 2000);
    const room = memory.take(1024);
    const end = (values instanceof Int32Array ? memory.run.delta4 : memory.run.delta8)(from, values.length, to, room);
    return memory.view(to, end - to).slice();
  }

  /** The numbers that bytes stand for, or null. */
  function decoded(bytes: Uint8Array, rows: number, width: 4 | 8): number[] | bigint[] | null {
    const from = scratch.bytes("from", bytes.length);
    from.set(bytes);
    const room = scratch.bytes("to", width * rows + 16);
    room.fill(7);
    const end = from.byteOffset + bytes.length;
    const isDone = scratch.run.addDeltas(from.byteOffset, rows, end, room.byteOffset, width === 8 ? 1 : 0);
    assert.ok(room.subarray(width * rows).every((byte) => byte === 7));
    if (isDone === 0) return null;
    const values = room.slice(0, width * rows).buffer;
    return width === 8 ? [...new BigInt64Array(values)] : [...new Int32Array(values)];
  }

  const longs = fc.array(fc.oneof(long, fc.bigInt({ min: -3n, max: 900n })), { minLength: 1, maxLength: 400 });
  const integers = fc.array(fc.oneof(fc.integer(), fc.integer({ min: -3, max: 900 })), {
    minLength: 1,
    maxLength: 400,
  });

  it("are read as the numbers", () => {
    fc.assert(
      fc.property(longs, (values) => {
        assert.deepEqual(decoded(encoded(BigInt64Array.from(values)), values.length, 8), values);
      }),
    );
    fc.assert(
      fc.property(integers, (values) => {
        assert.deepEqual(decoded(encoded(Int32Array.from(values)), values.length, 4), values);
      }),
    );
  });

  it("are refused where they are damaged, and nothing is written beside them", () => {
    fc.assert(
      fc.property(longs, fc.nat(), fc.nat(255), fc.nat(), (values, place, byte, length) => {
        const bytes = encoded(BigInt64Array.from(values));
        bytes[place % bytes.length] = byte;
        decoded(bytes.subarray(0, length % (bytes.length + 1)), values.length, 8);
        assert.equal(decoded(bytes.subarray(0, 4), values.length, 8), null);
        assert.equal(decoded(encoded(BigInt64Array.from(values)), values.length + 1, 8), null);
      }),
    );
  });
});
