import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { WireClient } from "./wire-client.ts";

const ROWS = 150_000;

describe("progress", () => {
  let client: WireClient;

  before(async () => {
    client = await WireClient.start();
    const rows = Array.from(
      { length: ROWS },
      (_, row) => `2022-01-01T00:00:00.${String(row).padStart(9, "0")}Z,u${row % 7},${row}`,
    );
    await writeFile(join(client.folder, "many.csv"), `at,who,n\n${rows.join("\n")}\n`);
    await client.execute(
      'import { LocalBuilder } from "fenl"; import * as ktable from "fenl/table"; ' +
        "const session = await new LocalBuilder().inMemory(true).build(); " +
        'const make = (tableName) => ktable.createTable({ tableName, timeColumnName: "at", entityKeyColumnName: "who" }); ' +
        'await make("Many"); await make("Stopped"); await make("Few")',
    );
  });

  after(() => client.stop());

  it("of a load is one output that is replaced", async () => {
    // The load takes as long as its own watcher wants.
    const { reply, outputs } = await client.execute(
      'let began = 0; await ktable.load({ tableName: "Many", file: "many.csv", ' +
        "onProgress() { began ||= Date.now(); while (Date.now() - began < 800) {} } });",
    );
    assert.equal(reply.status, "ok", reply.evalue);
    assert.deepEqual(
      outputs.map(({ type }) => type),
      ["display_data", ...outputs.slice(1).map(() => "update_display_data")],
    );
    assert.equal(new Set(outputs.map(({ content }) => content.transient.display_id)).size, 1);
    const texts = outputs.map(({ content }) => content.data["text/plain"]);
    const state = /^Loading Many: [\d,]+ (of [\d,]+ )?rows (read|written), \d+ %, [\d,]+ rows\/s(, about .* left)?$/;
    assert.ok(
      texts.slice(0, -1).some((text) => state.test(text)),
      texts.join("\n"),
    );
    assert.match(texts.at(-1), /^Loading Many: done after .* s, 150,000 rows$/);
    assert.match(outputs.at(-1)!.content.data["text/html"], /<progress max="1" value="1.000".*Loading Many: done/);
  });

  it("of a query is shown as well", async () => {
    await client.execute('import { createQuery } from "fenl/query"');
    // What runs in the cell meanwhile makes the query last: each turn of the event loop takes its time.
    const { reply, outputs } = await client.execute(
      "const slow = setInterval(() => { for (const end = Date.now() + 900; Date.now() < end; ); }, 0); " +
        'await createQuery({ expression: "Many" }); clearInterval(slow);',
    );
    assert.equal(reply.status, "ok", reply.evalue);
    const texts = outputs.map(({ content }) => content.data["text/plain"]);
    assert.match(texts[0], /^Query: /);
    assert.match(texts.at(-1), /^Query: done after .* s, 150,000 rows$/);
  });

  it("of short work is not shown", async () => {
    await writeFile(join(client.folder, "few.csv"), "at,who,n\n2022-01-01T00:00:00Z,a,1\n");
    const { reply, outputs } = await client.execute('await ktable.load({ tableName: "Few", file: "few.csv" });');
    assert.equal(reply.status, "ok", reply.evalue);
    assert.deepEqual(outputs, []);
  });

  it("ends when the cell is interrupted, and so does the load; nothing is bound", async () => {
    const id = await client.startExecution(
      'let told = false; const loaded = await ktable.load({ tableName: "Stopped", file: "many.csv", ' +
        "onProgress({ rows }) { if (!told) console.log('reading'); told = true } });",
    );
    await client.wait("its start", ({ type, parentId }) => type === "stream" && parentId === id);
    await client.interrupt();
    assert.equal((await client.finished(id)).reply.ename, "Interrupted");
    assert.equal(await client.value('(await ktable.getTable("Stopped")).rowCount'), "0");
    assert.equal((await client.execute("loaded")).reply.evalue, "loaded is not defined");
  });
});
