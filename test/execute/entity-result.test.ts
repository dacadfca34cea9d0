import assert from "node:assert/strict";
import { entityParts } from "../../src/execute/entity-result.ts";
import { limitSpares, shared } from "../../src/execute/rows/allocate.ts";
import type { StoredRows } from "../../src/execute/rows/row-set.ts";
import { recycle } from "../../src/execute/rows/spare-memory.ts";

/** Rows of one range of entities, in memory that threads share. */
function range(rows: number, entity: number): StoredRows {
  const numbers = () => shared(new BigInt64Array(0), rows);
  return {
    rows,
    keyHash: shared(new BigUint64Array(0), rows).fill(BigInt(entity)),
    time: numbers().fill(BigInt(entity)),
    subsort: shared(new BigUint64Array(0), rows).fill(0n),
    columns: [{ name: "n", type: { kind: "i64" }, values: numbers().fill(BigInt(-entity)) }],
  };
}

const ranges = () => [20_000, 20_000, 40_000, 40_000, 20_000].map(range);

const buffersOf = ({ time, subsort, keyHash, columns }: StoredRows) =>
  [time, subsort, keyHash, columns[0]!.values].map(({ buffer }) => buffer);

describe("a result entity by entity", () => {
  it("unites small parts in the memory that the result before had, once that was given back", () => {
    // Other queries of this process may have left no room for more.
    limitSpares(0);
    limitSpares(1 << 27);
    const [first, own] = [entityParts(ranges()), ranges()];
    assert.deepEqual(
      first.map(({ keyHash }) => [...new Set(keyHash)]),
      [[0n, 1n], [2n], [3n, 4n]],
    );
    recycle(first);
    const second = entityParts(own);
    const before = new Set(first.flatMap(buffersOf));
    for (const part of [second[0]!, second[2]!]) assert.ok(buffersOf(part).every((buffer) => before.has(buffer)));
    assert.ok(second.every(({ columns, time }) => columns[0]!.values.every((value, row) => value === -time[row]!)));
  });
});
