import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { createMaterialization, getMaterialization } from "../../src/api/materialization.ts";
import { createQuery } from "../../src/api/query.ts";
import { LocalBuilder } from "../../src/api/session.ts";
import { createTable, getTable, load } from "../../src/api/table.ts";

/** How long the processes load and query; a long run sets another number of seconds. */
const SECONDS = Number(process.env.FENL_SHARED_SECONDS ?? 4);
const CLIENT = fileURLToPath(new URL("./store-client.ts", import.meta.url));

describe("a store that several processes use", () => {
  it(`loses no load and gives no error, for ${SECONDS} s`, async function () {
    this.timeout(60_000 + SECONDS * 5_000);
    const folder = mkdtempSync(join(tmpdir(), "fenl-shared-"));
    const directory = join(folder, "store");
    const session = await new LocalBuilder().path(directory).build();
    try {
      await createTable({ tableName: "Shared", timeColumnName: "at", entityKeyColumnName: "who" });
      const first = join(folder, "first.csv");
      writeFileSync(first, "at,who,n\n2022-01-01T00:00:00Z,first,0\n");
      await load({ tableName: "Shared", file: first });
      await createMaterialization({
        materializationName: "Counts",
        expression: "{ n: count(Shared), last: last(Shared.n) }",
        destination: { fileType: "csv", outputPrefixUri: join(folder, "out") },
      });
      const clients = ["one", "two"].map((name) =>
        spawn(process.execPath, ["--import", "tsx", CLIENT, directory, name, String(SECONDS * 1000)], {
          stdio: ["ignore", "pipe", "pipe"],
        }),
      );
      const outcomes = await Promise.all(
        clients.map(async (client) => {
          const [output, errors, [status]] = await Promise.all([
            text(client.stdout),
            text(client.stderr),
            once(client, "close"),
          ]);
          return { output, errors, status };
        }),
      );
      let loads = 0;
      for (const { output, errors, status } of outcomes) {
        assert.equal(errors, "");
        assert.equal(status, 0);
        loads += Number(/loaded (\d+)/.exec(output)![1]);
      }
      assert.ok(loads >= 4, `${loads} loads`);
      const table = await getTable("Shared");
      assert.equal(table.version, loads + 1);
      assert.equal(table.rowCount, 2 * loads + 1);
      assert.deepEqual(await session.store.check(), []);
      assert.equal((await getMaterialization("Counts")).upToDate, true);
      const all = await createQuery({
        expression: "{ n: count(Shared), last: last(Shared.n) }",
        resultBehavior: "final-results",
      });
      assert.equal(readFileSync(join(folder, "out", "Counts.csv"), "utf8"), all.toCsv());
    } finally {
      await session.stop();
      rmSync(folder, { recursive: true });
    }
  });
});
