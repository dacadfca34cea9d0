import assert from "node:assert/strict";
import { bucketBits } from "../../src/execute/buckets.ts";
import { memoryPlan } from "../../src/execute/rows/memory-plan.ts";
import type { Stage } from "../../src/plan/stages.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";

const GIGABYTE = 2 ** 30;

/** The ranges of a stage that reads a table's columns and hands out as many. */
function ranges(rows: number, columns: number, memoryLimit = 8 * GIGABYTE, textBytes = 0, kind = "result"): number {
  const values = Array.from({ length: columns }, (_, index) => index);
  const stage = {
    sources: [{ kind: "scan", domain: 0, table: "T", sliced: true, values }],
    sink: { kind },
  } as unknown as Stage;
  const tables = new Map([["T", { files: [{ rows }] } as unknown as TableSnapshot]]);
  return 2 ** bucketBits([stage], tables, columns, 2, memoryLimit, textBytes);
}

describe("ranges of entities", () => {
  it("are one for few rows, and of a million rows for many", () => {
    assert.equal(ranges(1000, 4), 1);
    assert.equal(ranges(1e7, 4), 16);
  });

  it("are larger where a row for each entity is handed out, but not larger than a window of rows", () => {
    assert.equal(ranges(1e7, 2, 8 * GIGABYTE, 0, "final"), 4);
    assert.equal(ranges(1e7, 2, 2 * GIGABYTE, 0, "final"), 16);
  });

  it("are as many as there are threads where rows are worth them", () => {
    assert.equal(ranges(200_000, 4), 2);
  });

  it("are smaller where rows have many columns, and where memory is limited", () => {
    assert.equal(ranges(250_000, 200), 8);
    assert.equal(ranges(1e7, 4, GIGABYTE / 8), 64);
  });

  it("are smaller where rows have long texts, and so are windows of rows", () => {
    assert.equal(ranges(1e6, 4, GIGABYTE / 8, 10_000), 256);
    const [short, long] = [memoryPlan(GIGABYTE, 2), memoryPlan(GIGABYTE, 2, {}, 10_000)];
    assert.equal(short.windowRows, 524_288);
    assert.equal(long.windowRows, 13_421);
    assert.equal(long.sinkRows, 6710);
  });
});
