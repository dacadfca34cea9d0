import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { Table, tableToIPC, vectorFromArray } from "apache-arrow";
import { valueAt } from "../../src/tables/column-data.ts";
import type { FileFormat } from "../../src/tables/load/read-file.ts";
import { openFile } from "../../src/tables/load/read-file.ts";
import { readArrowTable } from "../../src/tables/read/read-arrow.ts";
import type { SourceTable } from "../../src/tables/read/source-table.ts";
import type { TableError } from "../../src/tables/table-error.ts";
import { typeName } from "../../src/values/fenl-type.ts";
import { defaultSubsort } from "../../src/values/key-hash.ts";

const DATA = new URL("./data/", import.meta.url).pathname;

async function readFile(path: string, format: FileFormat | undefined, options: object): Promise<SourceTable> {
  const file = await openFile(path, { format });
  try {
    return await file.read(options);
  } finally {
    await file.close();
  }
}

const columnsOf = (table: SourceTable) =>
  new Map(
    table.columns.map((column) => [
      column.name,
      [typeName(column.type), Array.from({ length: table.rows }, (_, row) => valueAt(column, row))],
    ]),
  );

/** What pyarrow wrote to both fixtures; where the formats differ, Parquet first. */
const EXPECTED: Record<string, [string | [string, string], unknown[]]> = {
  b: ["bool", [true, null, false]],
  i8: ["i8", [-128, null, 127]],
  i16: ["i16", [-1, null, 2]],
  i32: ["i32", [1, null, 2]],
  i64: ["i64", [2n ** 62n, null, -1n]],
  u8: ["u8", [255, null, 0]],
  u16: ["u16", [65535, null, 0]],
  u32: ["u32", [4294967295, null, 0]],
  u64: ["u64", [2n ** 64n - 1n, null, 0n]],
  f16: [
    ["f32", "f16"],
    [1.5, null, -2],
  ],
  f32: ["f32", [Math.fround(0.1), null, Number.NaN]],
  f64: ["f64", [0.1, null, Number.POSITIVE_INFINITY]],
  s: ["string", ["a", "☃ and a long long text", null]],
  ls: ["string", ["a", null, ""]],
  ts_s: ["timestamp_s", [0n, null, -1n]],
  ts_ms: ["timestamp_ms", [1n, null, -1n]],
  ts_us: ["timestamp_us", [1n, null, -1n]],
  ts_ns: ["timestamp_ns", [1n, null, -1n]],
  tz: ["timestamp_us", [1n, null, -1n]],
  tzms: ["timestamp_ms", [1n, null, -1n]],
  d32: ["date32", [1, null, -1]],
  dur_s: ["duration_s", [1n, null, -1n]],
  dur_ns: ["duration_ns", [1n, null, -1n]],
  dec: ["f64", [1.25, null, -0.01]],
  dec38: ["f64", [Number("12345678901234567890123456789.25"), null, -0.01]],
  l: ["list<i64>", [[1n, null], null, []]],
  ll: ["list<list<string>>", [[["a"], null], null, []]],
  m: [
    "map<string, i32>",
    [
      [
        ["a", 1],
        ["b", null],
      ],
      null,
      [],
    ],
  ],
  st: ["{x: i64, y: {z: string}}", [[1n, ["q"]], null, [null, null]]],
  lst: ["list<{t: timestamp_ns}>", [[[1577836800000000000n]], null, []]],
  dict: ["string", ["a", null, "b"]],
  null: [
    ["i32", "null"],
    [null, null, null],
  ],
  fl: ["list<i32>", [[1, 2], null, [3, 4]]],
  A: ["i64", [1n, 2n, 3n]],
  a: ["i64", [4n, 5n, 6n]],
  __proto__: ["i64", [1n, 2n, 3n]],
  'we"ird': ["i64", [1n, 2n, 3n]],
  dl: ["list<f64>", [[1.5], null, []]],
};

const isTableError = (error: unknown): error is TableError => error instanceof Error && error.name === "TableError";

describe("reading Parquet and Arrow", () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "fenl-columnar-"));
  });
  after(() => rmSync(directory, { recursive: true }));

  for (const [index, file] of ["pyarrow-types.parquet", "pyarrow-types.arrow"].entries()) {
    it(`reads every type that pyarrow writes to ${file}`, async () => {
      const table = await readFile(join(DATA, file), undefined, {});
      const columns = columnsOf(table);
      assert.equal(table.rows, 3);
      for (const [name, [type, values]] of Object.entries(EXPECTED)) {
        assert.deepEqual(columns.get(name), [typeof type === "string" ? type : type[index], values], name);
      }
    });

    it(`names the columns of ${file} that cannot be used, and values that changed`, async () => {
      const { columns, warnings } = await readFile(join(DATA, file), undefined, {});
      const names = columns.map((column) => column.name);
      for (const name of ["bin", "t"]) {
        assert.ok(!names.includes(name));
        assert.ok(
          warnings.some((warning) => warning.includes(`column '${name}' cannot be used and was left out`)),
          name,
        );
      }
      for (const name of ["dec", "dec38", "dl"]) {
        assert.ok(
          warnings.some((warning) => warning.includes(`column '${name}': decimals became f64`)),
          name,
        );
      }
    });
  }

  const writeParquet = async (sql: string, name: string, options = "") => {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const path = join(directory, name);
    await connection.run(`COPY (${sql}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet${options})`);
    connection.closeSync();
    instance.closeSync();
    return path;
  };

  it("keeps the order of many rows over many row groups", async () => {
    const sql = "SELECT range AS n, 'u' || (range * 7919 % 20000) AS u, range % 3 = 0 AS b FROM range(300000)";
    const table = await readFile(await writeParquet(sql, "many.parquet", ", ROW_GROUP_SIZE 10000"), undefined, {});
    assert.equal(table.rows, 300_000);
    const [n, u, b] = table.columns;
    for (let row = 0; row < table.rows; row += 997) {
      assert.equal(valueAt(n!, row), BigInt(row));
      assert.equal(valueAt(u!, row), `u${(row * 7919) % 20000}`);
      assert.equal(valueAt(b!, row), row % 3 === 0);
    }
    assert.equal(u!.dictionary!.length, 20_000);
  });

  it("reads texts exactly, long or short, with byte order marks and NUL", async () => {
    const texts = [
      "",
      "\ufeff",
      "\ufeffshort",
      "\ufeffa text that is long enough",
      "a\0b",
      "é".repeat(100),
      "twelve bytes",
      "<script>",
    ];
    const rows = texts.map((text, row) => `(${row}, '${text.replaceAll("\0", "' || chr(0) || '")}')`).join(", ");
    const path = await writeParquet(`SELECT * FROM (VALUES ${rows}) AS t(n, s)`, "texts.parquet");
    assert.deepEqual(columnsOf(await readFile(path, undefined, {})).get("s"), ["string", texts]);
  });

  it("reads text-like types of DuckDB", async () => {
    const uuid = "6f1ed002-ab5e-4d3a-9d0e-3c1f5b3b2a11";
    const sql = `SELECT '${uuid}'::UUID AS id, '{"a":1}'::JSON AS j, 'x'::ENUM('x', 'y') AS e`;
    const columns = columnsOf(await readFile(await writeParquet(sql, "like.parquet"), undefined, {}));
    assert.deepEqual(
      [...columns.values()],
      [
        ["string", [uuid]],
        ["string", ['{"a":1}']],
        ["string", ["x"]],
      ],
    );
  });

  it("reads a file without rows", async () => {
    const table = await readFile(
      await writeParquet("SELECT 1 AS a, 'x' AS b WHERE false", "none.parquet"),
      undefined,
      {},
    );
    assert.deepEqual(
      [...columnsOf(table)],
      [
        ["a", ["i32", []]],
        ["b", ["string", []]],
      ],
    );
  });

  it("takes a file's path by the letter", async () => {
    const path = await writeParquet("SELECT 1 AS a", "plain.parquet");
    mkdirSync(join(directory, "key=value"));
    for (const name of ["key=value/a.parquet", "st*r.parquet", "[a].parquet", "qu'ote.parquet", "q?.parquet"]) {
      copyFileSync(path, join(directory, name));
      assert.deepEqual(
        [...columnsOf(await readFile(join(directory, name), undefined, {}))],
        [["a", ["i32", [1]]]],
        name,
      );
    }
  });

  it("identifies a file by all of its bytes", async () => {
    const path = join(DATA, "pyarrow-types.parquet");
    const { readFileSync } = await import("node:fs");
    assert.equal((await readFile(path, undefined, {})).subsort, defaultSubsort(readFileSync(path)));
  });

  it("says what is wrong with a file of another format", async () => {
    const text = join(directory, "text.csv");
    writeFileSync(text, "at,k\n1,1\n");
    for (const format of ["parquet", "arrow"] as const) {
      await assert.rejects(readFile(text, format, {}), (error: unknown) => {
        assert.ok(isTableError(error), String(error));
        assert.match(error.message, new RegExp(`text\\.csv cannot be read as ${format}`, "i"));
        assert.doesNotMatch(error.message, /SELECT|LINE 1/);
        return true;
      });
    }
    await assert.rejects(readFile(join(DATA, "pyarrow-types.parquet"), "csv", {}), /is not UTF-8|never closed|header/);
    await assert.rejects(readFile(join(directory, "x.txt"), undefined, {}), /there is no such file/);
    writeFileSync(join(directory, "x.txt"), "a\n1\n");
    await assert.rejects(
      readFile(join(directory, "x.txt"), undefined, {}),
      /its extension '\.txt' is not known; expected \.csv/,
    );
  });

  it("reads an Arrow table in memory as its IPC bytes", async () => {
    const table = new Table({ n: vectorFromArray([1n, 2n]), s: vectorFromArray(["a", null]) });
    const read = await readArrowTable("data", table);
    assert.deepEqual(
      [...columnsOf(read)],
      [
        ["n", ["i64", [1n, 2n]]],
        ["s", ["string", ["a", null]]],
      ],
    );
    assert.equal(read.subsort, defaultSubsort(tableToIPC(table, "stream")));
  });

  it("reads an Arrow table that is a slice of others", async () => {
    const whole = new Table({
      n: vectorFromArray([1n, 2n, 3n, 4n]),
      s: vectorFromArray(["a", null, "b", "a"]),
      b: vectorFromArray([true, false, null, true]),
    });
    const table = whole.slice(1, 3).concat(whole.slice(2, 4));
    assert.deepEqual(
      [...columnsOf(await readArrowTable("data", table))],
      [
        ["n", ["i64", [2n, 3n, 3n, 4n]]],
        ["s", ["string", [null, "b", "b", "a"]]],
        ["b", ["bool", [false, null, null, true]]],
      ],
    );
  });
});
