import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { CHROMIUM } from "./lab-server.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const FOLDERS = [join(ROOT, ".venv/bin"), ...(process.env.PATH ?? "").split(delimiter)];
const LAB = FOLDERS.map((folder) => join(folder, "jupyter-lab")).find((path) => existsSync(path));

describe("JupyterLab in Chromium", function () {
  this.timeout(300_000);

  it("a newcomer's first session", function () {
    const missing = [LAB === undefined && "jupyter-lab", !existsSync(CHROMIUM) && CHROMIUM].filter(Boolean);
    if (missing.length > 0) {
      console.log(`    NOT RUN, for want of ${missing.join(" and ")}: a newcomer's first session (.ci/run runs it)`);
      this.skip();
    }
    const command = ["--import", "tsx", join(ROOT, "test/browser/newcomer.ts"), LAB!];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: ROOT, encoding: "utf8" });
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, /^\d\d passed, 0 failed$/m);
  });
});
