import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const CHILD = fileURLToPath(new URL("given-threads-child.ts", import.meta.url));

describe("threads of a load", () => {
  it("go on as those of the query that follows, and the next load has others", async function () {
    this.timeout(60_000);
    const directory = mkdtempSync(join(tmpdir(), "fenl-given-"));
    try {
      const parameters = ["--no-experimental-require-module", "--import", "tsx", CHILD, directory];
      const { stdout } = await promisify(execFile)(process.execPath, parameters);
      const told: { step: string; threads: number; rows?: number }[] = JSON.parse(stdout);
      assert.deepEqual(
        told.filter(({ step }) => step === "query"),
        [
          { step: "query", threads: 0, rows: 3000 },
          { step: "query", threads: 0, rows: 6000 },
        ],
      );
      for (const { step, threads } of told) if (step === "load") assert.ok(threads > 0);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
