import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createMaterialization } from "../../src/api/materialization.ts";
import { createQuery } from "../../src/api/query.ts";
import { LocalBuilder, type Session } from "../../src/api/session.ts";
import { createTable, getTable, listTables, load } from "../../src/api/table.ts";
import { createView } from "../../src/api/view.ts";

const NAMES = ["__proto__", "constructor", "toString", "hasOwnProperty"];
const WRONG_NAMES = [
  "../x",
  "a/b",
  "<script>",
  "a b",
  "a'b",
  'a"b',
  "a\nb",
  "a\u0000b",
  "let",
  "1a",
  "ä",
  ".",
  "x".repeat(256),
];
const VALUES = [
  "__proto__",
  "../x",
  "<script>alert(1)</script>",
  "a'b",
  'a"b',
  "a,b",
  "a\nb",
  "\u0007",
  "\u202e",
  "=1+1",
  "😀",
];

const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;

describe("hostile names and values", function () {
  this.timeout(60_000);
  let folder: string;
  let session: Session;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "fenl-hostile-"));
    session = await new LocalBuilder().path(join(folder, "store")).build();
  });
  afterEach(async () => {
    await session.stop();
    rmSync(folder, { recursive: true });
  });

  const names = (tableName: string, more: object = {}) => ({
    tableName,
    timeColumnName: "at",
    entityKeyColumnName: "who",
    ...more,
  });
  function loadText(tableName: string, text: string | Uint8Array) {
    const file = join(folder, "file.csv");
    writeFileSync(file, text);
    return load({ tableName, file });
  }

  it("are names like others where Fenl can say them, and refused by name where not", async () => {
    for (const name of NAMES) {
      await createTable(names(name));
      await loadText(name, `at,who,${name}\n2022-01-01T00:00:00Z,ann,${name.length}\n`);
      const result = await createQuery({ expression: `{ ${name}: ${name}.${name} }` });
      assert.match(result.toCsv(), new RegExp(`,ann,${name.length}\\n$`));
      await createView({ viewName: `${name}View`, expression: `${name} | when($input.${name} > 0)` });
      await createMaterialization({
        materializationName: name,
        expression: `${name}View`,
        destination: { fileType: "csv", outputPrefixUri: join(folder, "out") },
      });
    }
    assert.equal((await listTables()).length, NAMES.length);
    for (const name of WRONG_NAMES) {
      await assert.rejects(createTable(names(name)), { name: "TableError", kind: "name" });
      await assert.rejects(createView({ viewName: name, expression: "__proto__" }), { name: "TableError" });
      await assert.rejects(
        createMaterialization({
          materializationName: name,
          expression: "__proto__",
          destination: { fileType: "csv", outputPrefixUri: join(folder, "out") },
        }),
        { name: "TableError", kind: "name" },
      );
    }
    assert.deepEqual(readdirSync(folder).sort(), ["file.csv", "out", "store"]);
    assert.deepEqual(readdirSync(join(folder, "out")).sort(), NAMES.map((name) => `${name}.csv`).sort());
  });

  it("are values like others", async () => {
    await createTable(names("T"));
    const rows = VALUES.map(
      (value, index) => `2022-01-01T00:00:${String(index).padStart(2, "0")}Z,${quoted(value)},${quoted(value)}\n`,
    );
    await loadText("T", `at,who,v\n${rows.join("")}`);
    const result = await createQuery({ expression: "{ v: T.v, n: count(T) }" });
    assert.deepEqual([...result.table.getChild("v")!].map(String), VALUES);
    assert.deepEqual([...result.table.getChild("_key")!].map(String), VALUES);
    for (const value of VALUES) {
      const one = await createQuery({ expression: "T", sliceFilter: { entityKeys: [value] } });
      assert.equal(one.rowCount, 1);
    }
  });

  it("are columns like others, up to many and long ones", async () => {
    const columns = [
      ...NAMES,
      "a b",
      "<b>",
      'q"q',
      "_time",
      "_key",
      ...Array.from({ length: 10_000 }, (_, index) => `c${index}`),
    ];
    await createTable(names("Wide", { groupingId: "<script>" }));
    const cells = columns.map((_, index) => index).join(",");
    await loadText("Wide", `at,who,${columns.map(quoted).join(",")}\n2022-01-01T00:00:00Z,ann,${cells}\n`);
    assert.equal((await getTable("Wide")).columns.length, columns.length + 2);
    const result = await createQuery({ expression: "Wide" });
    assert.equal(result.schema.length, columns.length + 2);
    assert.equal(result.table.getChild("c9999")!.get(0), BigInt(columns.length - 1));
    await createTable(names("Long"));
    const long = "x".repeat(1 << 20);
    await loadText("Long", `at,who,v\n2022-01-01T00:00:00Z,ann,${long}\n`);
    assert.match((await createQuery({ expression: "{ n: len(Long.v) }" })).toCsv(), /,1048576\n$/);
  });

  it("are files that are none, and nothing is written outside the store", async () => {
    await createTable(names("T"));
    const path = (name: string) => join(folder, name);
    mkdirSync(path("folder.csv"));
    mkdirSync(path("outside"));
    writeFileSync(path("secret.txt"), "root:x:0:0\nno data\n");
    symlinkSync(path("secret.txt"), path("link.csv"));
    symlinkSync(path("nowhere.csv"), path("dangling.csv"));
    symlinkSync(path("outside"), path("linked"));
    for (const [name, content] of [
      ["not.parquet", "PAR1 it is not"],
      ["not.csv.gz", "no gzip"],
      ["not.csv.zst", "no zstd"],
      ["not.arrow", "no arrow"],
      ["not.jsonl", '{"at": 1'],
      ["mark.csv", "\ufeff"],
      ["blank.csv", "\n\n"],
      ["wide.csv", Buffer.from("\ufeffat,who\n1,a\n", "utf16le")],
    ] as const) {
      writeFileSync(path(name), content);
    }
    const cases: [string, RegExp][] = [
      [path("folder.csv"), /folder\.csv: it is a directory, not a file$/],
      [path("none*.csv"), /none\*\.csv: no file matches this pattern$/],
      [path("dangling.csv"), /dangling\.csv: there is no such file$/],
      [path("link.csv"), /no time column|column 'at'/],
      [`${path("a")}\u0000.csv`, /null bytes/],
      [path(`${"x".repeat(300)}.csv`), /name is too long|ENAMETOOLONG/],
      [path("secret.txt"), /the format of .*secret\.txt cannot be told/],
      [path("not.parquet"), /cannot be read as Parquet/],
      [path("not.csv.gz"), /cannot be decompressed as gzip/],
      [path("not.csv.zst"), /cannot be decompressed as zstd/],
      [path("not.arrow"), /cannot be read as Arrow/],
      [path("not.jsonl"), /cannot be read as JSON lines/],
      [path("mark.csv"), /is empty/],
      [path("blank.csv"), /is empty/],
      [path("wide.csv"), /it looks like UTF-16, save the file as UTF-8/],
      ["/dev/null.csv", /there is no such file/],
    ];
    for (const [file, message] of cases) {
      await assert.rejects(load({ tableName: "T", file }), { name: "TableError", message });
    }
    await assert.rejects(load({ tableName: "T", file: "/dev/null", fileType: "csv" }), /it is not a regular file/);
    assert.equal((await getTable("T")).version, 0);
    writeFileSync(path("marked.csv"), "\ufeffat,who,\u0000\n1,a\u0000b,\u0000\n");
    await load({ tableName: "T", file: path("marked.csv") });
    assert.ok((await createQuery({ expression: "T" })).toCsv().endsWith(",a\u0000b,1,a\u0000b,\u0000\n"));
    // A link to a folder is a place like another; what is in the store stays what it is.
    const destination = { fileType: "csv", outputPrefixUri: path("linked") } as const;
    await createMaterialization({ materializationName: "M", expression: "T", destination });
    assert.deepEqual(readdirSync(path("outside")), ["M.csv"]);
    assert.equal(readFileSync(path("secret.txt"), "utf8"), "root:x:0:0\nno data\n");
    assert.deepEqual(await session.store.check(), []);
    const everything = readdirSync(folder).filter((name) => !/\.(csv|parquet|arrow|jsonl|gz|zst|txt)$/.test(name));
    assert.deepEqual(everything.sort(), ["linked", "outside", "store"]);
  });

  it("are refused by the command line with one sentence, and leave nothing behind", async () => {
    const main = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
    const fenl = (...args: string[]) =>
      spawnSync(process.execPath, ["--import", import.meta.resolve("tsx"), main, ...args], {
        cwd: folder,
        env: { ...process.env, FENL_HOME: join(folder, "store") },
        encoding: "utf8",
      });
    const before = readdirSync(folder).sort();
    for (const args of [
      ["table", "create", "../x", "--time-column", "at", "--entity-key-column", "who"],
      ["table", "get", "__proto__"],
      ["table", "delete", "../../store"],
      ["view", "create", "<script>", "1"],
      ["view", "get", "constructor"],
      ["materialization", "create", "a/b", "{ a: 1 }", "--path-uri", "../out"],
      ["query", "get", "../../manifest"],
      ["query", "__proto__"],
    ]) {
      const { status, stdout, stderr } = fenl(...args);
      assert.equal(status, 1, `${args.join(" ")}: ${stderr}`);
      assert.equal(stdout, "");
      assert.ok(stderr.length > 0 && !/\n\s+at .*:\d+/.test(stderr), stderr);
    }
    assert.deepEqual(readdirSync(folder).sort(), before);
  });

  it("are told by file, line and column where they are no data", async () => {
    await createTable(names("T"));
    const cases: [string | Uint8Array, RegExp][] = [
      ["at,who,who\n1,a,b\n", /header names column 'who' twice/],
      [
        Buffer.from([...Buffer.from("at,who\n1,"), 0xff, 0x0a]),
        /file\.csv, row 1 \(line 2\), column 'who', byte 9: the byte 0xff is not UTF-8/,
      ],
      ["at,who\n1\n", /row 1 \(line 2\).*1 cell, and the header has 2/],
      ["", /is empty/],
      ["at,who\nsoon,a\n", /row 1 \(line 2\), column 'at': 'soon' is not a time/],
      ["at,who\n1,\n", /column 'who'.*the cell is empty/],
      ["\u0000\u0000", /T|no time column/],
    ];
    for (const [text, message] of cases) {
      await assert.rejects(loadText("T", text), { name: "TableError", message });
    }
    assert.equal((await getTable("T")).version, 0);
    assert.deepEqual(await session.store.check(), []);
  });
});
