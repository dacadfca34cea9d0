import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { RowSetColumn } from "../../src/execute/rows/row-set.ts";
import { toOutput } from "../../src/frames/output.ts";
import { writeParquet } from "../../src/frames/parquet/parquet-export.ts";
import type { FenlType } from "../../src/values/fenl-type.ts";
import type { HostValue } from "../../src/values/host-value.ts";
import { column, queryRows } from "./query-rows.ts";

const LIST_OF_RECORDS: FenlType = {
  kind: "list",
  item: {
    kind: "record",
    fields: [
      { name: "n", type: { kind: "i64" } },
      { name: "tags", type: { kind: "list", item: { kind: "string" } } },
    ],
  },
};

describe("a result as a Parquet file", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "fenl-parquet-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Writes a column and reads it back as JSON texts, through a reader that is not our own. */
  async function roundTrip(one: RowSetColumn, rows: number): Promise<(string | null)[]> {
    const path = await writeParquet(toOutput(queryRows(rows, [one])), join(folder, "column.parquet"));
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const read = await connection.runAndReadAll(`SELECT CAST(to_json("${one.name}") AS VARCHAR) FROM '${path}'`);
    connection.closeSync();
    instance.closeSync();
    return read.getRows().map(([value]) => (value === "null" ? null : (value as string | null)));
  }

  /** A column as stages hand it over: where all rows have values, it does not tell which. */
  function withoutValidity({ valid, ...one }: RowSetColumn): RowSetColumn {
    return valid?.includes(0) ? { ...one, valid } : one;
  }

  /** A value for each row, of which every `nulls`th is null. */
  const values = (rows: number, nulls: number, of: (row: number) => HostValue): HostValue[] =>
    Array.from({ length: rows }, (_, row) => (row % nulls === nulls - 1 ? null : of(row)));

  const scalars: readonly [string, FenlType, (row: number) => HostValue, (value: HostValue) => string][] = [
    ["bools", { kind: "bool" }, (row) => row % 3 === 0, String],
    ["small integers", { kind: "i8" }, (row) => (row % 256) - 128, String],
    ["unsigned integers", { kind: "u32" }, (row) => 2 ** 32 - 1 - row, String],
    ["long integers", { kind: "i64" }, (row) => 2n ** 62n - BigInt(row), String],
    ["unsigned long integers", { kind: "u64" }, (row) => 2n ** 64n - 1n - BigInt(row), String],
    ["floats", { kind: "f64" }, (row) => row + 0.5, String],
    [
      "short floats",
      { kind: "f32" },
      (row) => row / 4 + 0.25,
      (value) => (Number.isInteger(value) ? `${value}.0` : String(value)),
    ],
    ["few texts", { kind: "string" }, (row) => `tea ${row % 7} é`, (value) => JSON.stringify(value)],
    [
      "texts that are all different",
      { kind: "string" },
      (row) => `${row}${"ß".repeat(row % 40)}`,
      (value) => JSON.stringify(value),
    ],
  ];
  for (const [name, type, of, shown] of scalars) {
    it(`holds ${name}, with and without nulls, over many pages`, async () => {
      for (const nulls of [Number.POSITIVE_INFINITY, 3]) {
        const rows = (1 << 17) + 5;
        const expected = values(rows, nulls, of);
        const read = await roundTrip(column("x", type, expected), rows);
        assert.equal(read.length, rows);
        for (let row = 0; row < rows; row++) {
          const value = expected[row]!;
          const text = value === null ? null : shown(value);
          if (read[row] !== text) assert.equal(read[row], text, `row ${row}`);
        }
      }
    });
  }

  for (const [name, type, of, shown] of scalars) {
    it(`holds ${name} that are all the same, or all but the first or the last one`, async () => {
      const rows = 5_000;
      const same = Array.from({ length: rows }, () => of(1));
      for (const own of [same, [...same.slice(0, -1), of(2)], [of(2), ...same.slice(1)], [null, ...same.slice(1)]]) {
        const expected = own.map((value) => (value === null ? null : shown(value)));
        assert.deepEqual(await roundTrip(withoutValidity(column("x", type, own)), rows), expected);
      }
    });
  }

  it("tells a value that all rows have once", async () => {
    const rows = 5_000;
    const same = withoutValidity(column("x", { kind: "f64" }, new Array(rows).fill(1.5)));
    const path = await writeParquet(toOutput(queryRows(rows, [same])), join(folder, "same.parquet"));
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const read = await connection.runAndReadAll(`SELECT encodings, stats_min_value, stats_max_value, stats_null_count,
      total_compressed_size < 100 FROM parquet_metadata('${path}') WHERE path_in_schema = 'x'`);
    connection.closeSync();
    instance.closeSync();
    const chunk = ["RLE, PLAIN, RLE_DICTIONARY", "1.5", "1.5", 0n, true];
    assert.deepEqual(read.getRows(), [chunk]);
  });

  it("numbers the texts of a dictionary with as many bits as it needs", async () => {
    for (const distinct of [1, 2, 3, 255, 256, 257, 40_000]) {
      const rows = 2 * distinct + 9;
      const expected = values(rows, 5, (row) => `t${row % distinct}`);
      const read = await roundTrip(column("x", { kind: "string" }, expected), rows);
      assert.deepEqual(
        read,
        expected.map((value) => value && JSON.stringify(value)),
      );
    }
  });

  it("holds lists of records with lists, and nulls at every depth", async () => {
    const some: HostValue[] = [
      null,
      [],
      [null],
      [[1n, null]],
      [[null, []]],
      [[2n, ["a", null, "b"]], [3n, [null]], null, [4n, ["a"]]],
    ];
    const rows = 70_000;
    const expected = Array.from({ length: rows }, (_, row) => some[row % some.length]!);
    const read = await roundTrip(column("x", LIST_OF_RECORDS, expected), rows);
    const shown = some.map((list) =>
      list === null
        ? null
        : JSON.stringify(
            (list as HostValue[][]).map((one) => one && { n: one[0] === null ? null : Number(one[0]), tags: one[1] }),
          ),
    );
    for (let row = 0; row < rows; row++)
      if (read[row] !== shown[row % shown.length]) assert.equal(read[row], shown[row % shown.length]);
  });

  it("holds times in seconds and lengths of time within lists, maps and records", async () => {
    const type: FenlType = {
      kind: "list",
      item: {
        kind: "record",
        fields: [
          { name: "at", type: { kind: "timestamp_s" } },
          { name: "lengths", type: { kind: "map", key: { kind: "string" }, value: { kind: "duration_s" } } },
          { name: "none", type: { kind: "null" } },
        ],
      },
    };
    const expected: HostValue[] = [[[-1n, [["a", 5n]], null], null], null, [[1_640_995_200n, null, null]]];
    assert.deepEqual(await roundTrip(column("x", type, expected), 3), [
      '[{"at":"1969-12-31 23:59:59","lengths":{"a":5},"none":null},null]',
      null,
      '[{"at":"2022-01-01 00:00:00","lengths":null,"none":null}]',
    ]);
  });

  it("divides many rows into groups that readers can skip", async () => {
    const rows = (1 << 18) + 3;
    const times = queryRows(rows, []);
    const path = await writeParquet(toOutput(times), join(folder, "groups.parquet"));
    const connection = await (await DuckDBInstance.create()).connect();
    const groups = await connection.runAndReadAll(
      `SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata('${path}') ORDER BY 1`,
    );
    assert.deepEqual(groups.getRowsJson(), [
      ["0", String(1 << 17)],
      ["1", String(1 << 17)],
      ["2", "3"],
    ]);
    const ranges = await connection.runAndReadAll(
      `SELECT stats_min_value < stats_max_value FROM parquet_metadata('${path}')
        WHERE path_in_schema = '_time' ORDER BY row_group_id LIMIT 2`,
    );
    assert.deepEqual(ranges.getRows(), [[true], [true]]);
    const counted = await connection.runAndReadAll(`SELECT count(DISTINCT _time), count(_key) FROM '${path}'`);
    assert.deepEqual(counted.getRowsJson(), [[String(rows), String(rows)]]);
    connection.closeSync();
  });
});
