import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openStore } from "../../src/tables/store/store.ts";
import { eventTable } from "../api/event-table.ts";

const ROWS = 2_000_000;
const LIMIT = 64_000_000;
const NO_LIMIT = 64_000_000_000;
const CHILD = fileURLToPath(new URL("peak-memory-child.ts", import.meta.url));

/** Rows move in time, and each is in the answer: several times the limit, most of it of one entity. */
const QUERY = "E | shift_by(days(1)) | { n: $input.n, s: sum($input.n), c: count($input) }";

interface Told {
  readonly rows: number;
  readonly hash: string;
  readonly peakBytes: number;
}

describe("a query over more rows than its limit of memory has room for", () => {
  const directory = mkdtempSync(join(tmpdir(), "fenl-peak-"));
  before(async function () {
    this.timeout(180_000);
    const store = await openStore({ directory });
    await store.createTable({ name: "E", timeColumn: "at", keyColumn: "key" });
    await store.loadArrow(
      "E",
      eventTable(ROWS, (row) => (row % 4 === 0 ? (row * 7919) % 1000 : -1)),
    );
    await store.close();
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  async function run(limit: number): Promise<Told> {
    const parameters = ["--no-experimental-require-module", "--import", "tsx", CHILD, directory, String(limit), QUERY];
    const { stdout } = await promisify(execFile)(process.execPath, parameters);
    return JSON.parse(stdout) as Told;
  }

  it("has the same answer, and takes much less memory than without a limit", async function () {
    this.timeout(300_000);
    const limited = await run(LIMIT);
    const free = await run(NO_LIMIT);
    assert.equal(limited.rows, ROWS);
    assert.equal(limited.hash, free.hash);
    const text = `${limited.peakBytes} bytes with the limit, ${free.peakBytes} without`;
    assert.ok(limited.peakBytes < 0.75 * free.peakBytes, text);
    // Node with its worker threads takes 200 MB before there is any row.
    assert.ok(limited.peakBytes < 700_000_000, text);
  });
});
