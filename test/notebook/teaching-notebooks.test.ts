import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ExecutedNotebook } from "./executed-notebook.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const FOLDER = join(ROOT, "notebooks");
const NOTEBOOKS = readdirSync(FOLDER).filter((name) => /^[^.]*\.ipynb$/.test(name));

/** Rows as a table of words: `time key fields`, the day left out if it is that of the row above. */
function table(text: string): string[][] {
  let day = "";
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const words = line.trim().split(/\s+/);
      if (/^\d{4}-/.test(words[0]!)) day = words.shift()!;
      const [clock, ...rest] = words;
      return [`${day} ${clock}`, ...rest.map((word) => word.replaceAll("_", " "))];
    });
}

describe("the teaching notebooks", function () {
  this.timeout(180_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "fenl-teaching-"));
    for (const name of NOTEBOOKS) cpSync(join(FOLDER, name), join(folder, name));
  });
  after(() => rmSync(folder, { recursive: true }));

  async function execute(name: string, ...parameters: string[]): Promise<ExecutedNotebook> {
    const command = ["--import", join(ROOT, "node_modules/tsx/dist/loader.mjs"), join(ROOT, "cli/main.ts"), "run"];
    const end = spawnSync(process.execPath, [...command, `${name}.ipynb`, ...parameters], {
      cwd: folder,
      encoding: "utf8",
    });
    assert.equal(end.status, 0, end.stdout + end.stderr);
    assert.equal(end.stderr, "");
    const notebook = await ExecutedNotebook.read(join(folder, `${name}.executed.ipynb`));
    notebook.checkRan();
    return notebook;
  }

  it("are kept without outputs, are Fenl notebooks, and lead to each other", () => {
    for (const name of NOTEBOOKS) {
      const { cells, metadata } = JSON.parse(readFileSync(join(FOLDER, name), "utf8"));
      assert.equal(metadata.kernelspec.name, "fenl", name);
      for (const cell of cells) assert.equal(cell.outputs?.length ?? 0, 0, `${name}: ${cell.id}`);
      const links = cells.flatMap(({ source }: { source: string | string[] }) => [
        ...[source]
          .flat()
          .join("")
          .matchAll(/\]\(([^)]+\.ipynb)\)/g),
      ]);
      for (const [, link] of links) assert.ok(existsSync(join(FOLDER, link)), `${name} leads to ${link}`);
    }
    const start = readFileSync(join(FOLDER, "quick-start.ipynb"), "utf8");
    for (const name of NOTEBOOKS) assert.ok(name === "quick-start.ipynb" || start.includes(`(${name})`), name);
  });

  it("quick start", async () => {
    const notebook = await execute("quick-start");
    assert.match(notebook.text("load"), /^Loaded 6 rows into Purchase, which has 6 rows now\.$/);
    assert.equal(notebook.rows("all").length, 6);
    assert.deepEqual(
      notebook.rows("features-query"),
      table(`
        2024-03-01 08:00 ann 1 250 espresso 250
        08:05 ben 1 380 latte 380
        09:30 ann 2 670 espresso 420
        2024-03-02 08:10 ann 3 920 espresso 420
        12:45 ben 2 760 latte 380
        2024-03-03 08:00 ben 3 1010 latte 380`),
    );
    assert.deepEqual(
      notebook.rows("filter").map((row) => row.slice(-2)),
      [
        ["latte", "380"],
        ["cake", "420"],
        ["latte", "380"],
      ],
    );
    assert.deepEqual(
      notebook
        .rows("final-query")
        .map((row) => row.slice(1))
        .sort(),
      [
        ["ann", "3", "920"],
        ["ben", "3", "1010"],
      ],
    );
    assert.match(notebook.html("plot-query"), /<svg[^>]*class="fenl-plot"/);
    assert.equal(notebook.rows("bind").length, 4);
    assert.match(notebook.text("frame"), /^ann and ben spent at least 4 each\n/);
    assert.match(notebook.text("mistake"), /error\[E0001\]: Illegal field reference[\s\S]*Nearest fields: 'cents'/);
  });

  it("from events to features to labels", async () => {
    const notebook = await execute("features-and-labels");
    assert.deepEqual(
      notebook.rows("features-query"),
      table(`
        2024-01-01 10:00 ann 1 40 null
        2024-01-02 09:00 ben 1 100 null
        2024-01-03 10:00 ann 2 100 null
        2024-01-05 12:00 ann 2 100 1
        2024-01-12 09:00 ben 2 110 null
        2024-01-20 08:00 ben 2 110 1
        2024-01-20 10:00 ann 3 120 1
        2024-01-25 09:00 ben 3 140 1
        2024-01-28 15:00 ben 3 140 2`),
    );
    assert.deepEqual(
      notebook.rows("moments-query"),
      table(`
        2024-01-01 10:00 ann 0 1 40 null
        2024-01-02 09:00 ben 0 1 100 null
        2024-01-03 10:00 ann 0 2 100 2
        2024-01-12 09:00 ben 0 2 110 10
        2024-01-20 10:00 ann 1 3 120 17
        2024-01-25 09:00 ben 1 3 140 13`),
    );
    assert.equal(notebook.html("shift-plot").match(/<title>shift at /g)?.length, 6);
    const examples = notebook
      .rows("label-query")
      .map(([time, key, ordered, ...rest]) => [time, key, ordered!.slice(0, 10), ...rest]);
    assert.deepEqual(
      examples,
      table(`
        2024-01-08 10:00 ann 2024-01-01 1 40 null true
        2024-01-09 09:00 ben 2024-01-02 1 100 null false
        2024-01-10 10:00 ann 2024-01-03 2 100 null true
        2024-01-19 09:00 ben 2024-01-12 2 110 null false
        2024-01-27 10:00 ann 2024-01-20 3 120 1 false
        2024-02-01 09:00 ben 2024-01-25 3 140 1 true`),
    );
    assert.deepEqual(
      notebook.rows("until-query").map((row) => row.slice(1, 2).concat(row.slice(3))),
      [
        ["ann", "40", "too small"],
        ["ann", "60", "too small"],
        ["ben", "100", "broken"],
        ["ben", "10", "broken"],
        ["ben", "30", "too late"],
      ],
    );
    assert.match(notebook.text("export"), /^6 examples, 3 of them with a return\n/);
    assert.ok(existsSync(join(folder, "return-examples.parquet")));
  });

  it("windows and ticks", async () => {
    const notebook = await execute("windows-and-ticks");
    const day = "2024-05-01";
    assert.deepEqual(
      notebook.rows("since-query"),
      table(`
        ${day} 07:39 hall 10 10 10
        07:50 loft 2 2 2
        08:00 hall 6 16 6
        08:44 hall 9 25 15
        10:20 loft 7 9 9
        11:40 hall 1 26 1`),
    );
    assert.deepEqual(
      notebook.rows("hourly-query"),
      table(`
        ${day} 08:00 loft 2
        08:00 hall 16
        09:00 loft null
        09:00 hall 9
        10:00 loft null
        10:00 hall null
        11:00 loft 7
        11:00 hall null`),
    );
    assert.equal(notebook.html("hourly-picture").match(/<title>tick at /g)?.length, 8);
    assert.deepEqual(
      notebook.rows("sample-query"),
      table(`
        ${day} 08:00 loft 2 2
        08:00 hall 16 6
        09:00 loft 2 2
        09:00 hall 25 9
        10:00 loft 2 2
        10:00 hall 25 9
        11:00 loft 9 7
        11:00 hall 25 9`),
    );
    assert.deepEqual(
      notebook.rows("sliding-query").map((row) => row.slice(-2)),
      [
        ["10", "10.0"],
        ["2", "2.0"],
        ["16", "8.0"],
        ["15", "7.5"],
        ["9", "4.5"],
        ["10", "5.0"],
      ],
    );
    assert.deepEqual(
      notebook.rows("sliding-hours").map((row) => row.at(-1)),
      ["2", "16", "2", "25", "null", "9", "7", "null"],
    );
    assert.deepEqual(
      notebook.rows("sessions-query").map((row) => row.slice(-2)),
      [
        ["null", "1"],
        ["null", "1"],
        ["1260", "1"],
        ["2640", "2"],
        ["9000", "2"],
        ["10560", "3"],
      ],
    );
  });

  it("several entities", async () => {
    const notebook = await execute("several-entities");
    assert.match(notebook.text("mixing-query"), /Incompatible grouping[\s\S]*Grouping: 'product'/);
    assert.deepEqual(
      notebook.rows("lookup-query"),
      table(`
        2024-02-01 09:00 ann tea 2 null
        10:00 ben tea 1 5.0
        2024-02-02 09:00 ann cup 1 null
        2024-02-03 09:00 cleo tea 5 3.5
        2024-02-04 09:00 ben cup 4 2.5`),
    );
    assert.deepEqual(
      notebook.rows("lookup-last-query").map((row) => row.slice(-2)),
      [
        ["null", "null"],
        ["null", "5"],
        ["null", "null"],
        ["null", "2"],
        ["null", "3"],
      ],
    );
    assert.deepEqual(
      notebook.rows("with-key-query"),
      table(`
        2024-02-01 09:00 tea 2 1
        10:00 tea 3 2
        2024-02-02 09:00 cup 1 1
        2024-02-03 09:00 tea 8 3
        2024-02-04 09:00 cup 5 2`),
    );
    assert.deepEqual(
      notebook
        .rows("both-query")
        .map((row) => row.slice(1))
        .sort(),
      [
        ["cup", "5", "2.5"],
        ["tea", "8", "3.5"],
      ],
    );
    assert.deepEqual(
      notebook.rows("round-trip-query").map((row) => row.at(-1)),
      ["2", "3", "1", "8", "5"],
    );
  });

  it("finding leaks", async () => {
    const notebook = await execute("debugging-leakage");
    assert.match(notebook.text("joined"), /^3 of 6 rows know the future:/);
    assert.deepEqual(
      notebook.rows("late").map((row) => row.slice(1)),
      [
        ["ann", "1", "2", "null"],
        ["ann", "2", "2", "null"],
        ["ben", "1", "2", "null"],
        ["ben", "2", "2", "true"],
        ["ann", "3", "3", "null"],
        ["cleo", "1", "1", "true"],
      ],
    );
    assert.deepEqual(
      notebook.rows("right").map((row) => [row[1], ...row.slice(3)]),
      [
        ["ann", "1", "1", "null", "false"],
        ["ann", "2", "2", "null", "false"],
        ["ben", "1", "1", "null", "false"],
        ["ben", "2", "2", "null", "true"],
        ["ann", "3", "3", "null", "false"],
        ["cleo", "1", "1", "null", "true"],
      ],
    );
    assert.deepEqual(
      notebook.rows("known-query").map(([time, key]) => [time, key]),
      [
        ["2024-06-04 09:00", "ben"],
        ["2024-06-05 09:00", "cleo"],
      ],
    );
    assert.match(notebook.text("backwards-query"), /0 rows x 8 columns/);
    assert.match(
      notebook.text("check-query"),
      /^without a leak: \[\]\nwith a leak: \[\n {2}'ann, level 1: levels is 2, but 1 was known',\n {2}'ben/,
    );
  });

  it("large data", async () => {
    const notebook = await execute("large-data", "--param", "rows=20000", "--param", "users=500");
    assert.match(notebook.text("load-events"), /Loaded 20,000 rows into Click, which has 20,000 rows now\./);
    assert.deepEqual(notebook.rows("preview-query").length, 5);
    assert.match(notebook.text("slice-query"), /^(\d|1\d) of 500 users, with \d{2,3} of 20000 rows/);
    const shown = notebook.text("full-query");
    const total = Number(/([\d,]+) rows x 9 columns \(first 10 rows shown\)/.exec(shown)![1]!.replaceAll(",", ""));
    // 29 midnights between the first click and the last, each with a row for every user seen by then.
    assert.ok(total > 20_000 + 28 * 500 && total <= 20_000 + 30 * 500, String(total));
    assert.match(notebook.text("metrics"), new RegExp(`^20000 rows in, ${total} rows out, in \\d+\\.\\d\\d s`));
    assert.match(notebook.text("final-query"), /500 rows x 7 columns \(first 10 rows shown\)/);
    const parquet = new RegExp(`^features\\.parquet: ${total} rows, \\d+ KB\\n(\\{"_time":.*\\}\\n){2}`);
    assert.match(notebook.text("files-query"), parquet);
    assert.match(notebook.text("plot-query"), /^u1\n[\s\S]*\nu252\n/);
    for (const cell of notebook.code) assert.ok(JSON.stringify(cell.outputs).length < 200_000, cell.id);
  });
});
