import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { valueAt } from "../../src/tables/column-data.ts";
import { readPrepared } from "../../src/tables/read-prepared.ts";
import type { Store } from "../../src/tables/store.ts";
import { openStore } from "../../src/tables/store.ts";

/** How many writers are killed; a long run sets another number. */
const KILLS = Number(process.env.FENL_STORE_KILLS ?? 4);
const WRITER = fileURLToPath(new URL("./store-writer.ts", import.meta.url));

function numbersIn(store: Store, name: string): number[] {
  const table = store.snapshot().find((candidate) => candidate.name === name);
  return (table?.files ?? []).flatMap((file) => {
    const { rows, columns } = readPrepared(file, ["n"], { verify: true });
    assert.equal(rows, 50);
    return Number(valueAt(columns.get("n")!, 0));
  });
}

describe("a store whose writers are killed", () => {
  it(`keeps every load that was committed, over ${KILLS} kills`, async function () {
    this.timeout(60_000 + KILLS * 20_000);
    const root = mkdtempSync(join(tmpdir(), "fenl-crash-"));
    const directory = join(root, "store");
    const kept = new Set<number>();
    try {
      for (let kill = 0; kill < KILLS; kill++) {
        const first = 1000 * (kill + 1);
        const writers = [0, 500].map((offset) =>
          spawn(process.execPath, ["--import", "tsx", WRITER, directory, String(first + offset)], {
            stdio: ["ignore", "pipe", "pipe"],
          }),
        );
        const outputs = writers.map((writer) => {
          const output = { text: "", errors: "" };
          writer.stdout.setEncoding("utf8").on("data", (part: string) => {
            output.text += part;
          });
          writer.stderr.setEncoding("utf8").on("data", (part: string) => {
            output.errors += part;
          });
          return output;
        });
        // The first kill waits for a load, so that there is something to lose; the others may come before any.
        const awaited = kill === 0 ? "loaded Kept" : "ready";
        const deadline = performance.now() + 60_000;
        while (!outputs.every(({ text }) => text.includes(awaited)) && performance.now() < deadline) {
          if (writers.some((writer) => writer.exitCode !== null)) break;
          await setTimeout(5);
        }
        await setTimeout(Math.random() * 250);
        for (const writer of writers) writer.kill("SIGKILL");
        await Promise.all(writers.map((writer) => writer.exitCode ?? writer.signalCode ?? once(writer, "exit")));
        for (const { text, errors } of outputs) {
          assert.ok(text.includes(awaited), `a writer did not get to "${awaited}": ${errors}`);
          for (const [, number] of text.matchAll(/^loaded Kept (\d+)$/gm)) kept.add(Number(number));
        }

        const store = await openStore({ directory });
        assert.deepEqual(await store.check(), []);
        const found = new Set(numbersIn(store, "Kept"));
        for (const number of kept) assert.ok(found.has(number), `load ${number} is gone`);
        for (const number of found) kept.add(number);
        numbersIn(store, "Dropped");
        const path = join(root, `retry-${kill}.csv`);
        writeFileSync(path, `at,k,n\n${`1,1,${first + 999}\n`.repeat(50)}`);
        assert.equal((await store.loadFile("Kept", path)).added, true);
        kept.add(first + 999);
        const referenced = store.snapshot().flatMap((table) => table.files.map((file) => file.path));
        assert.deepEqual(
          readdirSync(join(directory, "files"))
            .map((name) => join(directory, "files", name))
            .sort(),
          referenced.sort(),
        );
        assert.equal(readdirSync(join(directory, "staging")).length, 1);
        await store.close();
      }
      assert.ok(kept.size > KILLS);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
