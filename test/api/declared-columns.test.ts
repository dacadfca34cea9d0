import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Table, vectorFromArray } from "apache-arrow";
import * as query from "../../src/api/query.ts";
import { LocalBuilder, type Session } from "../../src/api/session.ts";
import * as table from "../../src/api/table.ts";

describe("loading with declared columns", function () {
  this.timeout(60_000);
  let folder: string;
  let session: Session;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "fenl-declared-"));
    session = await new LocalBuilder().inMemory(true).build();
  });
  afterEach(async () => {
    await session.stop();
    rmSync(folder, { recursive: true });
  });

  let files = 0;
  const write = (content: string, extension = "csv") => {
    const path = join(folder, `${++files}.${extension}`);
    writeFileSync(path, content);
    return path;
  };
  const create = (columns?: table.CreateTableOptions["columns"]) =>
    table.createTable({ tableName: "T", timeColumnName: "at", entityKeyColumnName: "who", columns });
  const load = (content: string, more: object = {}, extension = "csv") =>
    table.load({ tableName: "T", file: write(content, extension), ...more });
  const types = async () =>
    Object.fromEntries((await table.getTable("T")).columns.map(({ name, type }) => [name, type]));
  const rows = async (expression: string) =>
    (await query.createQuery({ expression }))
      .toCsv()
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.split(",").slice(4).join(","));

  it("gives columns the types that the table declares, whatever their cells look like", async () => {
    const created = await create([
      { name: "who", type: "string" },
      { name: "code", type: "string" },
      { name: "n", type: "f64" },
      { name: "small", type: "u8" },
      { name: "seen", type: "timestamp_ms" },
      { name: "day", type: "date32" },
      { name: "left", type: "duration_s" },
      { name: "ok", type: "bool" },
      { name: "extra", type: "json" },
    ]);
    assert.equal(created.columns.length, 9);
    await load(
      'at,who,code,n,small,seen,day,left,ok,extra,free\n2022-01-01T00:00:00Z,7,007,1,255,1640995200123,2022-01-01,90,TRUE,"{""a"":1}",5\n2022-01-02T00:00:00Z,8,,,,2022-01-01T00:00:00.5Z,,,,,\n',
    );
    assert.deepEqual(await types(), {
      at: "timestamp_s",
      who: "string",
      code: "string",
      n: "f64",
      small: "u8",
      seen: "timestamp_ms",
      day: "date32",
      left: "duration_s",
      ok: "bool",
      extra: "json",
      free: "i64",
    });
    const fields = "{ code: T.code, n: T.n, small: T.small, seen: T.seen, day: T.day, left: T.left as i64, ok: T.ok }";
    assert.deepEqual(await rows(fields), [
      "007,1.0,255,2022-01-01T00:00:00.123000000,2022-01-01,90,true",
      ",,,2022-01-01T00:00:00.500000000,,,",
    ]);
    assert.deepEqual(await rows("{ a: T.extra.a, free: T.free }"), ["1,5", ","]);
  });

  it("are known to queries before anything is loaded", async () => {
    await create([
      { name: "who", type: "string" },
      { name: "n", type: "i64" },
    ]);
    const result = await query.createQuery({ expression: "{ total: sum(T.n) }" });
    assert.deepEqual(result.schema, [{ name: "total", type: "i64" }]);
    assert.equal(result.rowCount, 0);
  });

  it("names file, row, column, value and what was expected where a cell is of another type", async () => {
    await create([{ name: "n", type: "i8" }]);
    for (const [cell, shown] of [
      ["128", "'128'"],
      ["1.5", "'1.5'"],
      ["x", "'x'"],
      ["__proto__", "'__proto__'"],
    ]) {
      await assert.rejects(load(`at,who,n\n2022-01-01,a,1\n2022-01-01,a,${cell}\n`), {
        kind: "value",
        row: 2,
        line: 3,
        column: "n",
        message: new RegExp(
          `\\.csv, row 2 \\(line 3\\), column 'n': ${shown} is not of type i8; expected a whole number from -128 to 127$`,
        ),
      });
    }
    await assert.rejects(load("at,who,m\n2022-01-01,a,1\n"), {
      kind: "column",
      message: /\.csv has no column 'n', which is declared as i8; nearest: 'm'/,
    });
    await assert.rejects(load("at,who,n\n2022-01-01,a,1\n", { columns: [{ name: "n", type: "constructor" }] }), {
      name: "ArgumentError",
      message: /column "n" has the unknown type "constructor"/,
    });
    await assert.rejects(create([{ name: "n", type: "i46" }]), {
      message: /unknown type "i46". Nearest: i16, f16, i32\./,
    });
    assert.equal((await table.getTable("T")).rowCount, 0);
  });

  it("leaves out rows with such cells where that is asked for, and keeps them as they were", async () => {
    await create([{ name: "n", type: "i64" }]);
    const loaded = await load("at,who,n\n2022-01-01,a,1\n2022-01-01,a,one\nnever,a,2\n2022-01-02,b,3\n", {
      onError: "skip",
    });
    assert.equal(loaded.rowCount, 2);
    assert.equal(loaded.rejectedRows, 2);
    const path = /they are in (.*\.csv)\./.exec(loaded.warnings.join())![1]!;
    const rejects = readFileSync(path, "utf8").split("\n");
    assert.equal(rejects[0], "reason,line,text,at,who,n");
    assert.match(rejects[1]!, /row 2 .*'one' is not of type i64; expected a whole number.*,3,,2022-01-01,a,one$/);
    assert.match(rejects[2]!, /row 3 .*'never' is not a time.*,4,,never,a,2$/);
    assert.deepEqual(await rows("{ n: T.n }"), ["1", "3"]);
  });

  it("reads times of a format, with zones and to the nanosecond", async () => {
    await create();
    await load("at,who\n31/12/2021 23:59:01,a\n1/1/2022 00:00:00,b\n", { timeFormat: "%d/%m/%Y %H:%M:%S" });
    await load("at,who\n20220101,c\n", { timeFormat: "%Y%m%d" });
    await load("at,who\n2022-01-01 01:00:00.123456789,d\n", { timeFormat: "%Y-%m-%d %H:%M:%S.%n" });
    await load("at,who\n2022-07-01 00:00 Europe/Berlin,e\n", { timeFormat: "%Y-%m-%d %H:%M %Z" });
    assert.equal((await types()).at, "timestamp_ns");
    assert.deepEqual(await rows("{ who: T.who, at: T.at }"), [
      "a,2021-12-31T23:59:01.000000000",
      "c,2022-01-01T00:00:00.000000000",
      "b,2022-01-01T00:00:00.000000000",
      "d,2022-01-01T01:00:00.123456789",
      "e,2022-06-30T22:00:00.000000000",
    ]);
    await assert.rejects(load("at,who\n31/12/2021,a\n30/02/2022,b\n", { timeFormat: "%d/%m/%Y" }), {
      message:
        /row 2 \(line 3\), column 'at': '30\/02\/2022' is not a time of the given format; expected a time written as %d/,
    });
    await assert.rejects(load("at,who\n2022 +0100,d\n", { timeFormat: "%Y.%n %z" }), {
      message: /%n \(nanoseconds\) does not go with a zone; expected %f/,
    });
    await assert.rejects(load("at,who\n2022-01-01 00:00:00.1234567,a\n", { timeFormat: "%Y-%m-%d %H:%M:%S.%f" }), {
      message: /'2022-01-01 00:00:00.1234567' is not a time of the given format/,
    });
    await assert.rejects(load("at,who\n1700,a\n", { timeFormat: "%Y%q" }), {
      message: /the time format '%Y%q' cannot be used: .*expected one such as/,
    });
    await assert.rejects(load("at,who\n1700,a\n", { timeFormat: "%Y", timeUnit: "s" }), {
      name: "ArgumentError",
      message: /timeFormat and timeUnit are both given/,
    });
    const skipped = await load("at,who\n31/12/2021,f\nsoon,g\n", { timeFormat: "%d/%m/%Y", onError: "skip" });
    assert.deepEqual([skipped.rowCount, skipped.rejectedRows], [1, 1]);
  });

  it("converts the columns of typed files too, where nothing is lost", async () => {
    await create([
      { name: "n", type: "i32" },
      { name: "list", type: "list<f64>" },
    ]);
    const lines = [
      { at: "2022-01-01T00:00:00Z", who: "a", n: 5, list: [1, 2] },
      { at: "2022-01-02T00:00:00Z", who: "b", n: null, list: null },
    ];
    await load(lines.map((line) => JSON.stringify(line)).join("\n"), {}, "jsonl");
    assert.deepEqual(await types(), { at: "timestamp_s", who: "string", n: "i32", list: "list<f64>" });
    await assert.rejects(load(JSON.stringify({ ...lines[0], n: 5.5 }), {}, "jsonl"), {
      message: /row 1, column 'n': '5.5' is not of type i32/,
    });
    await assert.rejects(load(JSON.stringify({ ...lines[0], n: [1] }), {}, "jsonl"), {
      kind: "column",
      message: /column 'n' is of type list<i64> and cannot be read as i32/,
    });
    const frame = new Table({
      at: vectorFromArray([new Date("2022-01-03")]),
      who: vectorFromArray(["c"]),
      n: vectorFromArray([7n]),
    });
    await assert.rejects(table.loadDataframe({ tableName: "T", dataframe: frame }), { message: /no column 'list'/ });
  });

  it("belongs to the table's definition: the same again is no error, another is", async () => {
    const columns = [{ name: "n", type: "i8" }];
    await create(columns);
    await create(columns);
    await assert.rejects(create([{ name: "n", type: "i16" }]), {
      message: /table already exists: .*columns 'n': i8.*columns 'n': i16/,
    });
    await assert.rejects(create([...columns, ...columns]), { message: /columns names "n" twice/ });
  });
});
