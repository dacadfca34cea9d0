import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installKernelspec } from "../../kernelspec/install.ts";
import { jupyterDataDir } from "../../kernelspec/jupyter-paths.ts";

describe("the kernelspec", () => {
  let prefix: string;
  const saved = { ...process.env };

  beforeEach(async () => {
    prefix = await mkdtemp(join(tmpdir(), "fenl-prefix-"));
  });

  afterEach(async () => {
    process.env = { ...saved };
    await rm(prefix, { recursive: true, force: true });
  });

  it("is written below a prefix, with logos", async () => {
    const folder = await installKernelspec({ prefix });
    assert.equal(folder, join(prefix, "share/jupyter/kernels/fenl"));
    assert.deepEqual((await readdir(folder)).sort(), [
      "kernel.json",
      "logo-32x32.png",
      "logo-64x64.png",
      "logo-svg.svg",
    ]);
    const spec = JSON.parse(await readFile(join(folder, "kernel.json"), "utf8"));
    assert.equal(spec.language, "typescript");
    assert.equal(spec.interrupt_mode, "message");
    assert.equal(spec.argv[0], process.execPath);
    assert.equal(spec.argv.at(-1), "{connection_file}");
    assert(spec.argv.includes("--no-force-async-hooks-checks"));
    assert.match(spec.argv.at(-2), /^\/.*\/dist\/kernel\/main\.js$/);
    const png = await readFile(join(folder, "logo-32x32.png"));
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [32, 32]);
  });

  it("comes with the extension of JupyterLab, a newer one in the place of an older", async () => {
    const folder = join(prefix, "share/jupyter/labextensions/fenl");
    await mkdir(join(folder, "static"), { recursive: true });
    await writeFile(join(folder, "static/old.js"), "");
    await installKernelspec({ prefix });
    const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    assert.equal(manifest.jupyterlab.extension, true);
    assert.deepEqual(await readdir(join(folder, "static")), [manifest.jupyterlab._build.load.replace("static/", "")]);
    assert.match(await readFile(join(folder, manifest.jupyterlab._build.load), "utf8"), /_JUPYTERLAB/);
    assert.deepEqual(await readdir(join(folder, "..")), ["fenl"]);
  });

  it("is written for the user where Jupyter looks", async () => {
    process.env.JUPYTER_DATA_DIR = join(prefix, "data");
    assert.equal(await installKernelspec({ user: true }), join(prefix, "data/kernels/fenl"));
    assert.equal(await installKernelspec({}), join(prefix, "data/kernels/fenl"));
    assert.equal(
      await installKernelspec({ user: true, name: "fenl-next.1" }),
      join(prefix, "data/kernels/fenl-next.1"),
    );
  });

  it("is written below the prefix of the active Python", async () => {
    process.env.VIRTUAL_ENV = prefix;
    assert.equal(await installKernelspec({ sysPrefix: true }), join(prefix, "share/jupyter/kernels/fenl"));
  });

  it("replaces an older one", async () => {
    const folder = join(prefix, "share/jupyter/kernels/fenl");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "kernel.json"), "{}");
    await installKernelspec({ prefix });
    assert.equal(JSON.parse(await readFile(join(folder, "kernel.json"), "utf8")).language, "typescript");
    assert.equal((await readdir(folder)).length, 4);
  });

  it("refuses names that are no names, and two places at once", async () => {
    for (const name of ["", "..", "a/b", "../x", "a b", "<script>"]) {
      await assert.rejects(installKernelspec({ prefix, name }), /cannot be the name of a kernel/);
    }
    await assert.rejects(installKernelspec({ prefix, user: true }), /Only one of user and prefix/);
    assert.deepEqual(await readdir(prefix), []);
  });

  it("knows the folders of each platform", () => {
    assert.equal(jupyterDataDir({ HOME: "/home/a" }, "linux"), "/home/a/.local/share/jupyter");
    assert.equal(jupyterDataDir({ HOME: "/home/a", XDG_DATA_HOME: "/x" }, "linux"), "/x/jupyter");
    assert.equal(jupyterDataDir({ HOME: "/Users/a" }, "darwin"), "/Users/a/Library/Jupyter");
    assert.equal(jupyterDataDir({ HOME: "/Users/a", JUPYTER_DATA_DIR: "/d" }, "darwin"), "/d");
  });
});
