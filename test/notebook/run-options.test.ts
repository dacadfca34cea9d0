import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { NotebookCell } from "../../kernel/notebook/notebook-file.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const DEFAULTS = { source: "let limit: number = 10;\nlet region = 'all';", tags: ["parameters"] };

describe("fenl run with parameters, and as a page", function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "fenl-run-options-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  function run(...parameters: string[]): SpawnSyncReturns<string> {
    const command = ["--import", join(ROOT, "node_modules/tsx/dist/loader.mjs"), join(ROOT, "cli/main.ts"), "run"];
    return spawnSync(process.execPath, [...command, ...parameters], { cwd: folder, encoding: "utf8" });
  }

  function write(...cells: readonly { readonly source: string; readonly tags?: string[] }[]): void {
    const notebook = {
      nbformat: 4,
      nbformat_minor: 5,
      metadata: {},
      cells: cells.map(({ source, tags = [] }, at) => {
        return { cell_type: "code", id: `c${at}`, metadata: { tags }, source, outputs: [], execution_count: null };
      }),
    };
    writeFileSync(join(folder, "report.ipynb"), JSON.stringify(notebook));
  }

  const written = (name = "report.executed.ipynb") =>
    (JSON.parse(readFileSync(join(folder, name), "utf8")) as { cells: NotebookCell[] }).cells;
  const sources = () => written().map(({ source }) => [source].flat().join(""));

  it("sets values in a cell behind the one that is tagged parameters", () => {
    write(
      { source: "'first'" },
      DEFAULTS,
      { source: "console.log(JSON.stringify([limit, region, typeof limit]))" },
      { source: "limit += 1" },
    );
    const { status, stdout, stderr } = run("report.ipynb", "--param", "limit=25", "-p", 'region=it\'s "north" $x `y`');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /\[25,"it's \\"north\\" \$x `y`","number"\]/);
    assert.equal(stderr, "");
    assert.equal(sources()[2], '// Parameters\nlet limit = 25;\nlet region = "it\'s \\"north\\" $x `y`";');
    assert.deepEqual(written()[2]!.metadata.tags, ["injected-parameters"]);
  });

  it("replaces the values of an earlier run", () => {
    write(DEFAULTS, { source: "let limit = 1;", tags: ["injected-parameters"] }, { source: "limit" });
    const { status, stdout } = run("report.ipynb", "--param", "limit=2");
    assert.equal(status, 0);
    assert.match(stdout, /\n2\n/);
    assert.equal(written().length, 3);
  });

  it("reads numbers, truth values, null, lists, objects and texts, and integers of any size exactly", () => {
    write({ source: "console.log([a, b, c, d, e, f, g])" });
    const values = ["a=-1.5", "b=true", "c=null", 'd=["x", 2]', 'e={"__proto__": 1}', 'f="5"', "g=9007199254740993"];
    const { stdout, stderr } = run("report.ipynb", ...values.flatMap((value) => ["--param", value]));
    assert.match(
      stdout,
      /-1\.5,\s+true,\s+null,\s+\[ 'x', 2 \],\s+\{ \['__proto__'\]: 1 \},\s+'5',\s+9007199254740993n/,
    );
    assert.match(stderr, /no cell is tagged "parameters": the values are set in a new first cell/);
  });

  it("passes values into queries", () => {
    write(
      {
        source: `import { LocalBuilder, createTable, load } from "fenl";
import { writeFileSync } from "node:fs";
writeFileSync("p.csv", "at,who,amount\\n2022-01-01T00:00:00Z,a,1\\n2022-01-01T01:00:00Z,a,30\\n");
await new LocalBuilder().inMemory(true).build();
await createTable({ tableName: "P", timeColumnName: "at", entityKeyColumnName: "who" });
await load({ tableName: "P", file: "p.csv" });`,
      },
      DEFAULTS,
      { source: "%%fenl --param limit\nP | when($input.amount > $limit)" },
    );
    assert.match(run("report.ipynb", "--param", "limit=0").stdout, /2 rows x 7 columns/);
    assert.match(run("report.ipynb", "--param", "limit=20").stdout, /1 row x 7 columns/);
  });

  it("tells of a name that the cell does not declare, with the nearest", () => {
    write(DEFAULTS, { source: "limit" });
    const { status, stderr } = run("report.ipynb", "--param", "limits=2");
    assert.equal(status, 0);
    assert.match(stderr, /declares no limits; the nearest that it has is limit/);
  });

  it("refuses what is no parameter", () => {
    write(DEFAULTS);
    for (const [value, message] of [
      ["limit", /must be written name=value/],
      ["1x=2", /must be written name=value/],
      ["class=2", /"class" cannot be the name of a parameter/],
      ["x=[1,", /must be written as JSON/],
    ] as const) {
      const { status, stderr } = run("report.ipynb", "--param", value);
      assert.equal(status, value === "class=2" ? 1 : 2);
      assert.match(stderr, message);
      assert.ok(!/^ +at /m.test(stderr));
    }
    assert.match(run("report.ipynb", "-p", "a=1", "-p", "a=2").stderr, /a is given twice/);
  });

  it("writes a page beside the notebook, or where it is told to", () => {
    write({ source: "console.log('seen in the page')" });
    assert.match(run("--html", "report.ipynb").stdout, /written to report\.executed\.ipynb and report\.executed\.html/);
    assert.match(readFileSync(join(folder, "report.executed.html"), "utf8"), /<pre[^>]*>seen in the page\n<\/pre>/);
    assert.equal(run("report.ipynb", "--out", "a.ipynb", "--html", "b.html").status, 0);
    assert.ok(existsSync(join(folder, "a.ipynb")) && existsSync(join(folder, "b.html")));
  });

  it("shows the failing cell in the page", () => {
    write({ source: "throw new Error('broken & <b>bold</b>')" }, { source: "'never'" });
    const { status, stderr } = run("report.ipynb", "--html", "failed.html");
    assert.equal(status, 1);
    assert.match(stderr, /Cell 1 failed/);
    assert.match(readFileSync(join(folder, "failed.html"), "utf8"), /broken &amp; &lt;b&gt;bold&lt;\/b&gt;/);
  });
});
