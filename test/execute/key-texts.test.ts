import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { KeyDictionary } from "../../src/execute/key-dictionary.ts";
import { dictionaryReader } from "../../src/execute/rows/dictionary.ts";
import { type FileTexts, readFileCodes } from "../../src/execute/rows/file-codes.ts";
import { preparedLayout } from "../../src/execute/rows/prepared-layout.ts";
import type { StoredRows } from "../../src/execute/rows/row-set.ts";
import { textBytes } from "../../src/execute/rows/text-bytes.ts";
import { filePart } from "../../src/execute/scan/file-part.ts";
import { valueAt } from "../../src/tables/column-data.ts";
import { prepareCsvText } from "../../src/tables/load/ad-hoc-table.ts";
import { readPrepared } from "../../src/tables/prepared/read-prepared.ts";

const WHOLE = { first: "0", last: String(2n ** 64n - 1n) };
const STRING = { kind: "string" } as const;

/** Rows whose keys are these texts, each once. */
function rowsOf(texts: readonly string[], asBytes: boolean): StoredRows {
  const rows = texts.length;
  const dictionary = asBytes ? textBytes(texts, true)! : texts;
  return {
    rows,
    keyHash: new BigUint64Array(rows),
    time: new BigInt64Array(rows),
    subsort: new BigUint64Array(rows),
    key: { name: "_key", type: STRING, values: Int32Array.from(texts.keys()), dictionary },
    columns: [],
  };
}

describe("the texts of a result's keys", () => {
  it("are those of its rows, whether these have codes or numbers of codes, and however many dictionaries there are", () => {
    const texts = fc.array(fc.string({ unit: "grapheme", maxLength: 40 }), { minLength: 1, maxLength: 5 });
    const part = fc.record({ texts, asBytes: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (parts, picks) => {
          const keys = new KeyDictionary();
          const all: string[] = [];
          for (const { texts: own, asBytes } of parts) {
            const { run, base } = keys.adopt(rowsOf(own, asBytes));
            assert.equal(base, all.length);
            assert.equal((run as StoredRows).key!.dictionary, undefined);
            all.push(...own);
          }
          const codes = Int32Array.from(picks, (pick) => pick % all.length);
          const expected = [...codes].map((code) => all[code]!);
          const read = (key: Parameters<KeyDictionary["column"]>[0], areDistinct = false) => {
            const { dictionary, values } = keys.column(key, "_key", areDistinct);
            return [...values].map((code) => dictionaryReader(dictionary!)(Number(code)));
          };
          const column = { name: "_key", type: STRING };
          assert.deepEqual(read({ ...column, values: codes.slice() }), expected);
          const distinct = Int32Array.from(new Set(codes));
          const values = codes.map((code) => distinct.indexOf(code));
          const numbered = { codes: distinct, hashes: new BigUint64Array(distinct.length) };
          assert.deepEqual(read({ ...column, values, numbered }), expected);
          const each = [...distinct].map((code) => all[code]!);
          assert.deepEqual(read({ ...column, values: distinct.slice() }, true), each);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("are those of the prepared files of several tables, in any order", async () => {
    const directory = mkdtempSync(join(tmpdir(), "fenl-keys-"));
    try {
      const lists = [
        ["b", "a", "", "é", "a longer text of a key, which is no word"],
        Array.from({ length: 300 }, (_, index) => `user ${index}`),
        ["one"],
        Array.from({ length: 50 }, (_, index) => "x".repeat(index)),
      ];
      const keys = new KeyDictionary();
      const texts: string[] = [];
      const inFiles: FileTexts[] = [];
      for (const list of lists) {
        const lines = list.map((text) => `2024-01-01,"${text}"`);
        const definition = { name: "T", timeColumn: "at", keyColumn: "key" };
        const { files } = await prepareCsvText(definition, `at,key\n${lines.join("\n")}\n`, directory);
        assert.equal(keys.baseOf(files[0]!, "key"), texts.length);
        const place = preparedLayout(files[0]!)!.columns.get("key")!.texts!;
        inFiles.push({ base: texts.length, path: files[0]!.path, place });
        const { key, rows } = filePart(
          { kind: "scan", columns: [], keyColumn: { name: "key", type: STRING }, range: WHOLE } as never,
          { file: files[0]!, keyBase: texts.length, verify: false },
        );
        const own = readPrepared(files[0]!, ["key"]).columns.get("key")!;
        for (let row = 0; row < rows; row++) texts[Number(key!.values[row])] = String(valueAt(own, row));
      }
      assert.deepEqual([...texts].sort(), lists.flat().sort());
      const assertOwn = (codes: readonly number[]) => {
        const column = keys.column({ name: "_key", type: STRING, values: Int32Array.from(codes) }, "_key", true);
        const text = dictionaryReader(column.dictionary!);
        assert.deepEqual(
          [...column.values].map((code) => text(Number(code))),
          codes.map((code) => texts[code]),
        );
        const read = readFileCodes(inFiles, Int32Array.from(codes), 1 << 20);
        if (read === null) {
          // One in eight or more of the texts between the first and the last one is wanted of no file.
          assert.ok(codes.length < texts.length / 4, `${codes.length} texts were not read`);
          return;
        }
        const own = dictionaryReader(read);
        assert.deepEqual(
          codes.map((_, index) => own(index)),
          codes.map((code) => texts[code]),
        );
      };
      assert.equal(readFileCodes(inFiles, Int32Array.of(0, texts.length), 1 << 20), null);
      assert.equal(readFileCodes(inFiles.slice(1), Int32Array.of(1, 5), 1 << 20), null);
      assert.equal(readFileCodes(inFiles, Int32Array.from(texts.keys()), 100), null);
      fc.assert(
        fc.property(fc.shuffledSubarray([...texts.keys()]), (chosen) => {
          const codes = Int32Array.from(chosen);
          const values = Int32Array.from(codes.keys()).reverse();
          const numbered = { codes, hashes: new BigUint64Array(codes.length) };
          const column = keys.column({ name: "_key", type: STRING, values, numbered }, "_key");
          const text = dictionaryReader(column.dictionary!);
          assert.deepEqual(
            Array.from(codes, (_, number) => text(number)),
            chosen.map((code) => texts[code]),
          );
          assertOwn(chosen);
        }),
      );
      const all = [...texts.keys()];
      for (const end of [1, 5, 6, 100, all.length]) assertOwn(all.slice(0, end));
      assertOwn(all.slice(3, 200));
      assertOwn([...all.slice(300), ...all.slice(0, 10)]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
