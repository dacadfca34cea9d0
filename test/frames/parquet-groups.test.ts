import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdtempSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { dictionaryReader } from "../../src/execute/rows/dictionary.ts";
import type { RowSetColumn } from "../../src/execute/rows/row-set.ts";
import { type Output, sliceOutput, toOutput } from "../../src/frames/output.ts";
import { writeParquet } from "../../src/frames/parquet/parquet-export.ts";
import { openStore } from "../../src/tables/store/store.ts";
import type { FenlType } from "../../src/values/fenl-type.ts";
import type { HostValue } from "../../src/values/host-value.ts";
import { loadedRows, loadPlainly } from "../tables/loaded-rows.ts";
import { DuckDbReader } from "./duckdb-reader.ts";
import { column, everyType, queryRows } from "./query-rows.ts";

/** The column in memory that all threads see, as results have it. */
function inSharedMemory(one: RowSetColumn): RowSetColumn {
  const share = <T extends RowSetColumn["values"] | Uint8Array>(values: T): T => {
    const buffer = new SharedArrayBuffer(values.byteLength);
    const copy = new (values.constructor as new (buffer: SharedArrayBuffer) => T)(buffer);
    (copy.set as (from: T) => void)(values);
    return copy;
  };
  return { ...one, values: share(one.values), ...(one.valid ? { valid: share(one.valid) } : {}) };
}

/** The output as one that is read in parts, each with dictionaries of its own. */
function inParts(output: Output, bounds: readonly number[]): Output {
  const edges = [0, ...bounds, output.rows];
  const parts = function* () {
    for (let index = 1; index < edges.length; index++) {
      const part = sliceOutput(output, edges[index - 1]!, edges[index]!);
      const columns = part.columns.map((one) => {
        const { dictionary } = one;
        if (dictionary === undefined) return one;
        const own = Array.from(one.values as Int32Array, dictionaryReader(dictionary));
        return { ...one, values: Int32Array.from(own.keys()), dictionary: own };
      });
      yield { ...part, columns };
    }
  };
  return { ...output, divided: { isSpilled: true, form: sliceOutput(output, 0, 0), parts } };
}

const TEXTS = ["", "tea", "naïve 😀", "\ud800", "a".repeat(70), "0"];

const FIELDS: readonly { readonly type: FenlType; readonly value: fc.Arbitrary<HostValue> }[] = [
  { type: { kind: "i64" }, value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  { type: { kind: "i32" }, value: fc.integer() },
  { type: { kind: "f64" }, value: fc.double({ noNaN: true }) },
  { type: { kind: "bool" }, value: fc.boolean() },
  { type: { kind: "string" }, value: fc.constantFrom(...TEXTS) },
  { type: { kind: "string" }, value: fc.string({ unit: "grapheme" }) },
  { type: { kind: "timestamp_us" }, value: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }) },
  { type: { kind: "list", item: { kind: "string" } }, value: fc.array(fc.constantFrom(...TEXTS), { maxLength: 3 }) },
];

const outputs = fc.integer({ min: 0, max: 60 }).chain((rows) =>
  fc
    .tuple(
      fc.tuple(
        ...FIELDS.map(({ value }) => fc.array(fc.option(value, { freq: 5 }), { minLength: rows, maxLength: rows })),
      ),
      fc.array(fc.integer({ min: 0, max: rows }), { maxLength: 4 }),
      fc.integer({ min: 1, max: 20 }),
      fc.boolean(),
    )
    .map(([values, bounds, groupRows, isShared]) => {
      const columns = values.map((some, index) => column(`c${index}`, FIELDS[index]!.type, some));
      const output = toOutput(queryRows(rows, isShared ? columns.map(inSharedMemory) : columns));
      return { output, bounds: bounds.sort((a, b) => a - b), groupRows };
    }),
);

describe("a Parquet file of several row groups", function () {
  this.timeout(120_000);
  const duckdb = new DuckDbReader("fenl-groups-");
  const rowsOf = async (path: string) => (await duckdb.query(`SELECT * FROM '${path}'`)).getRowsJson();
  const schemaOf = (path: string) => duckdb.schemaOf(path);

  it("is read as that of one row group is, whoever encoded it, in one piece or in parts", async () => {
    await fc.assert(
      fc.asyncProperty(outputs, async ({ output, bounds, groupRows }) => {
        const whole = await writeParquet(output, duckdb.path("whole.parquet"), { rows: 100, threads: 1 });
        const [rows, schema] = [await rowsOf(whole), await schemaOf(whole)];
        assert.equal(rows.length, output.rows);
        const outputsOfIt = [output, inParts(output, bounds)];
        for (const [index, one] of outputsOfIt.entries()) {
          for (const threads of [1, 3]) {
            const path = duckdb.path(`${index}-${threads}.parquet`);
            await writeParquet(one, path, { rows: groupRows, threads });
            assert.deepEqual(await rowsOf(path), rows);
            assert.deepEqual(await schemaOf(path), schema);
          }
        }
      }),
      { numRuns: 12 },
    );
  });

  it("is loaded in pieces as its rows are", async () => {
    const rows = 3000;
    const numbers = Array.from({ length: rows }, (_, row) => (row % 7 === 3 ? null : BigInt(row)));
    const texts = Array.from({ length: rows }, (_, row) => (row % 5 === 4 ? null : `t${row % 11}`));
    const all = Array.from(numbers.keys());
    const columns = [
      column(
        "i",
        { kind: "i32" },
        all.map((row) => (row % 9 === 1 ? null : row * 3)),
      ),
      column(
        "few",
        { kind: "f64" },
        all.map((row) => (row % 9 === 1 ? null : (row % 5) / 4)),
      ),
      column(
        "f",
        { kind: "f64" },
        all.map((row) => Math.sqrt(row)),
      ),
      column(
        "b",
        { kind: "bool" },
        all.map((row) => row % 3 === 0),
      ),
      column(
        "s",
        { kind: "string" },
        all.map((row) => `text ${row}`),
      ),
      column("n", { kind: "i64" }, numbers),
      column("t", { kind: "string" }, texts),
    ];
    const path = await writeParquet(toOutput(queryRows(rows, columns)), duckdb.path("load.parquet"), {
      rows: 700,
      threads: 2,
    });
    const told: unknown[] = [];
    const listen = (message: unknown) => told.push(message);
    subscribe("fenl:bulk-load", listen);
    const stores = await Promise.all(
      [0, Number.POSITIVE_INFINITY].map(async (bulkBytes) => {
        const store = await openStore({ directory: mkdtempSync(duckdb.path("store-")) });
        await store.createTable({ name: "T", timeColumn: "_time", keyColumn: "_key" });
        if (bulkBytes === 0) await store.loadFile("T", path, { bulkBytes });
        else await loadPlainly(store, "T", path);
        return store;
      }),
    );
    unsubscribe("fenl:bulk-load", listen);
    assert.deepEqual(told, [{ file: path, unfit: null }]);
    const [inPieces, plainly] = stores.map(loadedRows);
    assert.deepEqual(inPieces, plainly);
    assert.equal(inPieces!.length, rows);
    // Time, subsort, key hash and key stand before the fields.
    const known = inPieces!.map((row) => row.slice(-2)).sort();
    assert.deepEqual(known, numbers.map((value, row) => [value, texts[row]]).sort());
    for (const store of stores) await store.close();
  });

  it("holds every type, with nulls, in every group", async () => {
    const output = toOutput(queryRows(3, everyType()));
    const [one, many] = [duckdb.path("one.parquet"), duckdb.path("many.parquet")];
    await writeParquet(output, one, { rows: 3, threads: 1 });
    await writeParquet(output, many, { rows: 1, threads: 2 });
    assert.deepEqual(await rowsOf(many), await rowsOf(one));
    const metadata = async (path: string) =>
      (await duckdb.query(`SELECT key, value FROM parquet_kv_metadata('${path}')`)).getRowsJson();
    assert.deepEqual(await metadata(many), await metadata(one), "the Arrow schema");
    const groups = await duckdb.query(
      `SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata('${many}') ORDER BY 1`,
    );
    assert.deepEqual(groups.getRowsJson(), [
      ["0", "1"],
      ["1", "1"],
      ["2", "1"],
    ]);
  });

  it("is not there when a part of it cannot be had", async () => {
    const output = toOutput(queryRows(40, []));
    const { divided } = inParts(output, [10, 20, 30]);
    const parts = function* () {
      let given = 0;
      for (const part of divided!.parts()) {
        if (given++ === 2) throw new Error("the temporary file is gone");
        yield part;
      }
    };
    const broken: Output = { ...output, divided: { ...divided!, parts } };
    const place = mkdtempSync(duckdb.path("broken-"));
    for (const threads of [1, 2]) {
      const written = writeParquet(broken, join(place, "x.parquet"), { rows: 10, threads });
      await assert.rejects(written, /x\.parquet: the temporary file is gone\.$/);
      assert.deepEqual(readdirSync(place), []);
    }
  });
});
