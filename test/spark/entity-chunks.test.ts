import assert from "node:assert/strict";
import type { RecordBatch } from "apache-arrow";
import { EntityChunks, GuardError } from "../../src/spark/entity-chunks.ts";
import { batchOf, numbers } from "../../src/spark/lanes.ts";
import { partitionOf } from "../../src/spark/partition-of.ts";

function batch(rows: readonly (readonly [bigint, bigint])[], partition = 0): RecordBatch {
  return batchOf(
    [
      numbers(
        "_h",
        BigInt64Array.from(rows, ([hash]) => hash),
      ),
      numbers(
        "_t",
        BigInt64Array.from(rows, ([, time]) => time),
      ),
      numbers("_p", new Int32Array(rows.length).fill(partition)),
    ],
    rows.length,
  );
}

function place(hash: bigint, partitions: number): number {
  return partitionOf(Number(BigInt.asIntN(32, hash)), Number(BigInt.asIntN(32, hash >> 32n)), partitions);
}

describe("the rows of a partition on Spark", () => {
  it("belong where Spark's own hash puts them", () => {
    // SELECT pmod(hash(v), 200) of Spark 4.0.1.
    const expected: readonly (readonly [bigint, number])[] = [
      [0n, 5],
      [1n, 69],
      [-1n, 193],
      [2n ** 63n - 1n, 171],
      [-(2n ** 63n), 115],
      [1234567890123n, 52],
      [2n ** 32n, 13],
    ];
    for (const [value, partition] of expected) assert.equal(place(value, 200), partition, `${value}`);
  });

  it("are refused out of order, within a batch and across batches", () => {
    const within = new EntityChunks(1);
    assert.throws(
      () =>
        within.add(
          batch([
            [1n, 5n],
            [1n, 4n],
          ]),
        ),
      GuardError,
    );
    const across = new EntityChunks(1);
    across.add(batch([[-3n, 9n]]));
    across.add(
      batch([
        [-3n, 9n],
        [4n, 1n],
      ]),
    );
    assert.throws(() => across.add(batch([[3n, 1n]])), /not in the order that was asked for/);
    const negative = new EntityChunks(1);
    assert.throws(
      () =>
        negative.add(
          batch([
            [1n, 0n],
            [-1n, 0n],
          ]),
        ),
      GuardError,
    );
  });

  it("are refused where an entity belongs to another partition", () => {
    const hash = 77n;
    const right = place(hash, 8);
    assert.doesNotThrow(() => new EntityChunks(8).add(batch([[hash, 0n]], right)));
    assert.throws(() => new EntityChunks(8).add(batch([[hash, 0n]], (right + 1) % 8)), /belongs to partition/);
  });

  it("are cut between entities only", () => {
    const chunks = new EntityChunks(1);
    const one = batch(Array.from({ length: 100_000 }, (_, row) => [1n, BigInt(row)] as const));
    const two = batch(
      Array.from({ length: 50_000 }, (_, row) => [row < 20_000 ? 1n : 2n, BigInt(row + 200_000)] as const),
    );
    assert.equal(chunks.add(one), null);
    const cut = chunks.add(two)!;
    assert.deepEqual(
      cut.map(({ from, to }) => [from, to]),
      [
        [0, 100_000],
        [0, 20_000],
      ],
    );
    assert.deepEqual(
      chunks.take().map(({ from, to }) => [from, to]),
      [[20_000, 50_000]],
    );
    assert.deepEqual(chunks.take(), []);
  });
});
