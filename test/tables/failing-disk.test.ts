import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "../../src/tables/store/store.ts";
import { openStore } from "../../src/tables/store/store.ts";
import { type DiskFault, failDisk } from "../crash/failing-disk.ts";

describe("a store on a disk that fails", function () {
  this.timeout(60_000);
  let folder: string;
  let directory: string;
  let store: Store;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "fenl-disk-"));
    directory = join(folder, "store");
    store = await openStore({ directory });
    await store.createTable({ name: "T", timeColumn: "at", keyColumn: "k" });
    await store.loadFile("T", file("1,1"));
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  let files = 0;
  const file = (...rows: string[]) => {
    const path = join(folder, `${++files}.csv`);
    writeFileSync(path, `at,k\n${rows.map((row) => `${row}\n`).join("")}`);
    return path;
  };
  const during = async <T>(
    fault: DiskFault,
    action: () => Promise<T>,
  ): Promise<{ changes: number; result: T | Error }> => {
    const disk = failDisk(directory, fault);
    let result: T | Error;
    try {
      result = await action();
    } catch (error) {
      result = error as Error;
    }
    return { changes: disk.mend(), result };
  };

  for (const [what, reason] of [
    ["ENOSPC", "the disk is full"],
    ["EACCES", "permission denied"],
    ["EIO", "the device failed"],
  ] as const) {
    it(`fails a load clearly, whichever change of the disk meets ${what}, and the next one works`, async () => {
      const path = file("2,2", "3,3");
      let failed = 0;
      for (let change = 1; ; change++) {
        assert.ok(change < 100, "the load does not end");
        const before = store.getTable("T");
        const { result } = await during({ change, what, times: 1000 }, () => store.loadFile("T", path));
        if (!(result instanceof Error)) {
          assert.equal(store.getTable("T").rows, 3);
          break;
        }
        failed++;
        assert.equal(result.name, "TableError", result.stack);
        assert.match(result.message, new RegExp(`^cannot .*store.*: ${reason}$`));
        // The very last step makes the commit durable: the load is in, and not known to outlast a failure of the power.
        const isMade = /whether the change, which is made, outlasts a failure of the power/.test(result.message);
        assert.equal(isMade, store.getTable("T").rows === 3, result.message);
        if (isMade) continue;
        assert.deepEqual(store.getTable("T"), before);
        // The disk still fails when the load clears up behind it.
        assert.ok(readdirSync(join(directory, "files")).length >= 1);
        assert.deepEqual(await store.check(), []);
      }
      assert.ok(failed > 5, `${failed} loads failed`);
      assert.deepEqual(await store.check(), []);
      await store.close();
      store = await openStore({ directory });
      assert.equal(store.getTable("T").rows, 3);
      assert.equal(readdirSync(join(directory, "files")).length, 2);
    });

    it(`can be read where opening it meets ${what}, and written once that is over`, async () => {
      await store.close();
      const { result } = await during({ change: 1, what, times: 1000 }, async () => {
        const opened = await openStore({ directory });
        assert.equal(opened.snapshot()[0]!.files.length, 1);
        assert.deepEqual(await opened.check(), []);
        await assert.rejects(opened.createView("V", "T"), { message: new RegExp(`: ${reason}$`) });
        await assert.rejects(opened.loadFile("T", file("4,4")), { message: new RegExp(`: ${reason}$`) });
        return opened;
      });
      assert.ok(!(result instanceof Error), String(result));
      store = result;
      assert.equal((await store.loadFile("T", file("5,5"))).added, true);
    });
  }

  it("tells that a load is in where only its outlasting a failure of the power is not known", async () => {
    let made = 0;
    for (let change = 1; ; change++) {
      const rows = store.getTable("T").rows;
      const { changes, result } = await during({ change, what: "EIO", times: 1 }, () =>
        store.loadFile("T", file(`${100 + change},1`)),
      );
      if (!(result instanceof Error)) {
        assert.equal(store.getTable("T").rows, rows + 1);
        if (changes < change) break;
        continue;
      }
      const isMade = /whether the change, which is made, outlasts a failure of the power: .*failed$/.test(
        result.message,
      );
      assert.equal(store.getTable("T").rows, isMade ? rows + 1 : rows, result.message);
      if (isMade) made++;
      assert.deepEqual(await store.check(), []);
    }
    assert.ok(made >= 1);
  });

  it("clears up behind a process that died before its session was entered", async () => {
    await store.close();
    writeFileSync(join(directory, "sessions", ".0d9f2ad2-4cb5-4f2c-8a0a-5a2d1a3a4b5c"), '{"pid":');
    writeFileSync(join(directory, "files", "left.arrow"), "left");
    store = await openStore({ directory });
    assert.equal(readdirSync(join(directory, "files")).length, 1);
    assert.deepEqual(await store.check(), []);
  });

  it("lets others write after one whose lock could not be freed", async () => {
    const other = await openStore({ directory, lockTimeout: 20_000 });
    try {
      let change = 1;
      for (; ; change++) {
        const { changes, result } = await during({ change, what: "EIO", times: 1 }, () =>
          store.createView(`V${change}`, "T"),
        );
        if (!(result instanceof Error) && changes < change) break;
        await other.createView(`W${change}`, "T");
        await store.createView(`X${change}`, "T");
      }
      assert.ok(change > 5);
    } finally {
      await other.close();
    }
  });
});
