import assert from "node:assert/strict";
import { orderResult } from "../../src/execute/order-result.ts";
import { columnReader } from "../../src/execute/rows/dictionary.ts";
import type { StoredRows } from "../../src/execute/rows/stage-job.ts";

const SIZE = 40_000;

/** What identifies a row of a part, by its number. */
interface Identity {
  readonly time?: (row: number) => number;
  readonly subsort?: (row: number, index: number) => number;
  readonly rank?: (row: number) => number;
  /** Entities go on from part to part, or the other way round. */
  readonly isReversed?: boolean;
}

/** Rows of some entities whose times go up and down, with nulls, texts and keys. */
function part(index: number, rows: number, identity: Identity): StoredRows {
  const { time = (row) => (row * 7919) % 10007, subsort = (row) => row % 3, rank = (row) => row & 1 } = identity;
  const first = (identity.isReversed ? 9 - index : index) * rows;
  const each = <T>(of: (row: number) => T): T[] => Array.from({ length: rows }, (_, row) => of(row));
  const dictionary = each((row) => `text ${index % 2} ${row % 5}`).slice(0, 5);
  return {
    rows,
    keyHash: BigUint64Array.from(each((row) => BigInt(first + Math.floor(row / 3)))),
    time: BigInt64Array.from(each((row) => BigInt(time(row) - 5000) * 1_000_003n)),
    subsort: BigUint64Array.from(each((row) => BigInt(subsort(row, index)))),
    rank: Uint8Array.from(each(rank)),
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

const IDENTITIES: Record<string, Identity> = {
  "with times that go up and down": {},
  "with the same times in all entities, as ticks have": {
    time: (row) => row % 3,
    subsort: () => 7,
    rank: () => 1,
  },
  "with the same times, and entities in another order than the parts": {
    time: (row) => row % 3,
    subsort: () => 7,
    rank: () => 1,
    isReversed: true,
  },
  "with the same times and another subsort in one part": {
    time: (row) => row % 3,
    subsort: (row, index) => (index === 1 && row === SIZE - 1 ? 6 : 7),
    rank: () => 1,
  },
  "with the same times and another rank": { time: (row) => row % 3, subsort: () => 7, rank: (row) => row & 1 },
  "with some rows of one time in each entity, as released ones have": {
    time: (row) => Math.floor(row / 3) % 5003,
    subsort: (row) => row % 3,
    rank: () => 0,
  },
  "with rows of one time in another order than theirs": {
    time: (row) => Math.floor(row / 4) % 5003,
    subsort: (row) => 10 - (row % 4),
    rank: () => 0,
  },
};

describe("a large result", () => {
  for (const [name, identity] of Object.entries(IDENTITIES)) {
    it(`${name} is in order of time, rank, subsort and key hash, each row with its own values`, async () => {
      const parts = [0, 1, 2].map((index) => part(index, SIZE, identity));
      const rows = parts.flatMap((one, index) => {
        const read = columnReader(one.columns[1]!);
        return Array.from({ length: SIZE }, (_, row) => ({
          time: one.time[row]!,
          rank: one.rank![row]!,
          subsort: one.subsort[row]!,
          keyHash: one.keyHash[row]!,
          n: one.columns[0]!.valid?.[row] === 0 ? null : one.columns[0]!.values[row]!,
          s: read(row),
          key: index * SIZE + row,
        }));
      });
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
      const read = columnReader(s!);
      const found = (row: number) => ({
        time: result.time[row]!,
        rank: result.rank![row]!,
        subsort: result.subsort[row]!,
        keyHash: result.keyHash[row]!,
        n: n!.valid?.[row] === 0 ? null : n!.values[row]!,
        s: read(row),
        key: result.key!.values[row] as number,
      });
      const wrong = rows.findIndex((row, at) => {
        const other = found(at);
        return Object.entries(row).some(([column, value]) => other[column as "n"] !== value);
      });
      assert.equal(wrong, -1, `row ${wrong}`);
    });
  }
});
