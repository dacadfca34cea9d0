import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toMimeBundle } from "../../kernel/display/mime-bundle.ts";
import { createMaterialization, listMaterializations } from "../../src/api/materialization.ts";
import { createQuery, getQuery, listQueries } from "../../src/api/query.ts";
import { LocalBuilder, type Session } from "../../src/api/session.ts";
import { createTable, listTables, load } from "../../src/api/table.ts";
import { createView, listViews } from "../../src/api/view.ts";

describe("what a notebook shows of the catalogue", () => {
  let folder: string;
  let session: Session;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "fenl-shown-"));
    session = await new LocalBuilder().inMemory(true).build();
    await createTable({ tableName: "T", timeColumnName: "at", entityKeyColumnName: "who" });
    const file = join(folder, "t.csv");
    writeFileSync(file, "at,who,n\n2022-01-01T00:00:00Z,ann,1\n");
    await load({ tableName: "T", file });
  });
  after(async () => {
    await session.stop();
    rmSync(folder, { recursive: true });
  });

  function shown(value: unknown): { plain: string; html: string } {
    const bundle = toMimeBundle(value);
    return { plain: String(bundle["text/plain"]), html: String(bundle["text/html"]) };
  }

  it("shows views, materializations and past queries as what they are, escaped", async () => {
    const view = await createView({ viewName: "V", expression: "T | when($input.n > 0) # <script>" });
    assert.match(shown(view).plain, /^View V\n(.*\n)*uses +T\n/);
    assert.match(shown(view).html, /&lt;script&gt;/);
    assert.doesNotMatch(shown(view).html, /<script>/);
    const destination = { fileType: "csv", outputPrefixUri: join(folder, "out") } as const;
    const made = await createMaterialization({ materializationName: "M", expression: "V", destination });
    assert.match(shown(made).plain, /^Materialization M\n(.*\n)*up to date +yes\n/);
    const result = await createQuery({ expression: "{ n: sum(T.n) }" });
    assert.match(shown(await getQuery(result.queryId!)).plain, /^Query .*\n(.*\n)*results +all-results\n/);
    for (const [list, name] of [
      [await listTables(), "T"],
      [await listViews(), "V"],
      [await listMaterializations(), "M"],
      [await listQueries(), "{ n: sum(T.n) }"],
    ] as const) {
      assert.match(shown(list).html, /<table/);
      assert.ok(shown(list).plain.includes(name));
    }
  });
});
