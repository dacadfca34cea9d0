import assert from "node:assert/strict";
import { recodeInto } from "../../src/execute/rows/copy-values.ts";
import { columnReader, selectCodes } from "../../src/execute/rows/dictionary.ts";
import { jointDictionary } from "../../src/execute/rows/gather.ts";
import type { ListParts, RowSetColumn } from "../../src/execute/rows/row-set.ts";
import { textBytes } from "../../src/execute/rows/text-bytes.ts";
import { toArrowTable } from "../../src/frames/arrow-table.ts";
import { toCsvPieces } from "../../src/frames/csv-export.ts";
import type { Output } from "../../src/frames/output.ts";

const WORDS = ["", "tea", "naïve 😀", "tea", "a".repeat(70)];
const words: RowSetColumn = {
  name: "s",
  type: { kind: "string" },
  values: Int32Array.of(3, 1, 0, 2, 1, 4),
  valid: Uint8Array.of(1, 1, 1, 1, 0, 1),
  dictionary: textBytes(WORDS, false)!,
};
const SHOWN_WORDS = ["tea", "tea", "", "naïve 😀", null, "a".repeat(70)];

function listsOf(items: RowSetColumn, bounds: readonly (readonly [number, number])[]): ListParts {
  return {
    kind: "lists",
    starts: Int32Array.from(bounds, ([from]) => from),
    ends: Int32Array.from(bounds, ([, to]) => to),
    items,
  };
}

/** Lists that overlap, one that is empty, and a null. */
function lists(items: RowSetColumn): RowSetColumn {
  return {
    name: "l",
    type: { kind: "list", item: items.type },
    values: Int32Array.of(0, 1, 1, 2, 0, 3),
    valid: Uint8Array.of(1, 1, 1, 1, 0, 1),
    dictionary: listsOf(items, [
      [0, 2],
      [1, 4],
      [3, 3],
      [2, 6],
    ]),
  };
}

function outputOf(column: RowSetColumn): Output {
  return { rows: column.values.length, columns: [column], warnings: [] };
}

function shown(column: RowSetColumn, texts: "coded" | "plain"): unknown[] {
  const vector = toArrowTable(outputOf(column), texts).getChildAt(0)!;
  const plain = (value: unknown): unknown =>
    value !== null && typeof value === "object" && Symbol.iterator in value ? Array.from(value as never, plain) : value;
  return Array.from({ length: vector.length }, (_, row) => plain(vector.get(row)));
}

function read(column: RowSetColumn): unknown[] {
  return Array.from(column.values.keys(), (row) => columnReader(column)(row));
}

const numbers: RowSetColumn = {
  name: "",
  type: { kind: "i64" },
  values: BigInt64Array.of(5n, -1n, 7n, 2n ** 60n, 0n, 9n),
};

describe("texts and lists that are kept as bytes and parts", () => {
  for (const [name, column] of Object.entries({
    texts: words,
    "lists of numbers": lists(numbers),
    "lists of texts": lists(words),
    "lists of lists": lists(lists(words)),
  })) {
    it(`are the same values in an Arrow table: ${name}`, () => {
      assert.deepEqual(shown(column, "coded"), read(column));
      assert.deepEqual(shown(column, "plain"), read(column));
    });
  }

  it("are read as what they stand for", () => {
    assert.deepEqual(read(words), SHOWN_WORDS);
    assert.deepEqual(read(lists(numbers)), [
      [5n, -1n],
      [-1n, 7n, 2n ** 60n],
      [-1n, 7n, 2n ** 60n],
      [],
      null,
      [7n, 2n ** 60n, 0n, 9n],
    ]);
    assert.equal([...toCsvPieces(outputOf(lists(numbers)))].join("").split("\n")[1], '"[5,-1]"');
  });

  it("have each text once in an Arrow dictionary", () => {
    const dictionary = toArrowTable(outputOf(words)).getChildAt(0)!.data[0]!.dictionary!;
    assert.deepEqual([...dictionary], ["tea", "", "naïve 😀", "a".repeat(70)]);
  });

  for (const column of [words, lists(numbers), lists(words)]) {
    it(`stay the same when they are chosen and joined: ${column.type.kind} of ${column.dictionary && "kind" in column.dictionary ? column.dictionary.kind : ""}`, () => {
      const size = column === words ? 5 : 4;
      const backwards = Int32Array.from({ length: size }, (_, code) => size - 1 - code);
      const chosen: RowSetColumn = {
        ...column,
        values: (column.values as Int32Array).map((code) => size - 1 - code),
        dictionary: selectCodes(column.dictionary!, backwards),
      };
      assert.deepEqual(read(chosen), read(column));
      const { dictionary, codes } = jointDictionary([chosen, column, { ...column, dictionary: [] }]);
      for (const [index, part] of [chosen, column].entries()) {
        const values = new Int32Array(part.values.length);
        recodeInto(part.values as Int32Array, codes[index]!, values);
        assert.deepEqual(read({ ...part, values, dictionary }), read(column));
      }
    });
  }
});
