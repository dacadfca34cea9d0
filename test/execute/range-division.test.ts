import assert from "node:assert/strict";
import { assemble } from "../../src/compile/assemble.ts";
import { RangeDivision, rowsOfRanges } from "../../src/execute/order/range-division.ts";
import { TIME_SORT_WAT } from "../../src/execute/order/time-sort-wat.ts";
import type { StoredRows } from "../../src/execute/rows/row-set.ts";
import { StageMemory } from "../../src/execute/rows/stage-memory.ts";
import { divideRows } from "./divide-rows.ts";

const BITS = 3;
/** Of so many rows. */
const SLOT_BITS = 2;
const SLOTS = 1 << SLOT_BITS;

/** Rows of entities all over the hashes, each of which its number tells. */
function rowsFrom(first: number, rows: number): StoredRows {
  const each = <T>(of: (row: number) => T): T[] => Array.from({ length: rows }, (_, row) => of(first + row));
  return {
    rows,
    keyHash: BigUint64Array.from(each(hashOf)),
    time: BigInt64Array.from(each((row) => BigInt(-row))),
    subsort: BigUint64Array.from(each((row) => BigInt(row))),
    rank: Uint8Array.from(each((row) => row % 2)),
    columns: [
      { name: "n", type: { kind: "i32" }, values: Int32Array.from(each((row) => row)) },
      {
        name: "d",
        type: { kind: "f64" },
        values: Float64Array.from(each((row) => row / 4)),
        valid: Uint8Array.from(each((row) => row % 3 && 1)),
      },
    ],
  };
}

/** The ends of all hashes, and what looks random between them. */
function hashOf(row: number): bigint {
  const ends = [0n, 2n ** 64n - 1n, 2n ** 63n, 2n ** 63n - 1n, 2n ** 61n, 2n ** 61n - 1n];
  return ends[row] ?? BigInt.asUintN(64, BigInt(row) * 0x9e3779b97f4a7c15n);
}

describe("rows that are divided among ranges of key hashes", () => {
  it("are all in the range of theirs, and in slots of these, in the order in which they came, each with its own values", async () => {
    const memory = new StageMemory();
    memory.start(0);
    const division = new RangeDivision(await assemble(TIME_SORT_WAT), memory, BITS, 8_000);
    for (const [first, count] of [
      [0, 1000],
      [1000, 5000],
      [6000, 1],
    ] as const) {
      const seen: number[] = [];
      const whole = divideRows(rowsFrom(first, count), division, memory);
      assert.equal(whole.rows, count);
      for (const [range, rows] of rowsOfRanges(whole, BITS)) {
        const numbers = [...(rows.columns[0]!.values as Int32Array)];
        const starts = [...rows.slotStarts!];
        assert.equal(starts.length, SLOTS + 1);
        assert.deepEqual([starts[0], starts.at(-1)], [0, rows.rows]);
        for (const [slot, start] of starts.slice(0, -1).entries()) {
          const own = numbers.slice(start, starts[slot + 1]);
          assert.deepEqual(
            own,
            own.toSorted((a, b) => a - b),
          );
          for (const row of own)
            assert.equal((hashOf(row) >> BigInt(64 - BITS - SLOT_BITS)) % BigInt(SLOTS), BigInt(slot));
        }
        for (const [at, row] of numbers.entries()) {
          assert.equal(rows.keyHash[at]! >> BigInt(64 - BITS), BigInt(range));
          assert.equal(rows.keyHash[at], hashOf(row));
          assert.equal(rows.time[at], BigInt(-row));
          assert.equal(rows.subsort[at], BigInt(row));
          assert.equal(rows.rank![at], row % 2);
          assert.equal(rows.columns[1]!.values[at], row / 4);
          assert.equal(rows.columns[1]!.valid![at], row % 3 === 0 ? 0 : 1);
        }
        seen.push(...numbers);
      }
      assert.deepEqual(
        seen.toSorted((a, b) => a - b),
        Array.from({ length: count }, (_, row) => first + row),
      );
    }
  });

  it("are in no range where there are none", async () => {
    const memory = new StageMemory();
    memory.start(0);
    const division = new RangeDivision(await assemble(TIME_SORT_WAT), memory, BITS, 0);
    assert.deepEqual(rowsOfRanges(divideRows(rowsFrom(0, 0), division, memory), BITS), []);
  });
});
