import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as table from "../../src/api/table.ts";
import { createQuery, LocalBuilder, livingSession, Session } from "../../src/index.ts";
import { openStore } from "../../src/tables/store/store.ts";

const events = { tableName: "Events", timeColumnName: "at", entityKeyColumnName: "who" };

describe("session", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "fenl-session-"));
    writeFileSync(join(folder, "a file"), "");
  });
  after(() => rmSync(folder, { recursive: true }));
  afterEach(async () => {
    await (await livingSession())?.stop();
  });

  it("is the living one when built again, also at the same time", async () => {
    const [first, second] = await Promise.all([
      new LocalBuilder().inMemory(true).name("one").build(),
      new LocalBuilder().path(join(folder, "other")).build(),
    ]);
    assert.equal(first, second);
    assert.equal(await livingSession(), first);
    assert.equal(first.name, "one");
  });

  it("is a new one after it was stopped", async () => {
    const first = await new LocalBuilder().inMemory(true).build();
    await first.stop();
    await first.stop();
    assert.equal(await livingSession(), null);
    assert.notEqual(await new LocalBuilder().inMemory(true).build(), first);
  });

  it("keeps its tables on disk", async () => {
    const first = await new LocalBuilder().path(join(folder, "kept")).build();
    await table.createTable(events);
    await first.stop();
    const second = await new LocalBuilder().path(join(folder, "kept")).build();
    assert.equal(second.path, join(folder, "kept"));
    assert.deepEqual(
      (await table.listTables()).map((entry) => entry.tableName),
      ["Events"],
    );
  });

  it("forgets its tables and its folder in memory", async () => {
    const first = await new LocalBuilder().inMemory(true).build();
    await table.createTable(events);
    assert.ok(existsSync(first.path));
    await first.stop();
    assert.ok(!existsSync(first.path));
    await new LocalBuilder().inMemory(true).build();
    assert.deepEqual(await table.listTables(), []);
  });

  it("limits the memory of queries and materializations where it is told to", async () => {
    for (const wrong of [0, 1.5, 999_999, Number.NaN, "2GB" as unknown as number]) {
      assert.throws(() => new LocalBuilder().memoryLimit(wrong), {
        name: "ArgumentError",
        message: /bytes from 1000000/,
      });
    }
    const session = await new LocalBuilder().inMemory(true).memoryLimit(2_000_000).build();
    assert.equal(session.memoryLimit, 2_000_000);
    await session.stop();
  });

  it("can be built after a failure", async () => {
    await assert.rejects(new LocalBuilder().path(join(folder, "a file", "store")).build(), { name: "TableError" });
    const session = await new LocalBuilder().inMemory(true).build();
    assert.equal(await livingSession(), session);
  });

  it("is used where a call names it, instead of the living one", async () => {
    const living = await new LocalBuilder().inMemory(true).build();
    const other = new Session(await openStore({ inMemory: true }), { name: null, clientId: null, inMemory: true });
    await table.createTable({ ...events, session: other });
    assert.equal((await table.listTables({ session: other })).length, 1);
    assert.equal((await table.listTables({ session: living })).length, 0);
    await other.stop();
    assert.equal(await livingSession(), living);
  });

  it("writes what it does to a log where that is asked for", async () => {
    const logs = join(folder, "logs");
    const session = await new LocalBuilder().inMemory(true).name("logged").logs(logs).build();
    await table.createTable(events);
    const file = join(folder, "events.csv");
    writeFileSync(file, "at,who\n2022-01-01T00:00:00Z,ann\n");
    await table.load({ tableName: "Events", file });
    await createQuery({ expression: "Events" });
    await assert.rejects(createQuery({ expression: "Nothing" }), { name: "FenlError" });
    await session.stop();
    const lines = readFileSync(join(logs, "fenl.log"), "utf8").trimEnd().split("\n");
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).event),
      ["open", "create table", "load", "query", "query failed", "stop"],
    );
    assert.match(JSON.parse(lines[4]!).reason, /No reference named 'Nothing'/);
    await assert.rejects(new LocalBuilder().inMemory(true).logs(join(folder, "a file")).build(), {
      name: "WriteError",
    });
  });
});
