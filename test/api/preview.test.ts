import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runFenl } from "../../src/run-fenl.ts";
import { headPath } from "../../src/tables/prepared/prepared-head.ts";
import { openStore, type Store } from "../../src/tables/store/store.ts";
import { eventTable } from "./event-table.ts";

const ROWS = 200_000;
const SECOND = 1_000_000_000n;

describe("previews of a large table", () => {
  const directory = mkdtempSync(join(tmpdir(), "fenl-preview-store-"));
  let store: Store;
  before(async function () {
    this.timeout(60_000);
    store = await openStore({ directory });
    await store.createTable({ name: "E", timeColumn: "at", keyColumn: "key" });
    await store.loadArrow(
      "E",
      eventTable(ROWS, (row) => (row * 7919) % 1000),
    );
  });
  after(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function ask(query: string, previewRows?: number) {
    let read = { rowsRead: 0, rowsTotal: 0 };
    const { rows } = await runFenl(
      query,
      { tables: store.snapshot(), views: [] },
      {
        resultBehavior: "all-results",
        previewRows,
        previewEvents: 1000,
        onProgress: (progress) => {
          read = progress;
        },
      },
    );
    return { times: [...rows!.rows.time], values: rows!.rows.columns.map(({ values }) => [...values]), read };
  }

  it("read the earliest events, which stand beside each file", async () => {
    const [file] = store.snapshot()[0]!.files;
    assert.ok(existsSync(headPath(file!.path)));
    const preview = await ask("{ s: sum(E.n), n: count(E) }", 100);
    const whole = await ask("{ s: sum(E.n), n: count(E) }");
    assert.deepEqual(preview.times, whole.times.slice(0, 100));
    assert.deepEqual(
      preview.values,
      whole.values.map((values) => values.slice(0, 100)),
    );
    assert.equal(preview.read.rowsTotal, ROWS);
    assert.ok(preview.read.rowsRead > 0 && preview.read.rowsRead < ROWS / 20, `read ${preview.read.rowsRead} rows`);
    assert.equal(whole.read.rowsRead, ROWS);
  });

  it("read all events where the first ones give too few rows", async () => {
    const { times } = await ask(`E | when(E.n >= ${ROWS - 3})`, 2);
    assert.deepEqual(times, [BigInt(ROWS - 3) * SECOND, BigInt(ROWS - 2) * SECOND]);
  });

  it("keep the files of a store that is opened again", async () => {
    await store.close();
    store = await openStore({ directory });
    assert.deepEqual(await store.check(), []);
    assert.ok(readdirSync(join(directory, "files")).some((name) => name.endsWith(".head.arrow")));
    assert.deepEqual((await ask("E", 1)).times, [0n]);
  });
});
