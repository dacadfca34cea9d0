import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { bulkLoad } from "../../src/tables/bulk/bulk-load.ts";
import { writePrepared } from "../../src/tables/prepared/write-prepared.ts";
import { fileSource } from "../../src/tables/read/byte-source.ts";
import { readCsv } from "../../src/tables/read/read-csv.ts";
import type { TableDefinition } from "../../src/tables/table-definition.ts";
import { rowsOfFiles } from "./loaded-rows.ts";

const DEFINITION: TableDefinition = { name: "T", timeColumn: "at", keyColumn: "key" };

/** Cells of each kind that a column may have. */
const CELLS: Record<string, fc.Arbitrary<string>> = {
  bool: fc.constantFrom("true", "FALSE", "True"),
  int: fc.oneof(
    fc.integer().map(String),
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
    fc.constant("007"),
  ),
  float: fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.constantFrom(".5", "4.", "-0", "-0.0", "1e5", "1E-400", "123456789012345678.25", "0.1", "1e", ".", "-"),
  ),
  date: fc.constantFrom("2024-02-29", "1969-12-31", "2023-02-29", "9999-12-31"),
  time: fc.constantFrom(
    "2024-01-01T00:00:00",
    "2024-01-01 00:00:00.5Z",
    "1969-12-31T23:59:59.123456",
    "2024-01-01T00:00:00.000000001+02:00",
    "9999-12-31T00:00:00",
    "2024-01-01T00:00:00.1234567890",
    "2024-01-01T24:00:00",
  ),
  text: fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 8 }),
    fc.constantFrom(',"\n', '""', "\r\n", "\r", "ü€😀", "\0", " x", "NaN", "null"),
    fc.string({ minLength: 40, maxLength: 80 }),
  ),
};

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const written = (cell: string, always: boolean) => (always || /[",\r\n]/.test(cell) ? quoted(cell) : cell);

/** A column's cells: mostly of one kind, with some of others and empty ones. */
const column = (rows: number) =>
  fc
    .constantFrom(...Object.keys(CELLS))
    .chain((kind) =>
      fc.array(
        fc.oneof(
          { weight: 30, arbitrary: CELLS[kind]! },
          { weight: 3, arbitrary: fc.constant("") },
          { weight: 1, arbitrary: fc.constantFrom(...Object.keys(CELLS)).chain((other) => CELLS[other]!) },
        ),
        { minLength: rows, maxLength: rows },
      ),
    );

const times = (rows: number) =>
  fc.array(
    fc.oneof(
      {
        weight: 200,
        arbitrary: fc.integer({ min: 0, max: 99 }).map((s) => `2024-01-01T00:00:${String(s % 60).padStart(2, "0")}`),
      },
      { weight: 2, arbitrary: fc.constantFrom("2024-01-01T00:00:00.25", "2024-01-01T00:00:00.000001Z") },
      { weight: 1, arbitrary: fc.constantFrom("", "x", "1600-01-01T00:00:00") },
    ),
    { minLength: rows, maxLength: rows },
  );

const keys = (rows: number) =>
  fc.oneof(CELLS.text!, CELLS.int!, CELLS.bool!).chain((first) =>
    fc.array(fc.oneof(fc.constant(first), CELLS.int!, fc.constantFrom("a", "b", "a,b")), {
      minLength: rows,
      maxLength: rows,
    }),
  );

/** CSV text in every dialect, now and then with a mistake in it. */
const csv = fc.integer({ min: 1, max: 40 }).chain((rows) =>
  fc
    .record({
      at: times(rows),
      key: keys(rows),
      more: fc.array(column(rows), { minLength: 0, maxLength: 3 }),
      end: fc.constantFrom("\n", "\r\n", "\r"),
      quotes: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
      mark: fc.boolean(),
      blank: fc.integer({ min: 0, max: 60 }),
      open: fc.boolean(),
      damage: fc.oneof(
        { weight: 12, arbitrary: fc.constant(null) },
        {
          weight: 1,
          arbitrary: fc.record({ at: fc.nat(), text: fc.constantFrom('"', ",", "\n", "\r", 'x"y', "\u00ff") }),
        },
      ),
    })
    .map(({ at, key, more, end, quotes, mark, blank, open, damage }) => {
      const names = ["at", "key", ...more.map((_, index) => `c${index}`)];
      const lines = [names.join(",")];
      for (let row = 0; row < rows; row++) {
        const cells = [at[row]!, key[row]!, ...more.map((cells) => cells[row]!)];
        lines.push(cells.map((cell, index) => written(cell, quotes[index % 5]! && row % 3 === 0)).join(","));
        if (row === blank) lines.push("", "");
      }
      const text = (mark ? "\ufeff" : "") + lines.join(end) + (open ? "" : end);
      if (damage === null) return Buffer.from(text);
      const place = damage.at % (text.length + 1);
      const encoding = damage.text === "\u00ff" ? "latin1" : "utf8";
      return Buffer.concat([
        Buffer.from(text.slice(0, place)),
        Buffer.from(damage.text, encoding),
        Buffer.from(text.slice(place)),
      ]);
    }),
);

describe("loading CSV in pieces", function () {
  this.timeout(120_000);
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "fenl-bulk-csv-"));
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  async function inPieces(path: string, pieceBytes: number, textColumns?: ReadonlySet<string>) {
    const source = await fileSource(path);
    const piecesInMemory = pieceBytes % 2 === 0 ? 0 : undefined;
    const options = { directory, durable: false, columns: null, pieceBytes, piecesInMemory };
    try {
      const loaded = await bulkLoad(DEFINITION, { format: "csv", path, source }, { textColumns }, options);
      const { columns, keyType, contentHash, rows, written } = loaded;
      return { columns, keyType, contentHash, rows, events: rowsOfFiles(written, columns) };
    } catch (error) {
      if ((error as Error).name === "Unfit") return null;
      throw error;
    } finally {
      await source.close();
    }
  }

  async function plainly(path: string, textColumns?: ReadonlySet<string>) {
    const source = await fileSource(path);
    try {
      const table = await readCsv(source, { textColumns });
      const columns = table.columns.map(({ name, type }) => ({ name, type }));
      const files = await writePrepared(DEFINITION, table, directory, false);
      const { contentHash, rows } = table;
      const keyType = columns.find(({ name }) => name === "key")!.type;
      return { columns, keyType, contentHash, rows, events: rowsOfFiles(files, columns) };
    } catch (error) {
      if ((error as Error).name === "TableError") return error as Error;
      throw error;
    } finally {
      await source.close();
    }
  }

  it("gives the same table as csv-parse, or leaves the file to it: always where that tells of a mistake", async () => {
    const path = join(directory, "t.csv");
    let alike = 0;
    await fc.assert(
      fc.asyncProperty(csv, fc.integer({ min: 1, max: 400 }), async (bytes, pieceBytes) => {
        writeFileSync(path, bytes);
        const plain = await plainly(path);
        const fast = await inPieces(path, pieceBytes);
        if (plain instanceof Error) assert.equal(fast, null, `expected ${plain.message}`);
        else if (fast !== null) {
          assert.deepEqual(fast, plain);
          alike++;
        }
        for (const name of readdirSync(directory)) if (name !== "t.csv") rmSync(join(directory, name));
      }),
      { numRuns: 150 },
    );
    assert.ok(alike > 20, `only ${alike} files were loaded in pieces`);
  });

  it("takes every file without a mistake", async () => {
    const path = join(directory, "t.csv");
    const row = (index: number) =>
      `2024-01-01T00:00:${String(index % 60).padStart(2, "0")}${index > 150 ? ".5" : ""},"user ""${index % 7}"", or so",${index},${index % 9 === 0 ? "" : index / 8},"a\nb ${index}",${index > 100 ? "x" : index},`;
    writeFileSync(
      path,
      `at,key,n,f,text,mixed,none\n${Array.from({ length: 200 }, (_, index) => `${row(index)}\n`).join("")}`,
    );
    const plain = await plainly(path);
    assert.ok(!(plain instanceof Error));
    for (const pieceBytes of [1, 50, 333, 5000, 1 << 20]) assert.deepEqual(await inPieces(path, pieceBytes), plain);
    const texts = new Set(["n", "f"]);
    assert.deepEqual(await inPieces(path, 333, texts), await plainly(path, texts));
  });

  it("takes texts of one length, in all pieces or in some", async () => {
    const path = join(directory, "t.csv");
    const letters = (number: number, length: number) => `k${number}`.padStart(length, "ü").slice(-length);
    for (const length of [2, 3, 4, 7, 8, 9, 16, 17, 70]) {
      // Other keys come late, so that some pieces have keys of one length and others have not, or of another one.
      for (const others of [0, 1, 60]) {
        const rows = Array.from({ length: 120 }, (_, index) => {
          const key = letters(index % 7, index >= 120 - others ? length + 1 : length);
          const note = `${index % 3 === 0 ? "" : letters(index % 5, length)}`;
          return `2024-01-01T00:00:${String(index % 60).padStart(2, "0")},${key},${letters(index % 4, length)},${note}`;
        });
        writeFileSync(path, `at,key,even,note\n${rows.join("\n")}\n`);
        const plain = await plainly(path);
        for (const pieceBytes of [401, 402, 1 << 20]) assert.deepEqual(await inPieces(path, pieceBytes), plain);
      }
    }
  });
});
