import assert from "node:assert/strict";
import fc from "fast-check";
import { KeyDictionary } from "../../src/execute/key-dictionary.ts";
import { dictionaryReader } from "../../src/execute/rows/dictionary.ts";
import type { StoredRows } from "../../src/execute/rows/row-set.ts";
import { textBytes } from "../../src/execute/rows/text-bytes.ts";

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
});
