import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");

describe("the fenl command", function () {
  this.timeout(30_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "fenl-command-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  function fenl(parameters: readonly string[], env: NodeJS.ProcessEnv = {}): SpawnSyncReturns<string> {
    const command = [
      "--import",
      join(ROOT, "node_modules/tsx/dist/loader.mjs"),
      join(ROOT, "cli/main.ts"),
      ...parameters,
    ];
    return spawnSync(process.execPath, command, { cwd: folder, encoding: "utf8", env: { ...process.env, ...env } });
  }

  it("lists its commands, and tells its version", () => {
    const { stdout, status } = fenl(["--help"]);
    assert.equal(status, 0);
    for (const command of ["run", "lab", "install", "query", "kernel"])
      assert.match(stdout, new RegExp(`^ {2}${command} `, "m"));
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    assert.equal(fenl(["--version"]).stdout.trim(), version);
  });

  it("suggests the nearest command and option", () => {
    const command = fenl(["instal"]);
    assert.equal(command.status, 2);
    assert.match(command.stderr, /unknown command 'instal'\n\(Did you mean install\?\)/);
    assert.match(fenl(["run", "--timeuot", "3", "x.ipynb"]).stderr, /Did you mean --timeout\?/);
    assert.match(fenl(["run"]).stderr, /missing required argument 'notebook'/);
  });

  it("installs the kernelspec below a prefix and says where", () => {
    const { stdout, status } = fenl(["install", "--prefix", "there"]);
    assert.equal(status, 0);
    const kernels = join(folder, "there/share/jupyter/kernels");
    assert.ok(stdout.includes(join(kernels, "fenl")));
    const spec = JSON.parse(readFileSync(join(kernels, "fenl/kernel.json"), "utf8"));
    assert.equal(spec.argv.at(-1), "{connection_file}");
    assert.ok(readdirSync(join(kernels, "fenl")).includes("logo-64x64.png"));
  });

  it("installs for the user, and below the active Python environment", () => {
    const user = fenl(["install", "--user"], { JUPYTER_DATA_DIR: join(folder, "data") });
    assert.ok(user.stdout.includes(join(folder, "data/kernels/fenl")), user.stderr);
    const active = fenl(["install", "--sys-prefix"], { VIRTUAL_ENV: join(folder, "venv") });
    assert.ok(active.stdout.includes(join(folder, "venv/share/jupyter/kernels/fenl")), active.stderr);
  });

  it("refuses two places at once, and a place that cannot be written", () => {
    assert.match(fenl(["install", "--user", "--prefix", "x"]).stderr, /cannot be used with/);
    writeFileSync(join(folder, "file"), "");
    const blocked = fenl(["install", "--prefix", "file"]);
    assert.equal(blocked.status, 1);
    assert.match(blocked.stderr, /^fenl install: /);
    assert.ok(!/^ +at /m.test(blocked.stderr));
  });

  it("refuses a connection file that is not there", () => {
    const { status, stderr } = fenl(["kernel", "nowhere.json"]);
    assert.notEqual(status, 0);
    assert.match(stderr, /nowhere\.json cannot be read/);
    assert.ok(!/^ +at /m.test(stderr));
  });
});
