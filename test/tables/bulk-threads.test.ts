import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bulkLoad } from "../../src/tables/bulk/bulk-load.ts";
import { fileSource } from "../../src/tables/read/byte-source.ts";
import { rowsOfFiles } from "./loaded-rows.ts";

const DEFINITION = { name: "T", timeColumn: "at", keyColumn: "key" };
const ROWS = 2000;
/** Longer than a thread that has nothing to do keeps its memory. */
const SOME_TIME_MS = 2500;

describe("threads of loads", function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), "fenl-threads-"));
  const path = join(directory, "t.csv");

  before(() => {
    const lines = Array.from({ length: ROWS }, (_, row) => `2024-01-01T00:00:00,key ${row % 71},${row}`);
    writeFileSync(path, `at,key,n\n${lines.join("\n")}\n`);
  });

  after(() => rmSync(directory, { recursive: true }));

  async function load(pieceBytes: number): Promise<unknown[][]> {
    const source = await fileSource(path);
    try {
      const options = { directory, durable: false, columns: null, pieceBytes };
      const { written, columns } = await bulkLoad(DEFINITION, { format: "csv", path, source }, {}, options);
      return rowsOfFiles(written, columns);
    } finally {
      await source.close();
    }
  }

  it("take part in some loads and not in others, and give their memory back in between", async () => {
    const expected = await load(1 << 20);
    assert.equal(expected.length, ROWS);
    for (const start = performance.now(); performance.now() < start + SOME_TIME_MS; ) {
      // One piece is for one of the threads.
      assert.deepEqual(await load(1 << 20), expected);
      assert.deepEqual(await load(1 << 12), expected);
    }
  });
});
