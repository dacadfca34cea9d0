import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { runQuery } from "../../src/api/run-query.ts";
import { mergePrepared } from "../../src/tables/prepared/merge-prepared.ts";
import { readPrepared } from "../../src/tables/prepared/read-prepared.ts";
import type { Store } from "../../src/tables/store/store.ts";
import { openStore } from "../../src/tables/store/store.ts";

describe("compacting a table", function () {
  this.timeout(60_000);
  let folder: string;
  let store: Store;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "fenl-compact-"));
    store = await openStore({ directory: join(folder, "store") });
    await store.createTable({ name: "T", timeColumn: "at", keyColumn: "who" });
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  let loads = 0;
  const load = async (...rows: string[]) => {
    const path = join(folder, `${++loads}.csv`);
    writeFileSync(path, `at,who,n,s\n${rows.map((row) => `${row}\n`).join("")}`);
    return (await store.loadFile("T", path)).dataToken;
  };
  const answer = async (dataTokenId?: string) =>
    (await runQuery("test", store, { expression: "{ n: T.n, s: T.s, sum: sum(T.n) }", dataTokenId })).toCsv();
  const names = () => readdirSync(join(folder, "store", "files"));

  it("merges its files into one, and keeps every version as it was", async () => {
    const tokens = [
      await load("2022-01-02,ann,1,x", "2022-01-01,bob,2,"),
      await load("2022-01-01,ann,3,y", "2022-01-01,bob,,x"),
      await load("2022-01-03,cyd,4,z"),
    ];
    const before = [await answer(), ...(await Promise.all(tokens.map(answer)))];
    const state = store.getTable("T");
    assert.deepEqual(
      { ...(await store.compact("T")), olderBytes: 0 },
      { table: "T", filesBefore: 3, filesAfter: 1, olderFiles: 3, olderBytes: 0 },
    );
    assert.equal(store.snapshot()[0]!.files.length, 1);
    assert.deepEqual([await answer(), ...(await Promise.all(tokens.map(answer)))], before);
    assert.deepEqual(store.getTable("T"), state);
    assert.deepEqual(await store.check(), []);
    assert.equal(names().length, 4);
    await load("2022-01-01,ann,9,x");
    assert.equal(store.snapshot()[0]!.files.length, 2);
    assert.deepEqual(await Promise.all(tokens.map(answer)), before.slice(1));
    assert.equal((await store.compact("T")).filesAfter, 1);
    assert.equal((await store.compact("T")).filesBefore, 1);
    assert.deepEqual(await Promise.all(tokens.map(answer)), before.slice(1));
    assert.equal((await store.loadFile("T", join(folder, "1.csv"))).added, false);
  });

  it("frees the disk where older versions are given up, and says so of them", async () => {
    const first = await load("2022-01-02,ann,1,x");
    const second = await load("2022-01-01,ann,3,y");
    const before = await answer();
    const done = await store.compact("T", { forgetVersions: true });
    assert.deepEqual([done.filesAfter, done.olderFiles, done.olderBytes], [1, 0, 0]);
    await store.sweep();
    assert.equal(names().length, 1);
    assert.equal(await answer(), before);
    assert.equal(await answer(second), before);
    await assert.rejects(answer(first), {
      kind: "not-found",
      message: new RegExp(
        `the data of '${first}' is not whole any more: older versions of table 'T' were given up when it was compacted; expected the data token '${second}' or a later one`,
      ),
    });
    const third = await load("2022-01-05,ann,5,y");
    await store.compact("T", { forgetVersions: true });
    await store.sweep();
    assert.equal(names().length, 1);
    assert.match(await answer(third), /,9\n$/);
    await assert.rejects(answer(second), { kind: "not-found" });
    assert.deepEqual(await store.check(), []);
  });

  it("gives up older versions of a table of one file too", async () => {
    const first = await load("2022-01-02,ann,1,x");
    await load();
    assert.equal((await store.compact("T", { forgetVersions: true })).filesAfter, 1);
    await assert.rejects(answer(first), { kind: "not-found" });
    assert.match(await answer(), /,1,x,1\n$/);
  });

  it("leaves tables without rows alone", async () => {
    assert.equal((await store.compact("T")).filesAfter, 0);
    await load();
    assert.equal((await store.compact("T", { forgetVersions: true })).filesAfter, 0);
    assert.deepEqual(await store.check(), []);
    await assert.rejects(store.compact("U"), { kind: "not-found" });
  });

  it("keeps loads that come in meanwhile, and lets one of two compactions win", async () => {
    await load("2022-01-02,ann,1,x");
    await load("2022-01-03,ann,2,x");
    const outcomes = await Promise.allSettled([
      store.compact("T"),
      load("2022-01-04,ann,4,x"),
      store.compact("T", { forgetVersions: true }),
    ]);
    assert.equal(outcomes[1].status, "fulfilled");
    const failed = outcomes.filter((outcome) => outcome.status === "rejected");
    for (const { reason } of failed) assert.match(String(reason), /compacted by another process meanwhile/);
    assert.equal(failed.length, 1);
    assert.match(await answer(), /,7\n$/);
    assert.deepEqual(await store.check(), []);
    assert.equal(
      readdirSync(join(folder, "store", "staging", readdirSync(join(folder, "store", "staging"))[0]!)).length,
      0,
    );
  });

  it("gives the rows in the order of the files, however it is divided", async () => {
    const row = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom("a", "b", "c", "d"), fc.integer());
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(row, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 4 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 8 }),
        async (files, fileRows, passRows) => {
          await store.deleteTable("T");
          await store.createTable({ name: "T", timeColumn: "at", keyColumn: "who", subsortColumn: "at" });
          for (const rows of files) await load(...rows.map(([at, who, n]) => `${at},${who},${n},t${n % 3}`));
          const [table] = store.snapshot();
          const merged = await mergePrepared(table!.files, table!.columns, {
            key: "who",
            directory: folder,
            durable: false,
            fileRows,
            passRows,
          });
          const rowsOf = (all: readonly (typeof merged)[number][] | (typeof table & {})["files"]) =>
            all.flatMap((file) => {
              const { rows, keyHash, time, columns } = readPrepared(file, ["n", "s"]);
              const [n, s] = [columns.get("n")!, columns.get("s")!];
              return Array.from({ length: rows }, (_, place) => ({
                key: keyHash[place]!,
                time: time[place]!,
                text: `${n.values[place]} ${s.dictionary![s.values[place] as number]}`,
              }));
            });
          const expected = rowsOf(table!.files)
            .map((one, place) => ({ ...one, place }))
            .sort((a, b) => Number(a.key - b.key) || Number(a.time - b.time) || a.place - b.place)
            .map(({ place: _place, ...one }) => one);
          assert.deepEqual(rowsOf(merged), expected);
          for (const { path } of merged) rmSync(path);
        },
      ),
      { numRuns: 15 },
    );
  });
});
