import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { checkMlExample } from "../notebook/check-ml-example.ts";
import { ExecutedNotebook } from "../notebook/executed-notebook.ts";

const ROOT = resolve(import.meta.dirname, "../..");

describe("npm run pack", function () {
  this.timeout(600_000);
  let folder: string;
  let environment: NodeJS.ProcessEnv;

  function run(command: string, ...parameters: string[]) {
    const { status, stdout, stderr, error } = spawnSync(command, parameters, {
      cwd: folder,
      encoding: "utf8",
      env: environment,
    });
    assert.equal(status, 0, `${command} ${parameters.join(" ")}\n${error ?? ""}${stdout}${stderr}`);
    return stdout;
  }
  const fenl = (...parameters: string[]) => run(join(folder, "global/bin/fenl"), ...parameters);

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "fenl-packed-"));
    // A machine on which nothing of this project or of the user's settings is.
    const { PATH, http_proxy, https_proxy, HTTPS_PROXY, HTTP_PROXY, NODE_EXTRA_CA_CERTS } = process.env;
    const given = Object.entries(process.env).filter(([name]) => /^npm_config_registry$/i.test(name));
    environment = {
      ...Object.fromEntries(given),
      ...{ PATH, http_proxy, https_proxy, HTTPS_PROXY, HTTP_PROXY, NODE_EXTRA_CA_CERTS },
      HOME: join(folder, "home"),
      npm_config_cache: join(folder, "cache"),
      npm_config_audit: "false",
      npm_config_fund: "false",
    };
    mkdirSync(join(folder, "home"));
    if (existsSync(join(process.env.HOME ?? "", ".npmrc")))
      cpSync(join(process.env.HOME!, ".npmrc"), join(folder, "home/.npmrc"));
    const packed = spawnSync("npm", ["run", "pack", "--", folder], { cwd: ROOT, encoding: "utf8" });
    assert.equal(packed.status, 0, packed.stdout + packed.stderr);
    const [tarball] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
    assert.ok(tarball, packed.stdout);
    run("npm", "install", "--global", "--prefix", join(folder, "global"), join(folder, tarball));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("installs the command", () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    assert.equal(fenl("--version").trim(), version);
    const out = fenl("explain", "E0006");
    assert.match(out, /E0006/);
  });

  it("installs the kernel and the colours of its cells", () => {
    fenl("install", "--prefix", join(folder, "jupyter"));
    const spec = JSON.parse(readFileSync(join(folder, "jupyter/share/jupyter/kernels/fenl/kernel.json"), "utf8"));
    const main = spec.argv.find((word: string) => word.endsWith("main.js"));
    assert.ok(main.startsWith(join(folder, "global")) && existsSync(main), main);
    assert.ok(existsSync(join(folder, "jupyter/share/jupyter/labextensions/fenl/package.json")));
  });

  it("starts JupyterLab where it knows the kernel", () => {
    mkdirSync(join(folder, "bin"));
    // It stands for JupyterLab, which is no part of the package: it tells how it was called.
    writeFileSync(join(folder, "bin/jupyter-lab"), '#!/bin/sh\necho "$JUPYTER_PATH"\necho "$@"\n', { mode: 0o755 });
    const usual = environment;
    environment = { ...usual, PATH: `${join(folder, "bin")}:${usual.PATH}` };
    const [path, parameters] = fenl("lab", "a.ipynb", "--no-browser").trim().split("\n");
    environment = usual;
    assert.match(parameters!, /a\.ipynb --no-browser$/);
    const spec = readFileSync(join(path!.split(":")[0]!, "kernels/fenl/kernel.json"), "utf8");
    assert.ok(spec.includes(join(folder, "global")));
  });

  it("runs the ML example, whose cells import Danfo and TensorFlow", async () => {
    cpSync(join(folder, "global/lib/node_modules/fenl/notebooks/ml-example.ipynb"), join(folder, "ml-example.ipynb"));
    fenl("run", "ml-example.ipynb", "--html");
    await checkMlExample(join(folder, "ml-example.executed.ipynb"));
    assert.ok(existsSync(join(folder, "ml-example.executed.html")));
  });

  it("knows the types of Node, of its own modules and of results", async () => {
    const cells = [
      "%typecheck error",
      `import { LocalBuilder, createTable, load } from "fenl";
import { writeFileSync } from "node:fs";
writeFileSync("p.csv", "at,who,amount\\n2022-01-01T00:00:00Z,a,1\\n");
await new LocalBuilder().inMemory(true).build();
await createTable({ tableName: "P", timeColumnName: "at", entityKeyColumnName: "who" });
await load({ tableName: "P", file: "p.csv" })`,
      "%%fenl --var paid\n{ total: sum(P.amount) }",
      'paid.dataframe["totals"]',
      "const n: number = new LocalBuilder();",
      'paid.dataframe["total"].mean()',
    ].map((source) => ({
      cell_type: "code",
      metadata: { tags: ["raises-exception"] },
      source,
      outputs: [],
      execution_count: null,
    }));
    writeFileSync(join(folder, "types.ipynb"), JSON.stringify({ nbformat: 4, nbformat_minor: 4, metadata: {}, cells }));
    fenl("run", "types.ipynb");
    const { code } = await ExecutedNotebook.read(join(folder, "types.executed.ipynb"));
    const shown = code.map((cell) => JSON.stringify(cell.outputs));
    assert.match(shown[3]!, /totals/);
    assert.match(shown[3]!, /"output_type":"error"/);
    assert.match(shown[4]!, /LocalBuilder.*number/);
    assert.match(shown[5]!, /"text\/plain":\["1"\]/);
  });

  it("is a library of a plain Node program", () => {
    mkdirSync(join(folder, "program"));
    writeFileSync(
      join(folder, "program/main.mjs"),
      `import { LocalBuilder, createQuery } from "fenl";
import { createTable, load } from "fenl/table";
import { writeFileSync } from "node:fs";
writeFileSync("p.csv", "at,who,amount\\n2022-01-01T00:00:00Z,a,1\\n2022-01-01T01:00:00Z,a,2\\n");
const session = await new LocalBuilder().inMemory(true).build();
await createTable({ tableName: "P", timeColumnName: "at", entityKeyColumnName: "who" });
await load({ tableName: "P", file: "p.csv" });
const result = await createQuery({ expression: "{ total: sum(P.amount) }" });
await result.toParquet("p.parquet");
console.log(result.dataframe.column("total").values, result.table.numRows);
await session.stop();
`,
    );
    // Where npm would put it for a project of its own.
    mkdirSync(join(folder, "program/node_modules"));
    cpSync(join(folder, "global/lib/node_modules/fenl"), join(folder, "program/node_modules/fenl"), {
      recursive: true,
    });
    const { status, stdout, stderr } = spawnSync(process.execPath, ["main.mjs"], {
      cwd: join(folder, "program"),
      encoding: "utf8",
      env: environment,
    });
    assert.equal(stderr, "");
    assert.equal(status, 0);
    assert.equal(stdout, "[ 1, 3 ] 2\n");
    assert.ok(existsSync(join(folder, "program/p.parquet")));
  });
});
