import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createMaterialization, getMaterialization, refreshMaterialization } from "../../src/api/materialization.ts";
import { createQuery } from "../../src/api/query.ts";
import { LocalBuilder } from "../../src/api/session.ts";
import { createTable, load } from "../../src/api/table.ts";

/** How many processes are killed; a long run sets another number. */
const KILLS = Number(process.env.FENL_STORE_KILLS ?? 4);
const CLIENT = fileURLToPath(new URL("./store-client.ts", import.meta.url));
const EXPRESSION = "{ n: count(Shared), last: last(Shared.n) }";

describe("materializations whose process is killed", () => {
  it(`stay whole, and are brought up to date by the next, over ${KILLS} kills`, async function () {
    this.timeout(30_000 + KILLS * 15_000);
    const folder = mkdtempSync(join(tmpdir(), "fenl-killed-"));
    const directory = join(folder, "store");
    const output = join(folder, "out", "Counts.csv");
    try {
      let session = await new LocalBuilder().path(directory).build();
      await createTable({ tableName: "Shared", timeColumnName: "at", entityKeyColumnName: "who" });
      const first = join(folder, "first.csv");
      writeFileSync(first, "at,who,n\n2022-01-01T00:00:00Z,first,0\n");
      await load({ tableName: "Shared", file: first });
      await createMaterialization({
        materializationName: "Counts",
        expression: EXPRESSION,
        destination: { fileType: "csv", outputPrefixUri: join(folder, "out") },
      });
      await session.stop();
      for (let kill = 0; kill < KILLS; kill++) {
        const client = spawn(process.execPath, ["--import", "tsx", CLIENT, directory, `run${kill}`, "60000"], {
          stdio: ["ignore", "ignore", "pipe"],
        });
        let errors = "";
        client.stderr.setEncoding("utf8").on("data", (part: string) => {
          errors += part;
        });
        const deadline = performance.now() + 10_000;
        while (!existsSync(join(folder, `run${kill}-1.csv`)) && performance.now() < deadline) await setTimeout(5);
        await setTimeout(Math.random() * 200);
        client.kill("SIGKILL");
        await once(client, "close");
        assert.equal(errors, "");
        assert.match(readFileSync(output, "utf8"), /^_time,_subsort,_key_hash,_key,n,last\n([^\n]+\n)*$/);

        session = await new LocalBuilder().path(directory).build();
        assert.deepEqual(await session.store.check(), []);
        const retried = await refreshMaterialization("Counts");
        assert.equal(retried.upToDate, true);
        assert.equal(retried.failure, null);
        const all = await createQuery({ expression: EXPRESSION, resultBehavior: "final-results" });
        assert.equal(readFileSync(output, "utf8"), all.toCsv());
        assert.equal((await getMaterialization("Counts")).rowCount, all.rowCount);
        await session.stop();
      }
      assert.deepEqual(readdirSync(join(folder, "out")), ["Counts.csv"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
