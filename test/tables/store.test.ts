import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Table, tableToIPC, vectorFromArray } from "apache-arrow";
import { valueAt } from "../../src/tables/column-data.ts";
import { readPrepared } from "../../src/tables/prepared/read-prepared.ts";
import type { Store } from "../../src/tables/store/store.ts";
import { openStore } from "../../src/tables/store/store.ts";
import { STORE_FORMAT } from "../../src/tables/store/store-manifest.ts";
import type { TableDefinition } from "../../src/tables/table-definition.ts";
import type { TableError, TableErrorKind } from "../../src/tables/table-error.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";

const PLAYS: TableDefinition = { name: "Plays", timeColumn: "at", keyColumn: "user", grouping: "User" };
const FIRST = "at,user,n\n2022-01-01T00:00:00Z,ann,1\n2022-01-02T00:00:00Z,bob,2\n";
const SECOND = "at,user,n\n2022-01-01T12:00:00Z,ann,3\n";

const fails = async (action: () => unknown, message: RegExp, kind?: TableErrorKind) => {
  await assert.rejects(
    async () => action(),
    (error: unknown) => {
      assert.ok(isTableError(error), String(error));
      assert.match(error.message, message);
      if (kind !== undefined) assert.equal(error.kind, kind);
      return true;
    },
  );
};

const numbersIn = (snapshot: TableSnapshot | undefined) =>
  snapshot!.files
    .flatMap((file) => {
      const { rows, columns } = readPrepared(file, ["n"]);
      return Array.from({ length: rows }, (_, row) => valueAt(columns.get("n")!, row));
    })
    .sort();

const isTableError = (error: unknown): error is TableError => error instanceof Error && error.name === "TableError";

describe("the store", () => {
  let root: string;
  let directory: string;
  let store: Store;
  let count = 0;
  const open: Store[] = [];

  before(() => {
    root = mkdtempSync(join(tmpdir(), "fenl-store-"));
  });
  after(() => rmSync(root, { recursive: true }));
  beforeEach(async () => {
    directory = join(root, `store-${count++}`);
    store = await again();
  });
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
  });

  const again = async (where = directory) => {
    const opened = await openStore({ directory: where, lockTimeout: 10_000 });
    open.push(opened);
    return opened;
  };
  const file = (text: string, name = `file-${count++}.csv`) => {
    const path = join(root, name);
    writeFileSync(path, text);
    return path;
  };

  describe("tables", () => {
    it("are there for every session, also later ones", async () => {
      const created = await store.createTable(PLAYS);
      assert.equal(created.version, 0);
      assert.deepEqual(created.columns, []);
      const other = await again();
      assert.deepEqual(other.getTable("Plays"), created);
      assert.deepEqual(
        other.listTables("lay").map((table) => table.definition.name),
        ["Plays"],
      );
      assert.deepEqual(other.listTables("x"), []);
    });

    it("can be created again as they are, and not otherwise", async () => {
      const created = await store.createTable(PLAYS);
      assert.deepEqual(await store.createTable({ ...PLAYS, subsortColumn: null }), created);
      const message =
        /already exists: 'Plays' has .*entity key column 'user'.*, and the new definition has .*entity key column 'id'/;
      await fails(() => store.createTable({ ...PLAYS, keyColumn: "id" }), message, "name");
      await fails(() => store.createTable({ ...PLAYS, grouping: "Other" }), /grouping 'User'.*grouping 'Other'/);
    });

    it("have names that Fenl can use", async () => {
      for (const name of ["", "../x", "a/b", "a\\b", "<script>", "x\0", "let", "1"]) {
        await fails(() => store.createTable({ ...PLAYS, name }), /cannot be the name of a table/, "name");
      }
      await store.createTable({ ...PLAYS, name: "__proto__" });
      assert.equal(store.getTable("__proto__").definition.name, "__proto__");
      await fails(() => store.getTable("constructor"), /there is no table 'constructor'/, "not-found");
    });

    it("are named by the nearest when they are not found", async () => {
      await store.createTable(PLAYS);
      await fails(
        () => store.getTable("Player"),
        /table not found: there is no table 'Player'; nearest: 'Plays'/,
        "not-found",
      );
      await fails(() => store.deleteTable("plays"), /nearest: 'Plays'/, "not-found");
      await fails(() => store.loadFile("Play", file(FIRST)), /nearest: 'Plays'/, "not-found");
    });
  });

  describe("loads", () => {
    beforeEach(async () => {
      await store.createTable(PLAYS);
    });

    it("add rows, versions and data tokens", async () => {
      const empty = store.latestDataToken();
      const first = await store.loadFile("Plays", file(FIRST));
      assert.equal(first.added, true);
      assert.equal(first.rows, 2);
      const second = await store.loadFile("Plays", file(SECOND));
      assert.equal(second.table.version, 2);
      assert.equal(second.table.rows, 3);
      assert.equal(new Set([empty, first.dataToken, second.dataToken]).size, 3);
      assert.equal(store.latestDataToken(), second.dataToken);
      const at = (token?: string) => numbersIn(store.snapshot(token)[0]);
      assert.deepEqual(at(), [1n, 2n, 3n]);
      assert.deepEqual(at(second.dataToken), [1n, 2n, 3n]);
      assert.deepEqual(at(first.dataToken), [1n, 2n]);
      assert.deepEqual(at(empty), []);
      assert.deepEqual(numbersIn((await again()).snapshot(first.dataToken)[0]), [1n, 2n]);
      await fails(() => store.snapshot("none"), /'none' is not a version of this store's data/, "not-found");
    });

    it("of the same content add nothing, whatever the file's name", async () => {
      const first = await store.loadFile("Plays", file(FIRST));
      const second = await store.loadFile("Plays", file(FIRST));
      assert.equal(second.added, false);
      assert.equal(second.rows, 2);
      assert.equal(second.dataToken, first.dataToken);
      assert.equal(second.table.version, 1);
      assert.equal(readdirSync(join(directory, "files")).length, 1);
    });

    it("give a snapshot with the table's definition and types", async () => {
      await store.loadFile("Plays", file(FIRST));
      const [{ files, ...snapshot }] = store.snapshot() as [TableSnapshot];
      assert.equal(files.length, 1);
      assert.deepEqual(snapshot, {
        name: "Plays",
        grouping: "User",
        timeColumn: "at",
        keyColumn: "user",
        keyType: { kind: "string" },
        columns: [
          { name: "at", type: { kind: "timestamp_s" } },
          { name: "user", type: { kind: "string" } },
          { name: "n", type: { kind: "i64" } },
        ],
      });
    });

    it("must have the table's columns and types", async () => {
      await store.loadFile("Plays", file(FIRST));
      const token = store.latestDataToken();
      const message =
        /^schema does not match previous schema: table 'Plays' has \{at: timestamp_s, user: string, n: i64\}, and .*\.csv has /;
      await fails(() => store.loadFile("Plays", file("at,user,m\n2022-01-03T00:00:00,x,1\n")), message, "schema");
      await fails(() => store.loadFile("Plays", file("at,user,n\n2022-01-03T00:00:00,x,y\n")), /n: string\}/, "schema");
      await fails(() => store.loadFile("Plays", file("at,user,n,o\n2022-01-03T00:00:00,x,1,1\n")), message, "schema");
      const typed = new Table({ at: vectorFromArray([1n]), user: vectorFromArray([7n]), n: vectorFromArray([1n]) });
      await fails(() => store.loadArrow("Plays", typed), /user: i64/, "schema");
      assert.equal(store.latestDataToken(), token);
    });

    it("fit a table whose values happen to be of narrower types", async () => {
      await store.loadFile("Plays", file("at,user,n\n2022-01-01T00:00:00.5,ann,1.5\n"));
      const { added } = await store.loadFile(
        "Plays",
        file("user,n,at\nbob,2,2022-01-01T00:00:00\ncyd,,2022-01-01T00:00:01\n"),
      );
      assert.equal(added, true);
      await store.loadFile("Plays", file("at,user,n\n2022-01-03T00:00:00,dee,\n"));
      assert.deepEqual(numbersIn(store.snapshot()[0]), [1.5, 2, null, null]);
      const times = store.snapshot()[0]!.files.flatMap((each) => [...readPrepared(each, []).time]);
      assert.ok(times.includes(1640995201000000000n));
    });

    it("keep a table's texts as they are written, also where all of a file's look like numbers or times", async () => {
      await store.loadFile("Plays", file(FIRST));
      await store.loadFile("Plays", file("at,user,n\n2022-01-03T00:00:00,007,1\n2022-01-03T00:00:00,1e3,1\n"));
      await store.loadFile("Plays", file("at,user,n\n2022-01-04T00:00:00,2022-01-01,1\n"));
      const users = store.snapshot()[0]!.files.flatMap((each) => {
        const { rows, columns } = readPrepared(each, ["user"]);
        return Array.from({ length: rows }, (_, row) => valueAt(columns.get("user")!, row));
      });
      assert.deepEqual(users.slice(-3).sort(), ["007", "1e3", "2022-01-01"]);
    });

    it("of a header alone settle no types", async () => {
      await store.loadFile("Plays", file("at,user,n\n"));
      assert.deepEqual(store.snapshot()[0]!.files, []);
      await store.loadFile("Plays", file(FIRST));
      await store.loadFile("Plays", file("at,user,n\r\n"));
      assert.equal(store.getTable("Plays").version, 3);
      assert.deepEqual(numbersIn(store.snapshot()[0]), [1n, 2n]);
      await fails(() => store.loadFile("Plays", file("at,user\n")), /schema does not match/, "schema");
    });

    it("of Arrow data take tables and IPC bytes", async () => {
      const data = new Table({
        at: vectorFromArray([1n, 2n]),
        user: vectorFromArray(["a", "b"]),
        n: vectorFromArray([7n, 8n]),
      });
      assert.equal((await store.loadArrow("Plays", data)).added, true);
      assert.equal((await store.loadArrow("Plays", data)).added, false);
      assert.equal((await store.loadArrow("Plays", tableToIPC(data, "file"))).added, true);
      assert.equal((await store.loadArrow("Plays", tableToIPC(data, "file"))).added, false);
      for (const bytes of [new Uint8Array([1, 2, 3]), new Uint8Array(0), Buffer.from("at,user,n\n1,a,1\n")]) {
        await fails(() => store.loadArrow("Plays", bytes), /expected an Arrow IPC file or stream/, "format");
      }
    });

    it("that fail leave everything as it was", async () => {
      await store.loadFile("Plays", file(FIRST));
      const token = store.latestDataToken();
      const everything = () => [store.getTable("Plays"), readdirSync(join(directory, "files")).sort()];
      const before = everything();
      await fails(
        () => store.loadFile("Plays", file("at,user,n\n2022-01-01T00:00:00,a\n")),
        /2 cells, and the header has 3/,
        "format",
      );
      await fails(
        () => store.loadFile("Plays", file("at,user,n\nsoon,a,1\n")),
        /row 1 \(line 2\), column 'at': 'soon' is not of type timestamp_s/,
        "schema",
      );
      await fails(
        () => store.loadFile("Plays", file("when,user,n\n2022-01-01,a,1\n")),
        /schema does not match/,
        "schema",
      );
      await fails(() => store.loadFile("Plays", file("")), /is empty; expected a header line/, "format");
      await fails(
        () => store.loadFile("Plays", join(root, "none.csv")),
        /cannot read .*none\.csv: there is no such file/,
        "file",
      );
      await fails(() => store.loadFile("Plays", root), /it is a directory/, "file");
      await fails(() => store.loadFile("Plays", file(SECOND, "a.txt")), /extension '\.txt' is not known/, "file");
      const aborted = store.loadFile("Plays", file(SECOND), { signal: AbortSignal.abort() });
      await assert.rejects(aborted, { name: "AbortError" });
      assert.deepEqual(everything(), before);
      assert.equal(store.latestDataToken(), token);
      assert.deepEqual(
        readdirSync(join(directory, "staging")).flatMap((id) => readdirSync(join(directory, "staging", id))),
        [],
      );
      assert.equal((await store.loadFile("Plays", file(SECOND))).added, true);
    });

    it("name a missing time column, the nearest and all there are", async () => {
      const path = file("when,user,n\n2022-01-01,a,1\n");
      await fails(
        () => store.loadFile("Plays", path),
        /no time column 'at'; nearest: .*; its columns are 'when', 'user', 'n'/,
        "column",
      );
    });

    it("say which version they replaced when a table was deleted", async () => {
      const { dataToken } = await store.loadFile("Plays", file(FIRST));
      const deleted = await store.deleteTable("Plays");
      assert.equal(store.latestDataToken(), deleted.dataToken);
      assert.deepEqual(store.snapshot(), []);
      await fails(() => store.snapshot(dataToken), /table 'Plays' was deleted since/, "not-found");
      await store.createTable({ ...PLAYS, keyColumn: "n" });
      assert.equal(store.getTable("Plays").version, 0);
      await fails(() => store.snapshot(dataToken), /table 'Plays' was deleted since/, "not-found");
    });

    it("by two sessions at once are all kept", async () => {
      const other = await again();
      const texts = Array.from({ length: 12 }, (_, index) => `at,user,n\n2022-01-01T00:00:00,u${index},${index}\n`);
      await Promise.all(texts.map((text, index) => (index % 2 === 0 ? store : other).loadFile("Plays", file(text))));
      assert.equal(store.getTable("Plays").version, 12);
      assert.deepEqual(numbersIn(other.snapshot()[0]).length, 12);
      assert.equal(new Set(store.getTable("Plays").loads.map((load) => load.dataToken)).size, 12);
    });
  });

  describe("views and queries", () => {
    it("are kept by name, once", async () => {
      const created = await store.createView("Big", "Plays.n > 5");
      assert.deepEqual(await store.createView("Big", "Plays.n > 5"), created);
      await fails(
        () => store.createView("Big", "1"),
        /view already exists: 'Big' is 'Plays\.n > 5', and the new expression is '1'/,
        "name",
      );
      await store.createTable(PLAYS);
      await fails(() => store.createView("Plays", "1"), /is the name of a table already/, "name");
      await fails(() => store.createTable({ ...PLAYS, name: "Big" }), /is the name of a view already/, "name");
      await fails(() => store.createView("a b", "1"), /cannot be the name of a view/, "name");
      await fails(() => store.getView("Bib"), /there is no view 'Bib'; nearest: 'Big'/, "not-found");
      assert.deepEqual((await again()).listViews(), [created]);
      await store.deleteView("Big");
      assert.deepEqual(store.listViews(), []);
      await fails(() => store.deleteView("Big"), /there is no view 'Big'/, "not-found");
    });

    it("remember queries, and pass over a line that was cut off", async () => {
      const stored = await store.recordQuery({ expression: "Plays\n| x", dataToken: "t", detail: { rows: 3 } });
      appendFileSync(join(directory, "queries.jsonl"), '{"id":"cut');
      assert.deepEqual(store.listQueries(), [stored]);
      assert.deepEqual(store.getQuery(stored.id), stored);
      assert.deepEqual(store.listQueries("other"), []);
      await fails(() => store.getQuery("x"), /there is no query 'x'/, "not-found");
    });
  });

  describe("survives", () => {
    it("files that a killed load left behind", async () => {
      await store.createTable(PLAYS);
      await store.loadFile("Plays", file(FIRST));
      await store.close();
      const script = `
        import { mkdirSync, writeFileSync, readdirSync } from "node:fs";
        import { openStore } from ${JSON.stringify(new URL("../../src/tables/store/store.ts", import.meta.url).href)};
        const store = await openStore({ directory: ${JSON.stringify(directory)} });
        const [own] = readdirSync(${JSON.stringify(join(directory, "staging"))});
        writeFileSync(${JSON.stringify(`${directory}/staging/`)} + own + "/half.arrow", "half");
        writeFileSync(${JSON.stringify(join(directory, "files", "orphan.arrow"))}, "orphan");
        writeFileSync(${JSON.stringify(join(directory, `manifest.json.${"0".repeat(36)}`))}, "draft");
        process.kill(process.pid, "SIGKILL");`;
      const run = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
        encoding: "utf8",
      });
      assert.equal(run.signal, "SIGKILL", run.stderr);
      assert.ok(existsSync(join(directory, "files", "orphan.arrow")));
      const reopened = await again();
      assert.deepEqual(numbersIn(reopened.snapshot()[0]), [1n, 2n]);
      assert.deepEqual(await reopened.check(), []);
      assert.equal(readdirSync(join(directory, "files")).length, 1);
      assert.equal(readdirSync(join(directory, "staging")).length, 1);
      assert.equal(readdirSync(join(directory, "sessions")).length, 1);
      assert.deepEqual(
        readdirSync(directory).filter((name) => name.startsWith("manifest.json.")),
        [],
      );
    });

    it("the lock of a dead process, and waits for that of a living one", async () => {
      const locks = join(directory, "locks");
      const held = Number(readdirSync(locks)[0]) + 1;
      const holder = (pid: number) => {
        const content = JSON.parse(
          readFileSync(join(directory, "sessions", readdirSync(join(directory, "sessions"))[0]!), "utf8"),
        );
        return JSON.stringify({ ...content, pid, ...(pid === process.pid ? {} : { start: "1" }), since: "now" });
      };
      writeFileSync(join(locks, String(held)), holder(2 ** 22 - 1));
      await store.createTable(PLAYS);
      const next = Math.max(...readdirSync(locks).map(Number)) + 1;
      writeFileSync(join(locks, String(next)), holder(process.pid));
      // Reading waits for nobody.
      const impatient = await openStore({ directory, lockTimeout: 50 });
      assert.equal(impatient.getTable("Plays").version, 0);
      await fails(
        () => impatient.createView("V", "1"),
        new RegExp(`is being written by process ${process.pid} `),
        "store",
      );
      await impatient.close();
      assert.equal(store.getTable("Plays").version, 0);
      rmSync(join(locks, String(next)));
    });

    it("a process number that another process has by now", async () => {
      const locks = join(directory, "locks");
      const next = Math.max(...readdirSync(locks).map(Number)) + 1;
      const session = readFileSync(join(directory, "sessions", readdirSync(join(directory, "sessions"))[0]!), "utf8");
      const identity = JSON.parse(session) as { start: string | null };
      if (identity.start !== null) {
        writeFileSync(join(locks, String(next)), JSON.stringify({ ...identity, start: "1", since: "now" }));
      }
      await store.createTable(PLAYS);
      assert.equal(store.listTables().length, 1);
    });
  });

  describe("refuses", () => {
    const manifest = () => join(directory, "manifest.json");

    it("a newer format", async () => {
      const content = JSON.parse(readFileSync(manifest(), "utf8"));
      writeFileSync(manifest(), JSON.stringify({ ...content, format: STORE_FORMAT + 1 }));
      await fails(
        () => openStore({ directory }),
        new RegExp(`has format ${STORE_FORMAT + 1}, .* use a newer fenl`),
        "store",
      );
    });

    it("a damaged manifest, and says where the version before is", async () => {
      await store.createTable(PLAYS);
      const content = readFileSync(manifest(), "utf8");
      for (const damage of [content.slice(0, -20), content.replace("Plays", "Pluys"), "", "null", "[]"]) {
        writeFileSync(manifest(), damage);
        await fails(
          () => openStore({ directory }),
          /manifest\.json is damaged: .*copy .*manifest\.previous\.json over it/,
          "store",
        );
      }
      writeFileSync(manifest(), content);
      assert.equal((await again()).listTables().length, 1);
    });

    it("damaged and missing files, when they are read", async () => {
      await store.createTable(PLAYS);
      await store.loadFile("Plays", file(FIRST));
      const [prepared] = store.snapshot()[0]!.files;
      const bytes = readFileSync(prepared!.path);
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(prepared!.path, bytes);
      await fails(() => readPrepared(prepared!, ["n"]), /is damaged: its checksum does not fit/, "store");
      assert.equal((await store.check()).length, 1);
      rmSync(prepared!.path);
      assert.match((await store.check())[0]!, /table 'Plays': .*cannot be read \(ENOENT\)/);
      await fails(() => readPrepared(prepared!, ["n"]), /cannot be read \(ENOENT\)/, "store");
    });

    it("a directory that cannot be one", async () => {
      const path = file("x", "in-the-way");
      await fails(() => openStore({ directory: path }), /cannot open the store in .*in-the-way/, "store");
      await fails(() => openStore({ directory: join(path, "below") }), /not a directory/, "store");
    });

    it("work after it was closed, or removed", async () => {
      await store.close();
      await fails(() => store.listTables(), /the store is closed/, "store");
      const other = await again();
      rmSync(directory, { recursive: true });
      await fails(() => other.listTables(), /is gone/, "store");
      mkdirSync(directory);
    });
  });

  it("in memory is a directory that goes with its session", async () => {
    const memory = await openStore({ inMemory: true });
    await memory.createTable(PLAYS);
    await memory.loadFile("Plays", file(FIRST));
    assert.deepEqual(numbersIn(memory.snapshot()[0]), [1n, 2n]);
    assert.ok(existsSync(memory.directory));
    await memory.close();
    assert.ok(!existsSync(memory.directory));
  });

  it("in memory is removed when the process ends without closing it", () => {
    const script = `
      import { openStore } from ${JSON.stringify(new URL("../../src/tables/store/store.ts", import.meta.url).href)};
      console.log((await openStore({ inMemory: true })).directory);`;
    const run = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
      encoding: "utf8",
    });
    assert.equal(run.status, 0, run.stderr);
    assert.ok(!existsSync(run.stdout.trim()));
  });

  it("is found through FENL_HOME", async () => {
    const before = process.env.FENL_HOME;
    process.env.FENL_HOME = join(root, "home");
    try {
      const opened = await openStore();
      open.push(opened);
      assert.equal(opened.directory, join(root, "home"));
    } finally {
      if (before === undefined) delete process.env.FENL_HOME;
      else process.env.FENL_HOME = before;
    }
  });
});
