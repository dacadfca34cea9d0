import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openStore } from "../../src/tables/store/store.ts";
import { eventTable } from "../api/event-table.ts";

const ROWS = 1_300_000;
const LIMIT = 32_000_000;
const NO_LIMIT = 64_000_000_000;
const CHILD = fileURLToPath(new URL("peak-memory-child.ts", import.meta.url));

/** Most rows are those of one entity, and each is in the answer: several times the limit. */
const QUERIES: Readonly<Record<string, string>> = {
  "rows that move in time": "E | shift_by(days(1)) | { n: $input.n, s: sum($input.n), c: count($input) }",
  "rows that wait until the end": "E | shift_until($input.n >= 1299000) | { n: $input.n }",
  "texts that are all different":
    "let t = concat('a text of row ', E.n as string) in { t, first: first(t), n: len(t) }",
  "different values of an entity": "{ d: count_distinct(E.n | if(E.n < 900000)) }",
  "lists that go to other entities":
    "let F = E | when(E.n < 500000) let t = concat('a text of row ', F.n as string) in { l: lookup(F.key, collect(t, max=2)) }",
  "lists of all values": "{ l: list_len(collect(E.n, max=null)), m: median(E.n, window=within(hours(1))) }",
};

interface Told {
  readonly rows: number;
  readonly hash: string;
  readonly peakBytes: number;
}

describe("a query over more rows than its limit of memory has room for", () => {
  const directory = mkdtempSync(join(tmpdir(), "fenl-peak-"));
  let free: readonly Told[] = [];
  before(async function () {
    this.timeout(300_000);
    const store = await openStore({ directory });
    await store.createTable({ name: "E", timeColumn: "at", keyColumn: "key" });
    await store.loadArrow(
      "E",
      eventTable(ROWS, (row) => (row % 4 === 0 ? (row * 7919) % 1000 : -1)),
    );
    await store.close();
    free = await run(NO_LIMIT, Object.values(QUERIES));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  async function run(limit: number, queries: readonly string[]): Promise<Told[]> {
    const parameters = ["--no-experimental-require-module", "--import", "tsx", CHILD, directory, String(limit)];
    const { stdout } = await promisify(execFile)(process.execPath, [...parameters, ...queries]);
    return JSON.parse(stdout) as Told[];
  }

  for (const [index, [name, query]] of Object.entries(QUERIES).entries()) {
    it(`has the same answer in little memory: ${name}`, async function () {
      this.timeout(300_000);
      const [limited] = await run(LIMIT, [query]);
      assert.equal(limited!.hash, free[index]!.hash);
      assert.ok(limited!.rows > 900);
      // Node with its worker threads takes 200 MB before there is any row, and as much again once it has run a while.
      assert.ok(limited!.peakBytes < 640_000_000, `${limited!.peakBytes} bytes with the limit`);
      const text = `${limited!.peakBytes} bytes with the limit, ${free[index]!.peakBytes} without`;
      assert.ok(limited!.peakBytes < 0.9 * free[index]!.peakBytes, text);
    });
  }
});
