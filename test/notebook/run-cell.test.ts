import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CellError } from "../../kernel/cell/cell-context.ts";
import { magics } from "../../kernel/cell/magics.ts";
import { runCell } from "../../kernel/cell/run-cell.ts";
import { type FakeContext, fakeContext } from "./fake-session.ts";

describe("runCell", () => {
  let folder: string;
  let context: FakeContext;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "fenl-cells-"));
  });
  after(() => rmSync(folder, { recursive: true }));
  beforeEach(() => {
    context = fakeContext(folder, { "1 + 1": 2 });
  });

  /** The text of the usage error that a cell ends in. */
  async function usageError(cell: string): Promise<string> {
    const error = await runCell(cell, context).then(
      () => assert.fail("no error"),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof CellError, String(error));
    assert.equal(error.ename, "UsageError");
    assert.ok(error.traceback.every((line) => !/\bat .*\.ts:\d+/.test(line)));
    return error.traceback.join("\n");
  }

  it("evaluates TypeScript at the lines where it stands, and gives the last part's value", async () => {
    assert.deepEqual(await runCell("const a = 1;\n%load_ext fenlmagic\n1 + 1", context), { kind: "value", value: 2 });
    assert.deepEqual(context.evaluated, ["const a = 1;", "\n\n1 + 1"]);
    assert.deepEqual(await runCell("1 + 1\n%load_ext fenlmagic", context), { kind: "none" });
  });

  it("does nothing for an empty cell", async () => {
    assert.deepEqual(await runCell(" \n", context), { kind: "none" });
    assert.deepEqual(context.evaluated, []);
  });

  describe("magics", () => {
    it("lists every magic", async () => {
      await runCell("%lsmagic", context);
      for (const magic of magics) assert.ok(context.text("stdout").includes(magic.usage), magic.name);
    });

    it("names the nearest of an unknown magic, and how to see all", async () => {
      const line = await usageError("%lsmagik");
      assert.match(line, /there is no magic %lsmagik\nNearest magics: .*%lsmagic/);
      assert.match(line, /%lsmagic lists them all/);
      assert.match(await usageError("%%wrietfile a.csv\n1"), /no magic %%wrietfile\nNearest magics: %%writefile/);
    });

    it("tells that a magic was used in its other form", async () => {
      assert.match(await usageError("%writefile a.csv"), /%writefile is not a line magic/);
      assert.match(await usageError("%%lsmagic"), /%%lsmagic is not a cell magic/);
      assert.match(await usageError("1;\n%%bash\nls"), /%%bash is on line 2/);
    });

    it("accepts fenlmagic as an extension, and no other", async () => {
      await runCell("%load_ext fenlmagic", context);
      assert.match(await usageError("%load_ext sql"), /no extension 'sql'/);
      assert.match(await usageError("%load_ext"), /needs a name/);
    });

    it("lists the session's variables", async () => {
      context.bound.set("answer", 42);
      context.bound.set("list", [1, 2]);
      context.bound.set("odd", Object.create(null));
      await runCell("%who", context);
      assert.equal(context.text("stdout"), "answer  number\nlist    Array(2)\nodd     object\n");
    });

    it("forgets the session's variables, with and without -f", async () => {
      for (const line of ["%reset", "%reset -f"]) {
        context.bound.set("answer", 42);
        await runCell(line, context);
        assert.equal(context.bound.size, 0);
      }
      assert.match(await usageError("%reset answer"), /%reset takes no names, but got 'answer'/);
    });

    it("times code and keeps its value", async () => {
      assert.deepEqual(await runCell("%time 1 + 1", context), { kind: "value", value: 2 });
      assert.match(context.text("stdout"), /^Wall time: .*, CPU time: /);
      await runCell("%%time\nconst a = 1;\n", context);
      assert.deepEqual(context.evaluated.at(-1), "\nconst a = 1;\n");
    });

    it("tells why it cannot change the folder", async () => {
      assert.match(await usageError("%cd nowhere"), /cannot change to .*nowhere: there is no such folder/);
      assert.match(await usageError("%cd a b"), /takes one folder/);
    });

    it("shows and sets the environment", async () => {
      await runCell("%env FENL_TEST_VARIABLE = a b", context);
      assert.deepEqual(await runCell("%env FENL_TEST_VARIABLE", context), { kind: "value", value: "a b" });
      delete process.env.FENL_TEST_VARIABLE;
      assert.match(await usageError("%env FENL_TEST_VARIABLE"), /no variable FENL_TEST_VARIABLE/);
    });
  });

  describe("%%writefile", () => {
    const read = (name: string) => readFileSync(join(folder, name), "utf8");

    it("writes, overwrites and appends", async () => {
      await runCell("%%writefile a.csv\nx,y\n1,2", context);
      assert.equal(read("a.csv"), "x,y\n1,2\n");
      await runCell("%%writefile -a a.csv\n3,4\n", context);
      assert.equal(read("a.csv"), "x,y\n1,2\n3,4\n");
      await runCell("%%writefile 'a.csv'\n%pwd ☃\n", context);
      assert.equal(read("a.csv"), "%pwd ☃\n");
      assert.equal(context.text("stdout"), "Writing a.csv\nAppending to a.csv\nOverwriting a.csv\n");
    });

    it("writes an empty file, and names with blanks", async () => {
      await runCell('%%writefile "with blank.txt"', context);
      assert.equal(read("with blank.txt"), "");
      await runCell("%%writefile --append new.txt\na", context);
      assert.equal(read("new.txt"), "a\n");
    });

    it("tells what is wrong", async () => {
      assert.match(await usageError("%%writefile\na"), /needs one file name, but got no file name/);
      assert.match(await usageError("%%writefile a b\nc"), /got 2 words/);
      assert.match(await usageError("%%writefile --apend a\nc"), /no option --apend\nNearest options: --append/);
      assert.match(await usageError("%%writefile 'a\nc"), /the quote ' is not closed/);
      writeFileSync(join(folder, "file"), "");
      for (const [cell, reason] of [
        ["%%writefile nowhere/a.csv\nx", /cannot write nowhere\/a\.csv: the folder .*nowhere does not exist/],
        ["%%writefile .\nx", /is a folder/],
        ["%%writefile file/a\nx", /a file, not a folder/],
        [`%%writefile ${"n".repeat(300)}\nx`, /is too long/],
      ] as const) {
        await assert.rejects(runCell(cell, context), (error: CellError) => {
          assert.equal(error.ename, "WriteError");
          assert.equal(error.traceback.length, 1);
          return reason.test(error.evalue);
        });
      }
    });
  });

  describe("shell lines", () => {
    it("streams output and shows an exit code other than 0", async () => {
      await runCell("!echo out; echo err >&2; exit 3", context);
      assert.equal(context.text("stdout"), "out\n");
      assert.equal(context.text("stderr"), "err\nexit code 3\n");
    });

    it("runs in the session's folder, without standard input", async () => {
      await runCell("!pwd\n!cat", context);
      assert.equal(context.text("stdout").trim().split("/").at(-1), folder.split("/").at(-1));
    });

    it("decodes characters that arrive in pieces", async () => {
      await runCell("!printf '\\342'; sleep 0.05; printf '\\230\\203'", context);
      assert.equal(context.text("stdout"), "☃");
    });

    it("explains a negation taken for a command", async () => {
      context.bound.set("ready", true);
      await runCell("!ready", context);
      assert.match(context.text("stderr"), /exit code 127 .*write \(!ready\)/);
    });

    it("stops a command and what it started when interrupted", async () => {
      const start = performance.now();
      const cell = runCell("!sh -c \"trap '' INT; sleep 61.25\" & sleep 61.25", context);
      setTimeout(() => context.abort.abort(), 100);
      await assert.rejects(cell, (error: CellError) => error.ename === "Interrupted");
      assert.ok(performance.now() - start < 5000);
      await runCell(
        "!pgrep -f 'sleep 61[.]25' || echo none",
        fakeContextOf((other) => (context = other)),
      );
      assert.match(context.text("stdout"), /none/);
    });

    it("does not wait for what a command leaves in the background", async () => {
      const start = performance.now();
      await runCell("!sleep 2 & echo started", context);
      assert.ok(performance.now() - start < 1500);
      assert.equal(context.text("stdout"), "started\n");
    });
  });

  describe("%%bash", () => {
    it("runs a script with arguments", async () => {
      await runCell('%%bash \'a b\' c\nset -e\nfor x in "$@"; do echo "<$x>"; done', context);
      assert.equal(context.text("stdout"), "<a b>\n<c>\n");
    });

    it("fails when the script fails", async () => {
      await assert.rejects(
        runCell("%%bash\nexit 4", context),
        (error: CellError) => error.evalue === "the script failed: exit code 4",
      );
    });
  });

  describe("%%fenl", () => {
    it("tells what is wrong with its options", async () => {
      for (const [line, message] of [
        ["--vra x", /%%fenl has no option --vra\nNearest options: --var/],
        ["--var", /--var needs a value: --var NAME/],
        ["--var 1x", /--var must be a name .* but is '1x'/],
        ["--var class", /--var must be a name/],
        ["--var a --var b", /--var is given twice/],
        ["--row-order key", /--row-order must be time or entity, but is 'key'/],
        ["--result-behavior some", /--result-behavior must be all-results or final-results, but is 'some'/],
        ["--preview-rows 0", /--preview-rows must be a whole number from 1/],
        ["--dry-run maybe", /unexpected 'maybe'/],
        ["--dry-run=maybe", /--dry-run must be true or false, but is 'maybe'/],
        ["--output xlsx", /--output must be parquet or csv/],
        ["--param limti", /no variable of the session is called 'limti'\nNearest variables: limit/],
        ["GamePlay", /unexpected 'GamePlay' on the line of %%fenl/],
        [
          "--final-time 2022-01-01T00:00:00Z --result-behavior all-results",
          /--final-time must be used with result-behavior "final-results"/,
        ],
      ] as const) {
        context.bound.set("limit", 1);
        assert.match(await usageError(`%%fenl ${line}\n{ n: 1 }`), message, line);
      }
      assert.match(await usageError("%%fenl\n \n"), /needs a query/);
    });
  });

  function fakeContextOf(use: (context: FakeContext) => void): FakeContext {
    const other = fakeContext(folder);
    use(other);
    return other;
  }
});
