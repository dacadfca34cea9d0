import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readSpec } from "../../cli/spec-file.ts";

const main = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
const tsx = import.meta.resolve("tsx");

describe("commands over a store", function () {
  this.timeout(120_000);
  let folder: string;
  const path = (name: string) => join(folder, name);

  function fenl(...args: string[]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", tsx, main, ...args], {
      env: { ...process.env, FENL_HOME: path("store") },
      cwd: folder,
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  }

  /** Runs a command that works. */
  function done(...args: string[]): string {
    const { status, stdout, stderr } = fenl(...args);
    assert.equal(stderr, "");
    assert.equal(status, 0);
    return stdout;
  }

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "fenl-commands-"));
    writeFileSync(path("one.csv"), "at,who,n\n2022-01-01T00:00:00Z,ann,1\n2022-01-02T00:00:00Z,bob,2\n");
    writeFileSync(path("two.csv"), "at,who,n\n2022-01-03T00:00:00Z,ann,10\n");
    writeFileSync(
      path("spec.yaml"),
      `tables:
  - tableName: Event
    timeColumnName: at
    entityKeyColumnName: who
    source: { kaskada: {} }
views:
  - viewName: Total
    expression: "{ total: sum(Big.n) }"
  - viewName: Big
    expression: |
      Event | when($input.n > 1)
materializations:
  - materializationName: Features
    expression: Total
    destination:
      objectStore:
        fileType: FILE_TYPE_CSV
        outputPrefixUri: out
`,
    );
  });
  after(() => rmSync(folder, { recursive: true }));

  it("create, load, list, show and delete tables", () => {
    assert.match(done("table", "create", "T", "-t", "at", "-e", "who", "-g", "person"), /table T is there/);
    assert.match(done("table", "load", "T", "one.csv", "two.csv"), /one\.csv: 2 rows\ntwo\.csv: 1 rows\nT has 3 rows/);
    const again = JSON.parse(done("table", "load", "T", "one.csv", "--json"));
    assert.equal(again[0].added, false);
    assert.equal(again[0].version, 2);
    done("table", "create", "U", "-t", "at", "-e", "who");
    const listed = JSON.parse(done("table", "list", "--json", "--page-size", "1"));
    assert.equal(listed.tables[0].tableName, "T");
    assert.match(done("table", "list", "--page-token", listed.nextPageToken), /^name .*\nU +at +who +U +0 /);
    assert.match(done("table", "get", "T"), /grouping +person\n[\s\S]*\.n +i64/);
    const missing = fenl("table", "get", "Tt");
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /^fenl table get: table not found: there is no table 'Tt'; nearest: 'T'/);
    assert.equal(fenl("table", "load", "T", "none.csv").status, 1);
    assert.equal(fenl("table", "create", "V").status, 2);
    done("table", "delete", "U");
    assert.equal(fenl("table", "get", "U").status, 1);
  });

  it("create and delete views and materializations, which deletions of a table respect", () => {
    assert.match(done("view", "create", "Big", "T | when($input.n > 1)"), /view Big is there/);
    assert.match(done("view", "get", "Big"), /uses +T/);
    assert.equal(JSON.parse(done("view", "list", "--search", "ig", "--json")).views.length, 1);
    const wrong = fenl("view", "create", "W", "T | bogus()");
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /E0007/);
    const made = done("materialization", "create", "M", "{ total: sum(Big.n) }", "--path-uri", "made", "-k", "parquet");
    assert.match(made, /2 rows written to .*made\/M\.parquet/);
    assert.ok(existsSync(path("made/M.parquet")));
    assert.match(done("materialization", "list"), /^name .*\nM +2 +yes /);
    assert.match(done("materialization", "get", "M"), /up to date +yes/);
    assert.match(done("materialization", "refresh", "M"), /up to date +yes/);
    assert.equal(fenl("materialization", "create", "N", "Big").status, 2);
    const used = fenl("table", "delete", "T");
    assert.equal(used.status, 1);
    assert.match(used.stderr, /unable to delete table\. detected: 1 dependencies\. 'T' is used by view 'Big'/);
    assert.equal(fenl("view", "delete", "Big").status, 1);
    done("materialization", "delete", "M");
    done("view", "delete", "Big");
  });

  it("run queries by name of the command or without, and show those of the past", () => {
    const rows = done("query", "run", "{ n: sum(T.n) }", "-r", "final-results");
    assert.equal(rows, done("query", "{ n: sum(T.n) }", "-r", "final-results", "--store", path("store")));
    assert.equal(rows.trimEnd().split("\n").length, 3);
    const [newest] = JSON.parse(done("query", "list", "--json", "--page-size", "1")).queries;
    assert.equal(newest.expression, "{ n: sum(T.n) }");
    assert.match(done("query", "list", "--search", "sum(T"), /sum\(T\.n\)/);
    assert.match(done("query", "get", newest.queryId), /results +final-results/);
    assert.equal(fenl("query", "get", "nothing").status, 1);
  });

  it("plan, apply and export what a YAML file states", () => {
    const plan = done("sync", "plan", "-f", "spec.yaml", "--store", "synced");
    assert.deepEqual(plan.trimEnd().split("\n"), [
      "table Event: create",
      "view Total: create",
      "view Big: create",
      "materialization Features: create",
    ]);
    // The table has no columns yet, so nothing can be checked against it.
    writeFileSync(path("tables.yaml"), readFileSync(path("spec.yaml"), "utf8").split("views:")[0]!);
    done("sync", "apply", "-f", "tables.yaml", "--store", "synced");
    done("table", "load", "Event", "one.csv", "--store", "synced");
    const applied = done("sync", "apply", "-f", "spec.yaml", "--store", "synced");
    assert.match(
      applied,
      /^table Event: kept[\s\S]*view Total: created\nview Big: created\nmaterialization Features: created/,
    );
    assert.match(readFileSync(path("out/Features.csv"), "utf8"), /,bob,2\n/);
    const exported = done("sync", "export", "--all", "--store", "synced");
    writeFileSync(path("exported.yaml"), exported);
    const kept = JSON.parse(done("sync", "plan", "-f", "exported.yaml", "--store", "synced", "--json"));
    assert.deepEqual(
      kept.map((change: { name: string; action: string }) => `${change.name} ${change.action}`),
      ["Event keep", "Big keep", "Total keep", "Features keep"],
    );
    writeFileSync(path("changed.yaml"), exported.replace("n > 1", "n > 0"));
    assert.match(
      done("sync", "apply", "-f", "changed.yaml", "--store", "synced"),
      /view Big: deleted and created again/,
    );
    assert.equal(
      done("sync", "export", "-v", "Big", "--store", "synced"),
      "views:\n  - viewName: Big\n    expression: |\n      Event | when($input.n > 0)\n",
    );
    assert.equal(fenl("sync", "export", "--store", "synced").status, 2);
  });

  it("name the place of a mistake in a YAML file", async () => {
    const cases: [string, RegExp][] = [
      [
        "tables: [{ tableName: T, timeColumn: at }]",
        /tables\[0\] has an unknown property 'timeColumn'; nearest: timeColumnName/,
      ],
      ["views: [{ viewName: V }]", /views\[0\] has no 'expression'/],
      ["views: 3", /views must be a list/],
      ["view: []", /the file has an unknown property 'view'; nearest: views/],
      ["views:\n  - viewName: [", /wrong\.yaml, line 2, column/],
      [
        "materializations: [{ materializationName: M, expression: x, destination: { pulsar: {} } }]",
        /unknown property 'pulsar'/,
      ],
      ["views: [{ viewName: V, expression: x }, { viewName: V, expression: y }]", /'V' is stated twice/],
    ];
    for (const [text, message] of cases) {
      writeFileSync(path("wrong.yaml"), text);
      await assert.rejects(readSpec([path("wrong.yaml")]), { name: "InputFileError", message });
    }
    const { status, stderr } = fenl("sync", "plan", "-f", "wrong.yaml");
    assert.match(stderr, /^fenl sync plan: wrong\.yaml: 'V' is stated twice\n$/);
    assert.equal(status, 1);
  });

  it("declare columns, and read times of a format", () => {
    const columns = ["--column", "who:string", "--column", "a:b:list<i64>", "--column", "x:{y: f64}"];
    assert.equal(fenl("table", "create", "C", "-t", "at", "-e", "who", "--column", "who").status, 2);
    assert.match(
      fenl("table", "create", "C", "-t", "at", "-e", "who", "--column", "n:i46").stderr,
      /column "n" has the unknown type "i46"/,
    );
    done("table", "create", "C", "-t", "at", "-e", "who", ...columns);
    writeFileSync(path("lines.jsonl"), '{"at":"31/1/2022","who":7,"a:b":[1],"x":{"y":1}}\n{"at":"?","who":8}\n');
    const { status, stdout, stderr } = fenl(
      ...["table", "load", "C", "lines.jsonl", "--time-format", "%d/%m/%Y", "--on-error", "skip"],
    );
    assert.deepEqual([status, stdout.split("\n")[0]], [0, "lines.jsonl: 1 rows"]);
    assert.match(stderr, /^warning: 1 row was left out; it is in .*rejects.*\.csv\.\n$/);
    assert.match(done("table", "get", "C"), /\.who +string\n\.a:b +list<i64>\n\.x +\{y: f64\}/);
    writeFileSync(path("c.yaml"), done("sync", "export", "-t", "C"));
    assert.match(done("sync", "plan", "-f", "c.yaml"), /^table C: keep/);
    writeFileSync(path("changed.yaml"), readFileSync(path("c.yaml"), "utf8").replace("list<i64>", "list<f64>"));
    assert.match(done("sync", "plan", "-f", "changed.yaml"), /^table C: delete and create again/);
  });

  it("check the store's files", () => {
    assert.match(done("store", "check"), /is whole/);
    const [file] = readdirSync(path("store/files"));
    truncateSync(join(path("store/files"), file!), 100);
    const { status, stdout } = fenl("store", "check", "--json");
    assert.equal(status, 1);
    assert.equal(JSON.parse(stdout).problems.length, 1);
  });

  it("have examples in the help of every noun and verb", () => {
    const nouns = ["table", "view", "query", "materialization", "sync", "store"];
    for (const noun of nouns) {
      const help = done(noun, "--help");
      assert.match(help, new RegExp(`\\nExamples:\\n  (echo .*)?fenl ${noun} `), noun);
      const verbs = [...help.slice(help.indexOf("Commands:")).matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(
        ([, verb]) => verb!,
      );
      assert.ok(verbs.length >= 2, help);
      for (const verb of verbs) assert.match(done(noun, verb, "--help"), /\nExamples:\n/, `${noun} ${verb}`);
    }
  });

  it("keep within the memory that they are given, with temporary files where they are told", () => {
    const rows = Array.from({ length: 40_000 }, (_, row) => `${row},${row % 5000},${"x".repeat(row % 30)}`);
    writeFileSync(path("large.csv"), `at,who,item\n${rows.join("\n")}\n`);
    done("table", "create", "Large", "--time-column", "at", "--entity-key-column", "who");
    done("table", "load", "Large", path("large.csv"), "--memory-limit", "1MB");
    mkdirSync(path("scratch"));
    const finals = ["--result-behavior", "final-results"];
    const query = 'Large | with_key(Large.item, grouping="items") | { n: count($input), at: $input.at }';
    const ample = done("query", "--store", path("store"), ...finals, query);
    const resources = ["--memory-limit", "1MB", "--temp-directory", path("scratch")];
    assert.equal(done("query", "--store", path("store"), ...resources, ...finals, query), ample);
    assert.deepEqual(readdirSync(path("scratch")), []);
    const wrong = fenl("query", "--store", path("store"), "--temp-directory", path("nowhere"), query);
    assert.equal(wrong.status, 1);
    assert.match(
      wrong.stderr,
      /temporary files cannot go to .*nowhere, which FENL_TMPDIR names: there is no such folder/,
    );
    const small = fenl("query", "--store", path("store"), "--memory-limit", "12", query);
    assert.deepEqual([small.status, small.stdout], [2, ""]);
    assert.match(small.stderr, /It must be at least 1MB/);
    assert.match(fenl("query", "--memory-limit", "much", query).stderr, /such as 2GB, 512MiB or 1500000000/);
    const made = ["materialization", "create", "Count", query, ...finals];
    done(...made, "--path-uri", path("out"), ...resources);
  });

  it("complete their words in bash, zsh and fish", () => {
    const script = done("completion", "bash");
    const complete = (...words: string[]) =>
      spawnSync(
        "bash",
        [
          "-c",
          `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _fenl; echo "\${COMPREPLY[*]}"`,
          "-",
          ...words,
        ],
        { encoding: "utf8" },
      ).stdout.trim();
    assert.equal(complete("fenl", "mat"), "materialization");
    assert.equal(complete("fenl", "table", "l"), "load list");
    assert.equal(complete("fenl", "table", "create", "T", "--t"), "--time-column");
    assert.equal(complete("fenl", "sync", ""), "plan apply export help -h --help");
    assert.match(done("completion", "zsh"), /^#compdef fenl/);
    const fish = done("completion", "fish");
    assert.match(fish, /^complete -c fenl -n 'test \(_fenl_path\) = \\'fenl table\\'' -a '[^']*load[^']*'$/m);
    assert.match(fish, /^complete -c fenl -n 'test \(_fenl_path\) = \\'fenl table create\\'' -l time-column$/m);
    if (spawnSync("fish", ["--version"]).status === 0) {
      const completed = (line: string) =>
        spawnSync("fish", ["--no-config", "-c", `${fish}\ncomplete -C ${JSON.stringify(line)}`], { encoding: "utf8" })
          .stdout.trim()
          .split(/\s*\n/);
      assert.deepEqual(completed("fenl mat"), ["materialization"]);
      assert.deepEqual(completed("fenl table create T --t"), ["--time-column"]);
    }
    const wrong = fenl("completion", "tcsh");
    assert.deepEqual([wrong.status, wrong.stdout], [2, ""]);
    assert.match(wrong.stderr, /Allowed choices are bash, zsh, fish/);
    assert.equal(fenl("tabel").status, 2);
  });
});
