import assert from "node:assert/strict";
import fc from "fast-check";
import { valueAt } from "../../src/tables/column-data.ts";
import { memorySource } from "../../src/tables/read/byte-source.ts";
import { readCsv } from "../../src/tables/read/read-csv.ts";
import type { SourceTable } from "../../src/tables/read/source-table.ts";
import type { TableError } from "../../src/tables/table-error.ts";
import { csvLine, csvQuoted } from "../../src/values/csv-text.ts";
import { typeName } from "../../src/values/fenl-type.ts";
import { defaultSubsort } from "../../src/values/key-hash.ts";

const read = (content: string | Uint8Array) =>
  readCsv(memorySource("t.csv", typeof content === "string" ? new TextEncoder().encode(content) : content));

const shape = (table: SourceTable) =>
  table.columns.map((column) => [
    column.name,
    typeName(column.type),
    Array.from({ length: table.rows }, (_, row) => valueAt(column, row)),
  ]);

const column = async (...cells: string[]) => {
  const table = await read(`c,x\n${cells.map((cell) => `${csvQuoted(cell)},-\n`).join("")}`);
  const [, type, values] = shape(table)[0]!;
  return [type, values];
};

const fails = async (content: string | Uint8Array, message: RegExp, place: Partial<TableError> = {}) => {
  await assert.rejects(read(content), (error: unknown) => {
    assert.ok(isTableError(error), String(error));
    assert.match(error.message, message);
    for (const [key, value] of Object.entries(place)) assert.equal(error[key as keyof TableError], value, key);
    return true;
  });
};

const isTableError = (error: unknown): error is TableError => error instanceof Error && error.name === "TableError";

describe("reading CSV", () => {
  describe("types from all rows", () => {
    it("tells bools in any case", async () => {
      assert.deepEqual(await column("TRUE", "False", "", "true"), ["bool", [true, false, null, true]]);
    });

    it("tells integers to the ends of i64, and decimals", async () => {
      const [least, greatest] = ["-9223372036854775808", "9223372036854775807"];
      assert.deepEqual(await column(least, greatest, "007", ""), ["i64", [BigInt(least), BigInt(greatest), 7n, null]]);
      assert.deepEqual(await column("-4294967297", "4294967296", "-1"), ["i64", [-4294967297n, 4294967296n, -1n]]);
      assert.deepEqual(await column("1", "2.5", "", "-3e2", ".5", "4."), ["f64", [1, 2.5, null, -300, 0.5, 4]]);
      assert.deepEqual(await column("2.5", "9007199254740993"), ["f64", [2.5, 9007199254740992]]);
      assert.deepEqual(await column("9007199254740993", "2.5"), ["f64", [9007199254740992, 2.5]]);
    });

    it("keeps integers that no i64 holds as text, and as f64 among decimals", async () => {
      const huge = "99999999999999999999";
      assert.deepEqual(await column("1", huge), ["string", ["1", huge]]);
      assert.deepEqual(await column(huge, "1"), ["string", [huge, "1"]]);
      assert.deepEqual(await column("1.5", huge), ["f64", [1.5, 1e20]]);
      assert.deepEqual(await column(huge, "1", "1.5"), ["f64", [1e20, 1, 1.5]]);
    });

    it("tells dates and times by the digits of their fractions", async () => {
      assert.deepEqual(await column("1970-01-02", "1969-12-31", ""), ["date32", [1, -1, null]]);
      assert.deepEqual(await column("1970-01-01T00:00:01Z", "1970-01-01 01:00:00+01:00"), ["timestamp_s", [1n, 0n]]);
      assert.deepEqual(await column("1970-01-01T00:00:01", "1970-01-01T00:00:00.5"), ["timestamp_ms", [1000n, 500n]]);
      assert.deepEqual(await column("1969-12-31T23:59:59.9999", "1970-01-01T00:00:00"), ["timestamp_us", [-100n, 0n]]);
      assert.deepEqual(await column("1970-01-01T00:00:00.0000001", ""), ["timestamp_ns", [100n, null]]);
      assert.deepEqual(await column("9999-12-31T00:00:00"), ["timestamp_s", [253402214400n]]);
    });

    it("takes everything else for text, where an empty cell is an empty text", async () => {
      assert.deepEqual(await column("a", "", "b"), ["string", ["a", "", "b"]]);
      assert.deepEqual(await column("", ""), ["string", ["", ""]]);
      for (const cells of [
        ["1", "x"],
        ["true", "1"],
        ["2022-01-01", "2022-01-01T00:00:00"],
        ["2022-01-01T00:00:00", "2022-13-01T00:00:00"],
        ["2022-01-01T00:00:00.0123456789"],
        [" 1"],
        ["+1"],
        ["NaN"],
        ["1_000"],
        ["0x10"],
        ["-"],
        ["1e"],
        ["yes"],
      ]) {
        assert.deepEqual(await column(...cells), ["string", cells]);
      }
    });

    it("does not depend on the order of the rows", async () => {
      const cell = fc.constantFrom(
        ...[
          "",
          "true",
          "1",
          "-0",
          "2.5",
          "99999999999999999999",
          "2022-01-01",
          "2022-01-01T00:00:00",
          "1970-01-01 00:00:00.25",
          "x",
        ],
      );
      await fc.assert(
        fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 6 }), fc.integer(), async (cells, seed) => {
          const order = cells
            .map((_, index) => index)
            .sort((a, b) => ((a * 7919 + seed) % 5) - ((b * 7919 + seed) % 5));
          const [type, values] = await column(...cells);
          const [otherType, otherValues] = await column(...order.map((index) => cells[index]!));
          assert.equal(type, otherType);
          assert.deepEqual(
            order.map((index) => (values as unknown[])[index]),
            otherValues,
          );
        }),
      );
    });

    it("reads a column again as text when text comes after megabytes of numbers", async () => {
      const rows = Array.from(
        { length: 150_000 },
        (_, row) => `${row},v${row % 5},${row % 2 === 0 ? "true" : "false"}`,
      );
      const table = await read(`id,v,b\n${rows.join("\n")}\nX,v1,maybe\n`);
      assert.equal(table.rows, 150_001);
      assert.deepEqual(
        table.columns.map((each) => typeName(each.type)),
        ["string", "string", "string"],
      );
      const at = (row: number) => table.columns.map((each) => valueAt(each, row));
      assert.deepEqual(at(149_999), ["149999", "v4", "false"]);
      assert.deepEqual(at(150_000), ["X", "v1", "maybe"]);
      assert.deepEqual(table.placeOf(150_000, "id"), { file: "t.csv", row: 150_001, line: 150_002, column: "id" });
    });
  });

  describe("dialect", () => {
    it("takes LF, CRLF and CR, with or without the last one, and skips blank lines", async () => {
      const expected = [
        ["a", "i64", [1n, 2n]],
        ["b", "string", ["x", "y"]],
      ];
      for (const end of ["\n", "\r\n", "\r"]) {
        const lines = ["", "a,b", "", "1,x", "", "", "2,y"];
        assert.deepEqual(shape(await read(lines.join(end))), expected);
        assert.deepEqual(shape(await read(lines.join(end) + end)), expected);
      }
    });

    it("drops a byte order mark", async () => {
      assert.deepEqual(shape(await read("\ufeffa\n1\n")), [["a", "i64", [1n]]]);
    });

    it("reads quoted cells with commas, quotes and line ends", async () => {
      const table = await read('a,b\r\n"x, ""y""","1\n2\r3\r\n4"\r\n"",""\r\n');
      assert.deepEqual(shape(table), [
        ["a", "string", ['x, "y"', ""]],
        ["b", "string", ["1\n2\r3\r\n4", ""]],
      ]);
      assert.equal(table.placeOf(0, "a").line, 2);
      assert.equal(table.placeOf(1, "a").line, 6);
    });

    it("gives back whatever was written, byte for byte", async () => {
      const cell = fc.string({ unit: "binary", minLength: 1 }).map((text) => `${text}x`);
      const end = fc.constantFrom("\n", "\r\n", "\r");
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1 }), end, async (rows, lineEnd) => {
          const lines = [["first", "second"], ...rows].map((row) => csvLine(row.map(csvQuoted)));
          const table = await read(lines.join(lineEnd));
          assert.equal(table.rows, rows.length);
          for (const [index, row] of rows.entries())
            assert.deepEqual(
              table.columns.map((each) => valueAt(each, index)),
              row,
            );
        }),
      );
    });

    it("takes hostile names and values as data", async () => {
      const table = await read(
        '__proto__,constructor,<script>,"a\nb"\n__proto__,"\0",<script>alert(1)</script>,=1+1\n',
      );
      assert.deepEqual(shape(table), [
        ["__proto__", "string", ["__proto__"]],
        ["constructor", "string", ["\0"]],
        ["<script>", "string", ["<script>alert(1)</script>"]],
        ["a\nb", "string", ["=1+1"]],
      ]);
      assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    });

    it("reads cells of megabytes, and ten thousand columns", async () => {
      const long = "é".repeat(1_500_000);
      assert.equal(valueAt((await read(`a,b\n1,${long}\n2,"${long}"\n`)).columns[1]!, 1), long);
      const names = Array.from({ length: 10_000 }, (_, index) => `c${index}`);
      const wide = await read(`${names.join(",")}\n${names.map((_, index) => index).join(",")}\n`);
      assert.equal(wide.columns.length, 10_000);
      assert.equal(valueAt(wide.columns[9_999]!, 0), 9_999n);
    });

    it("reads a header without rows", async () => {
      for (const text of ["a,b", "a,b\n"]) {
        const table = await read(text);
        assert.equal(table.rows, 0);
        assert.deepEqual(
          table.columns.map((each) => each.name),
          ["a", "b"],
        );
      }
    });
  });

  describe("errors", () => {
    it("names a ragged row", async () => {
      await fails("a,b\n1,2\n\n1,2,3\n", /^t\.csv, row 2 \(line 4\), byte 9: 3 cells, and the header has 2$/, {
        kind: "format",
        file: "t.csv",
        row: 2,
        line: 4,
        byte: 9,
      });
      await fails("a,b\n1\n", /row 1 \(line 2\), byte 4: 1 cell, and the header has 2/);
    });

    it("names quotes that are misplaced, trailing or unclosed", async () => {
      const place = { row: 1, line: 2, column: "b" };
      await fails('a,b\n1,x"y"\n', /byte 7: a quote inside an unquoted cell/, { ...place, byte: 7 });
      await fails('a,b\n1, "y"\n', /a quote inside an unquoted cell/, place);
      await fails('a,b\n1,"x"y\n', /byte 9: text after a closing quote/, { ...place, byte: 9 });
      await fails('a,b\n1,"x"\0\n', /text after a closing quote/, place);
      await fails('a,b\n1,"x\n2,y\n', /byte 6: this quote is never closed/, { ...place, byte: 6 });
      await fails('"a', /line 1, byte 0: this quote is never closed/);
    });

    it("names a line end of another kind", async () => {
      await fails("a\n1\r\n2\n", /row 1 \(line 2\), byte 3: this line ends with CRLF and the lines before with LF/);
      await fails("a\r\n1\n", /this line ends with LF and the lines before with CRLF/);
      await fails("a\n1\r2\n", /this line ends with CR and the lines before with LF/);
    });

    it("names bytes that are not UTF-8, by row, column and place", async () => {
      const bytes = (...parts: (string | number[])[]) =>
        Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from(part))));
      const place = { row: 2, line: 3, column: "b", byte: 12 };
      await fails(bytes("a,b\n1,☃\n3,", [0xff], "\n"), /column 'b', byte 12: the byte 0xff is not UTF-8$/, place);
      await fails(bytes("a,b\n1,☃\n3,", [0xe2, 0x98], "\n"), /byte 12: the byte 0xe2 is not UTF-8/, place);
      await fails(bytes("a,b\n1,☃\n3,", [0xe2, 0x98]), /byte 12: the byte 0xe2 is not UTF-8/, place);
      await fails(bytes("a,b\n1,☃\n3,", [0xed, 0xa0, 0x80], "\n"), /byte 12: the byte 0xed is not UTF-8/, place);
      await fails(bytes("a", [0xc0, 0x80], "\n"), /line 1, byte 1: the byte 0xc0/);
      await fails(Buffer.from("\ufeffa,b\n1,2\n", "utf16le"), /looks like UTF-16, save the file as UTF-8/);
    });

    it("finds a fault behind the first megabytes at its place", async () => {
      const start = `a,b\n${'1,"x"\n'.repeat(400_000)}`;
      await fails(`${start}1,2,3\n`, /3 cells/, { row: 400_001, line: 400_002, byte: start.length });
      const faulty = Buffer.concat([Buffer.from(`${start}2,`), Buffer.from([0x80])]);
      await fails(faulty, /not UTF-8/, { row: 400_001, column: "b", byte: start.length + 2 });
    });

    it("refuses a file without a header, and one that names a column twice", async () => {
      await fails("", /^t\.csv is empty; expected a header line/);
      await fails("\ufeff", /is empty/);
      await fails("\n\r\n".replace("\r", ""), /is empty/);
      await fails("a,b,a\n1,2,3\n", /names column 'a' twice, as column 1 and as column 3/, { column: "a", line: 1 });
    });

    it("names a time that nanoseconds cannot hold", async () => {
      const text = "at\n2022-01-01T00:00:00.123456789\n2300-01-01T00:00:00\n";
      await fails(text, /row 2 \(line 3\), column 'at': '2300-01-01T00:00:00' does not fit/, { kind: "value", row: 2 });
    });
  });

  it("identifies a file by all of its bytes", async () => {
    const text = "\ufeffa,b\n1,2\n";
    const table = await read(text);
    assert.equal(table.subsort, defaultSubsort(new TextEncoder().encode(text)));
    assert.match(table.contentHash, /^[0-9a-f]{64}$/);
    assert.notEqual((await read("a,b\n1,2\n")).contentHash, table.contentHash);
  });

  it("stops when it is told to", async () => {
    const source = memorySource("t.csv", new TextEncoder().encode("a\n1\n"));
    await assert.rejects(readCsv(source, { signal: AbortSignal.abort() }), { name: "AbortError" });
  });
});
