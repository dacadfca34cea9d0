import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as query from "../../src/api/query.ts";
import * as table from "../../src/api/table.ts";
import { FenlError, LocalBuilder, type QueryResult, type Session } from "../../src/index.ts";

const EXPRESSION = "{ n: E.n, text: E.t }";

/** The forms of an answer, by the name of what makes them; files go to a folder. */
const FORMS: Readonly<Record<string, (result: QueryResult, folder: string) => unknown>> = {
  table: (result) => result.table,
  dataframe: (result) => result.dataframe,
  batches: (result) => [...result.batches()],
  slice: (result) => result.head(),
  toCsv: (result) => result.toCsv(),
  toJsonLines: (result) => result.toJsonLines(),
  "toCsv to a file": (result, folder) => result.toCsv(join(folder, "answer.csv")),
  "toJsonLines to a file": (result, folder) => result.toJsonLines(join(folder, "answer.jsonl")),
  "toParquet to a file": (result, folder) => result.toParquet(join(folder, "answer.parquet")),
  "toArrowFile to a file": (result, folder) => result.toArrowFile(join(folder, "answer.arrow")),
};

describe("an answer of which a form needs more memory than there is", () => {
  const folder = mkdtempSync(join(tmpdir(), "fenl-exhausted-result-"));
  let session: Session;

  before(async function () {
    this.timeout(60_000);
    writeFileSync(join(folder, "events.csv"), "at,key,n,t\n1700000000,a,1,one\n1700000001,b,2,two\n");
    session = await new LocalBuilder().inMemory(true).build();
    await table.createTable({ tableName: "E", entityKeyColumnName: "key", timeColumnName: "at" });
    await table.load({ tableName: "E", file: join(folder, "events.csv") });
  });
  after(async () => {
    await session.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** An answer whose reading fails. */
  async function failing(fail: () => never): Promise<QueryResult> {
    const result = await query.createQuery({ expression: EXPRESSION });
    void result.warnings;
    Object.defineProperty(result.output.columns.at(-1), "values", { get: fail });
    return result;
  }

  for (const [name, make] of Object.entries(FORMS)) {
    it(`tells so, and leaves nothing half-written: ${name}`, async () => {
      const files = join(folder, name);
      mkdirSync(files);
      const result = await failing(() => {
        throw new ArrayBuffer(Number.MAX_SAFE_INTEGER);
      });
      await assert.rejects(
        async () => make(result, files),
        (error) => {
          assert.ok(error instanceof FenlError, String(error));
          const [{ code, span, formatted, notes }] = error.diagnostics as [FenlError["diagnostics"][number]];
          assert.equal(code, "E0016");
          assert.deepEqual(span?.start, { line: 1, column: 1 });
          const [form] = name.split(" ");
          assert.ok(formatted.includes(`'${form}' of its answer needs more memory than there is`), formatted);
          assert.match(notes.join(), /some rows of the answer at a time/);
          return true;
        },
      );
      assert.deepEqual(readdirSync(files), []);
      assert.deepEqual(result.outputPaths, []);
    });
  }

  it("tells of other errors as they are", async () => {
    const result = await failing(() => {
      throw new RangeError("another one");
    });
    assert.throws(() => result.toCsv(), { name: "RangeError", message: "another one" });
  });
});
