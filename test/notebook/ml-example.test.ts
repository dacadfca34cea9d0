import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { checkMlExample } from "./check-ml-example.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const COMMAND = ["--import", "tsx", join(ROOT, "cli/main.ts")];

describe("notebooks/ml-example.ipynb", function () {
  this.timeout(120_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "fenl-ml-"));
    cpSync(join(ROOT, "notebooks/ml-example.ipynb"), join(folder, "ml-example.ipynb"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const run = (...parameters: string[]) =>
    spawnSync(process.execPath, [...COMMAND, "run", ...parameters], { cwd: ROOT, encoding: "utf8" });

  it("is kept without outputs", () => {
    const { cells } = JSON.parse(readFileSync(join(folder, "ml-example.ipynb"), "utf8"));
    assert.ok(cells.every((cell: { outputs?: unknown[] }) => (cell.outputs ?? []).length === 0));
  });

  it("runs headlessly, prints its outputs, and has the right ones", async () => {
    const out = join(folder, "out.ipynb");
    const { status, stdout, stderr } = run(join(folder, "ml-example.ipynb"), "--out", out);
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, /\[1\] %%writefile game_play\.csv {2}\(\+11 lines\)\nWriting game_play\.csv/);
    assert.match(stdout, /2 rows x 7 columns/);
    await checkMlExample(out);
    assert.ok(existsSync(join(folder, "training.csv")) && existsSync(join(folder, "training.parquet")));
  });

  it("can be run again from the top in the folder that it left behind", async () => {
    const out = join(folder, "again.ipynb");
    assert.equal(run(join(folder, "ml-example.ipynb"), "--out", out).status, 0);
    await checkMlExample(out);
  });
});
