import assert from "node:assert/strict";
import { orderResult } from "../../src/execute/order-result.ts";
import { columnReader } from "../../src/execute/rows/dictionary.ts";
import type { StoredRows } from "../../src/execute/rows/stage-job.ts";

const SIZE = 40_000;

/** Rows of some entities whose times go up and down, with nulls, texts and keys. */
function part(index: number, rows: number): StoredRows {
  const each = <T>(of: (row: number) => T): T[] => Array.from({ length: rows }, (_, row) => of(row));
  const dictionary = each((row) => `text ${index % 2} ${row % 5}`).slice(0, 5);
  return {
    rows,
    keyHash: BigUint64Array.from(each((row) => BigInt(index * rows + Math.floor(row / 3)))),
    time: BigInt64Array.from(each((row) => BigInt(((row * 7919) % 10007) - 5000) * 1_000_003n)),
    subsort: BigUint64Array.from(each((row) => BigInt(row % 3))),
    rank: Uint8Array.from(each((row) => row & 1)),
    columns: [
      {
        name: "n",
        type: { kind: "i64" },
        values: BigInt64Array.from(each((row) => BigInt(index * rows + row))),
        ...(index === 1 ? { valid: Uint8Array.from(each((row) => (row % 4 === 0 ? 0 : 1))) } : {}),
      },
      { name: "s", type: { kind: "string" }, values: Int32Array.from(each((row) => row % 5)), dictionary },
    ],
    key: { name: "", type: { kind: "i32" }, values: Int32Array.from(each((row) => index * rows + row)) },
  };
}

describe("a large result", () => {
  it("is in order of time, rank, subsort and key hash, each row with its own values", async () => {
    const parts = [0, 1, 2].map((index) => part(index, SIZE));
    const rows = parts.flatMap((one, index) =>
      Array.from({ length: SIZE }, (_, row) => ({
        time: one.time[row]!,
        rank: one.rank![row]!,
        subsort: one.subsort[row]!,
        keyHash: one.keyHash[row]!,
        n: one.columns[0]!.valid?.[row] === 0 ? null : one.columns[0]!.values[row]!,
        s: columnReader(one.columns[1]!)(row),
        key: index * SIZE + row,
      })),
    );
    const order = (a: bigint | number, b: bigint | number) => (a < b ? -1 : a > b ? 1 : 0);
    rows.sort(
      (a, b) =>
        order(a.time, b.time) ||
        order(a.rank, b.rank) ||
        order(a.subsort, b.subsort) ||
        order(a.keyHash, b.keyHash) ||
        order(a.key, b.key),
    );
    const result = await orderResult(parts);
    assert.equal(result.rows, 3 * SIZE);
    const [n, s] = result.columns;
    const found = Array.from({ length: result.rows }, (_, row) => ({
      time: result.time[row]!,
      rank: result.rank![row]!,
      subsort: result.subsort[row]!,
      keyHash: result.keyHash[row]!,
      n: n!.valid?.[row] === 0 ? null : n!.values[row]!,
      s: columnReader(s!)(row),
      key: result.key!.values[row] as number,
    }));
    const wrong = found.findIndex(
      (row, at) => !Object.entries(row).every(([name, value]) => rows[at]![name as "n"] === value),
    );
    assert.equal(wrong, -1, `row ${wrong}`);
  });
});
