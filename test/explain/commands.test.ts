import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

function fenl(args: readonly string[], input = "") {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", "cli/main.ts", ...args], {
    cwd: ROOT,
    input,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

const UGLY = "{a:1,b:sum(Purchase.amount)}";
const NEAT = "{ a: 1, b: sum(Purchase.amount) }\n";

describe("commands that show and format", function () {
  this.timeout(60_000);
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "fenl-commands-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const fileOf = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it("fmt prints a formatted query from a file or standard input", () => {
    assert.deepEqual(fenl(["fmt"], UGLY), { status: 0, stdout: NEAT, stderr: "" });
    assert.deepEqual(fenl(["fmt", "-"], `${UGLY} # why`), {
      status: 0,
      stdout: `${NEAT.trimEnd()} # why\n`,
      stderr: "",
    });
    const file = fileOf("one.fenl", UGLY);
    assert.deepEqual(fenl(["fmt", file]), { status: 0, stdout: NEAT, stderr: "" });
    assert.equal(readFileSync(file, "utf8"), UGLY);
  });

  it("fmt --check names what is not formatted, fmt --write formats it and keeps the file's mode", () => {
    const ugly = fileOf("ugly.fenl", UGLY);
    const neat = fileOf("neat.fenl", NEAT);
    const { mode } = statSync(ugly);
    assert.deepEqual(fenl(["fmt", "--check", ugly, neat]), {
      status: 1,
      stdout: `${ugly} is not formatted\n`,
      stderr: "",
    });
    assert.deepEqual(fenl(["fmt", "--write", ugly, neat]), { status: 0, stdout: `${ugly} formatted\n`, stderr: "" });
    assert.equal(readFileSync(ugly, "utf8"), NEAT);
    assert.equal(statSync(ugly).mode, mode);
    assert.equal(fenl(["fmt", "--check", ugly, neat]).status, 0);
  });

  it("fmt tells where a query is wrong, and leaves its file alone", () => {
    const file = fileOf("wrong.fenl", "{ a: ");
    const { status, stdout, stderr } = fenl(["fmt", "--write", file]);
    assert.equal(status, 1);
    assert.equal(stdout, "");
    assert.ok(stderr.startsWith(`error[E0011]: Invalid syntax\n  --> ${file}:1:5\n`), stderr);
    assert.equal(readFileSync(file, "utf8"), "{ a: ");
  });

  it("fmt refuses what does not go together", () => {
    for (const args of [["--write"], ["--check", "--write", "x"], ["a", "b"], [join(folder, "nowhere.fenl")]]) {
      const { status, stdout, stderr } = fenl(["fmt", ...args]);
      assert.equal(status, 2, stderr);
      assert.equal(stdout, "");
      assert.notEqual(stderr, "");
    }
  });

  it("explain prints the page of a code, or the list of codes", () => {
    const page = fenl(["explain", "e0006"]);
    assert.equal(page.status, 0);
    assert.match(page.stdout, /^error\[E0006\]: Unbound reference\n/);
    const list = fenl(["explain"]);
    assert.equal(list.status, 0);
    assert.match(list.stdout, /^E0001 {2}Illegal field reference$/m);
    assert.match(list.stdout, /^W2001 {2}Unused binding; Incompatible grouping$/m);
  });

  it("explain names the nearest codes", () => {
    const { status, stdout, stderr } = fenl(["explain", "E006"]);
    assert.equal(status, 2);
    assert.equal(stdout, "");
    assert.equal(stderr, "fenl explain: there is no code 'E006'. Nearest codes: E0006, E0016, E0001, E0002, E0003\n");
  });

  it("query --explain shows a stage's view of a query, and runs nothing", () => {
    fileOf("purchases.csv", "time,customer,amount\n2022-01-01,ann,4.5\n");
    const tables = fileOf(
      "tables.json",
      JSON.stringify([{ name: "Purchase", file: "purchases.csv", timeColumn: "time", entityKeyColumn: "customer" }]),
    );
    const query = ["query", "--tables", tables, "{ total: sum(Purchase.amount) }", "--explain"];
    assert.match(fenl([...query, "ast"]).stdout, /^1:1 +record\n1:10 +total: call sum\n/);
    assert.match(fenl([...query, "typed"]).stdout, /^#0 +table Purchase /);
    assert.match(fenl([...query, "plan"]).stdout, /^rows\n {2}r0 {2}events of Purchase\n/);
    assert.match(fenl([...query, "wasm"]).stdout, /^\(module\n/m);
    assert.equal(fenl([...query, "nothing"]).status, 2);
    const out = join(folder, "plan.txt");
    assert.deepEqual(fenl([...query, "plan", "--out", out]), { status: 0, stdout: "", stderr: "" });
    assert.match(readFileSync(out, "utf8"), /^rows\n/);
    const wrong = fenl(["query", "--tables", tables, "{ total: nope }", "--explain", "plan"]);
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /^error\[E0006\]/);
  });
});
