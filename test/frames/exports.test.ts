import assert from "node:assert/strict";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { toCsvPieces } from "../../src/frames/csv-export.ts";
import { toJsonLinesPieces } from "../../src/frames/json-lines.ts";
import { toOutput } from "../../src/frames/output.ts";
import { parquetWarnings, writeParquet } from "../../src/frames/parquet/parquet-export.ts";
import { writeFileWhole } from "../../src/frames/write-file.ts";
import { column, everyType, queryRows } from "./query-rows.ts";

async function read(sql: string): Promise<unknown[]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const rows = (await connection.runAndReadAll(sql)).getRowsJson();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

describe("exports of a result", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "fenl-exports-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("writes CSV as the reference lays it out", () => {
    const columns = [
      column("b", { kind: "bool" }, [true, null]),
      column("f", { kind: "f64" }, [10, 0.00001]),
      column("s", { kind: "string" }, ['a,"b"', ""]),
    ];
    assert.equal(
      [...toCsvPieces(toOutput(queryRows(2, columns)))].join(""),
      [
        "_time,_subsort,_key_hash,_key,b,f,s",
        '2022-01-01T00:00:00.000000000,18446744069414584320,18446744073709551600,e0,true,10.0,"a,""b"""',
        "2022-01-01T00:00:01.000000000,18446744069414584321,18446744073709551601,e1,,0.00001,",
        "",
      ].join("\n"),
    );
  });

  it("writes JSON lines that keep 64-bit integers, NaN and nesting", () => {
    const lines = [...toJsonLinesPieces(toOutput(queryRows(3, everyType())))].join("").trimEnd().split("\n");
    assert.equal(lines.length, 3);
    assert.match(lines[1]!, /"i64":9223372036854775807,/);
    assert.match(lines[1]!, /"f64":"NaN",/);
    const second = JSON.parse(lines[1]!);
    assert.deepEqual(second.map, { a: 1.5, b: null });
    assert.deepEqual(second.list, [1, null, -3]);
    assert.equal(second.ts_ns, "2022-01-01T00:00:00.123456789");
    assert.equal(second.day, "2022-01-01");
    assert.deepEqual(JSON.parse(lines[0]!).record, { n: 1, s: "x", tags: ["t", null] });
    assert.equal(JSON.parse(lines[2]!).record, null);
  });

  it("writes Parquet that reads back with the types and values of the result", async () => {
    const path = await writeParquet(toOutput(queryRows(3, everyType())), join(folder, "all.parquet"));
    const types = new Map(
      (await read(`DESCRIBE SELECT * FROM '${path}'`)).map((row) => (row as string[]).slice(0, 2) as [string, string]),
    );
    assert.equal(types.get("_time"), "TIMESTAMP_NS");
    assert.equal(types.get("_subsort"), "UBIGINT");
    assert.equal(types.get("u64"), "UBIGINT");
    assert.equal(types.get("b"), "BOOLEAN");
    assert.equal(types.get("day"), "DATE");
    assert.equal(types.get("list"), "BIGINT[]");
    assert.equal(types.get("record"), "STRUCT(n BIGINT, s VARCHAR, tags VARCHAR[])");
    const rows = await read(
      `SELECT _time::VARCHAR, _subsort, u64, i64, b, f64, s, ts_ns::VARCHAR, ts_s::VARCHAR, day, list, map, record, nothing, f32 FROM '${path}'`,
    );
    assert.deepEqual(rows, [
      [
        "2022-01-01 00:00:00",
        "18446744069414584320",
        "0",
        "-9223372036854775808",
        true,
        0.1,
        "",
        "1969-12-31 23:59:59.999999999",
        "1969-12-31 23:59:59",
        "1969-12-31",
        [],
        [],
        { n: "1", s: "x", tags: ["t", null] },
        null,
        Math.fround(0.1),
      ],
      [
        "2022-01-01 00:00:01",
        "18446744069414584321",
        "18446744073709551615",
        "9223372036854775807",
        false,
        "NaN",
        'a "b", <c>\u0000é😀',
        "2022-01-01 00:00:00.123456789",
        "2022-01-01 00:00:00",
        "2022-01-01",
        ["1", null, "-3"],
        [
          { key: "a", value: 1.5 },
          { key: "b", value: null },
        ],
        { n: null, s: null, tags: null },
        null,
        "-Infinity",
      ],
      [
        "2022-01-01 00:00:02",
        "18446744069414584322",
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
      ],
    ]);
  });

  it("keeps the order of many rows in Parquet", async () => {
    const count = 20_000;
    const numbers = Array.from({ length: count }, (_, row) => BigInt(row * 7));
    const path = await writeParquet(
      toOutput(queryRows(count, [column("n", { kind: "i64" }, numbers)])),
      join(folder, "many.parquet"),
    );
    const rows = (await read(`SELECT n FROM '${path}'`)) as string[][];
    assert.deepEqual(
      rows.map(([n]) => BigInt(n!)),
      numbers,
    );
  });

  it("writes Parquet without rows, and names that Parquet readers would mix up apart", async () => {
    const output = toOutput(
      queryRows(0, [
        column("a", { kind: "i64" }, []),
        column("A", { kind: "i64" }, []),
        column('q"; DROP', { kind: "i64" }, []),
        column("", { kind: "i64" }, []),
      ]),
    );
    const path = await writeParquet(output, join(folder, "it's empty.parquet"));
    const described = (await read(`DESCRIBE SELECT * FROM '${path.replaceAll("'", "''")}'`)) as string[][];
    assert.deepEqual(described.map((row) => row[0]).slice(4), ["a", "A_1", 'q"; DROP', "_"]);
    assert.match(parquetWarnings(output).join("\n"), /"A" is named "A_1"/);
  });

  it("leaves the old file and no other when writing fails", async () => {
    const path = join(folder, "kept.csv");
    writeFileSync(path, "old");
    const failing = writeFileWhole(path, async (temporary) => {
      writeFileSync(temporary, "half");
      throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    });
    await assert.rejects(failing, { message: `Cannot write ${path}: the disk is full.` });
    assert.equal(readFileSync(path, "utf8"), "old");
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes("kept")),
      ["kept.csv"],
    );
  });

  it("names the path and the reason when a file cannot be written", async () => {
    const missing = join(folder, "none", "x.parquet");
    await assert.rejects(writeParquet(toOutput(queryRows(0, [])), missing), {
      name: "WriteError",
      message: `Cannot write ${missing}: the folder ${join(folder, "none")} does not exist.`,
    });
    mkdirSync(join(folder, "dir"));
    await assert.rejects(
      writeFileWhole(join(folder, "dir"), async () => {}),
      /is a folder/,
    );
  });

  it("adds to a file that is open already instead of replacing it", async () => {
    const file = openSync(join(folder, "open.txt"), "a");
    writeSync(file, "before\n");
    await writeFileWhole(`/dev/fd/${file}`, async (temporary) => writeFileSync(temporary, "answer\n"));
    writeSync(file, "after\n");
    closeSync(file);
    assert.equal(readFileSync(join(folder, "open.txt"), "utf8"), "before\nanswer\nafter\n");
  });

  it("writes through a symbolic link to its target", async () => {
    writeFileSync(join(folder, "target.txt"), "old");
    symlinkSync(join(folder, "target.txt"), join(folder, "link.txt"));
    await writeFileWhole(join(folder, "link.txt"), async (temporary) => writeFileSync(temporary, "new"));
    assert.equal(readFileSync(join(folder, "target.txt"), "utf8"), "new");
  });
});
