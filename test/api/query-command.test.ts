import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tableFromIPC } from "apache-arrow";

const main = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

function fenl(args: readonly string[], input = "") {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", main, "query", ...args], {
    input,
    env: { ...process.env, FENL_HOME: "/dev/null/none" },
  });
  return { status, stdout, text: stdout.toString(), stderr: stderr.toString() };
}

describe("fenl query", function () {
  this.timeout(60_000);
  let folder: string;
  const path = (name: string) => join(folder, name);
  const ofTables = (...args: string[]) => ["--tables", path("tables.json"), ...args];

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "fenl-command-"));
    writeFileSync(
      path("purchase.csv"),
      "at,who,amount\n2022-01-01T01:00:00Z,ann,5\n2022-01-01T02:00:00Z,bob,7\n2022-01-01T03:00:00Z,ann,1\n",
    );
    writeFileSync(
      path("tables.json"),
      JSON.stringify([{ name: "Purchase", file: "purchase.csv", timeColumn: "at", entityKeyColumn: "who" }]),
    );
  });
  after(() => rmSync(folder, { recursive: true }));

  it("takes parameters by name", () => {
    const query = "{ total: sum(Purchase.amount), name: $name, none: $none } | when($input.total > $limit)";
    const given = ["--param", "limit=5.5", "--param", "name='6'", "--param", "none=null"];
    const { text, stderr } = fenl(ofTables(query, "--format", "jsonl", ...given));
    assert.equal(stderr, "");
    const rows = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      rows.map(({ total, name, none }) => ({ total, name, none })),
      [
        { total: 7, name: "6", none: null },
        { total: 6, name: "6", none: null },
      ],
    );
    assert.match(fenl(ofTables(query, "--param", "limit")).stderr, /It must be written name=value/);
    assert.match(fenl(ofTables(query, "--param", "limit=1", "--param", "limit=2")).stderr, /limit is given twice/);
  });

  it("answers in CSV on standard output", () => {
    const { status, text, stderr } = fenl(ofTables("{ total: sum(Purchase.amount) }"));
    assert.equal(stderr, "");
    assert.equal(status, 0);
    const rows = text
      .trimEnd()
      .split("\n")
      .map((line) => line.split(","));
    assert.deepEqual(
      rows.map((cells) => [cells[0], cells[3], cells[4]]),
      [
        ["_time", "_key", "total"],
        ["2022-01-01T01:00:00.000000000", "ann", "5"],
        ["2022-01-01T02:00:00.000000000", "bob", "7"],
        ["2022-01-01T03:00:00.000000000", "ann", "6"],
      ],
    );
  });

  it("writes the rows entity by entity where that is asked for", () => {
    const { text } = fenl(ofTables("{ n: count(Purchase) }", "--row-order", "entity"));
    const keys = text
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.split(",")[3]);
    assert.ok(["ann,ann,bob", "bob,ann,ann"].includes(keys.join()), keys.join());
  });

  it("reads the query from a file or standard input, and writes every format", () => {
    writeFileSync(path("query.fenl"), "{ n: count(Purchase) }");
    const lines = fenl(
      ofTables("-", "--format", "jsonl", "--result-behavior", "final-results"),
      "{ n: count(Purchase) }",
    );
    assert.deepEqual(
      lines.text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).n)
        .sort(),
      [1, 2],
    );
    const arrow = fenl(ofTables("--file", path("query.fenl"), "--format", "arrow"));
    assert.deepEqual([...tableFromIPC(arrow.stdout).getChild("n")!].map(Number), [1, 1, 2]);
    const parquet = fenl(ofTables("--file", path("query.fenl"), "--format", "parquet"));
    assert.equal(parquet.stdout.subarray(0, 4).toString(), "PAR1");
    const written = fenl(ofTables("--file", path("query.fenl"), "--format", "parquet", "--out", path("out.parquet")));
    assert.equal(written.text, "");
    assert.ok(readFileSync(path("out.parquet")).equals(parquet.stdout));
  });

  it("exits with 1 and shows the place for a wrong query", () => {
    const { status, text, stderr } = fenl(ofTables("{ x: Purchase.amuont }", "--out", path("never.csv")));
    assert.equal(status, 1);
    assert.equal(text, "");
    assert.match(stderr, /error\[E0001\]: Illegal field reference/);
    assert.match(stderr, /Nearest fields: 'amount'/);
    assert.match(stderr, /1 errors in Fenl statements/);
    assert.doesNotMatch(stderr, /at .*\.ts:\d/);
    assert.ok(!existsSync(path("never.csv")));
  });

  it("exits with 1 and names the file for wrong data", () => {
    writeFileSync(
      path("bad.json"),
      JSON.stringify([{ name: "P", file: "none.csv", timeColumn: "at", entityKeyColumn: "who" }]),
    );
    const missing = fenl(["--tables", path("bad.json"), "P"]);
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /none\.csv/);
    writeFileSync(
      path("odd.json"),
      JSON.stringify([{ name: "P", file: "x.csv", timeColum: "at", entityKeyColumn: "who" }]),
    );
    const odd = fenl(["--tables", path("odd.json"), "P"]);
    assert.equal(odd.status, 1);
    assert.match(odd.stderr, /odd\.json: table 1 has an unknown property 'timeColum'\. Nearest: timeColumn/);
    assert.doesNotMatch(missing.stderr + odd.stderr, /at .*\.ts:\d/);
  });

  it("exits with 2 for a wrong command line", () => {
    for (const [args, message] of [
      [["P", "--file", "x"], /not both/],
      [["P", "--format", "xml"], /Allowed choices are csv, jsonl, parquet, arrow/],
      [["P", "--row-order", "key"], /Allowed choices are time, entity/],
      [["P", "--final-time", "soon"], /must be a time/],
    ] as const) {
      const { status, stderr } = fenl(ofTables(...args));
      assert.equal(status, 2, stderr);
      assert.match(stderr, message);
    }
  });

  it("shows the schema of a dry run", () => {
    const { status, text } = fenl(ofTables("{ total: sum(Purchase.amount) }", "--dry-run"));
    assert.equal(status, 0);
    assert.deepEqual(JSON.parse(text), { canExecute: true, schema: [{ name: "total", type: "i64" }] });
  });
});
