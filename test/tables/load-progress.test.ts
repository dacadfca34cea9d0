import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LoadProgress, Store } from "../../src/tables/store/store.ts";
import { openStore } from "../../src/tables/store/store.ts";

describe("the progress of a load", () => {
  let directory: string;
  let store: Store;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "fenl-progress-"));
    store = await openStore({ inMemory: true });
    await store.createTable({ name: "Plays", timeColumn: "at", keyColumn: "user" });
  });

  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it("counts bytes and rows while reading, and rows while writing", async () => {
    const path = join(directory, "plays.csv");
    const text = `at,user\n${Array.from({ length: 1000 }, (_, row) => `2024-01-01T00:00:00Z,u${row}\n`).join("")}`;
    writeFileSync(path, text);
    const seen: LoadProgress[] = [];
    await store.loadFile("Plays", path, { onProgress: (progress) => seen.push(progress) });
    const reading = seen.filter(({ phase }) => phase === "reading");
    assert.deepEqual(reading.at(-1), { phase: "reading", rows: 1000, bytes: text.length, totalBytes: text.length });
    assert.deepEqual(seen.at(-1), { phase: "writing", rows: 1000, bytes: text.length, totalBytes: text.length });
    for (const [index, progress] of seen.entries()) {
      assert.ok(index === 0 || progress.phase !== seen[index - 1]!.phase || progress.rows >= seen[index - 1]!.rows);
    }
  });
});
