import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { fileURLToPath } from "node:url";
import { EXPLANATIONS, type Explanation, explainFenl } from "../../src/explain-fenl.ts";
import { prepareCsvText } from "../../src/tables/load/ad-hoc-table.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";
import { Wasm } from "../../src/values/web-assembly.ts";
import { type CaseSection, readSections, writeSections } from "./case-file.ts";

const FOLDER = fileURLToPath(new URL("../cases/explain/", import.meta.url));
const SHOWN = ["ast", "typed", "plan"] as const;

/** `table Purchase by customer`: CSV with the columns `time` and `customer`, the key and the grouping's name. */
async function tableOf({ name: heading, text }: CaseSection, directory: string): Promise<TableSnapshot> {
  const [, name, key] = heading.match(/^table (\w+) by (\w+)$/) ?? [];
  if (name === undefined || key === undefined) throw new Error(`no table: ${heading}`);
  return prepareCsvText({ name, timeColumn: "time", keyColumn: key, grouping: key }, text, directory);
}

describe("what a query becomes", () => {
  let directory = "";
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "fenl-explain-"));
  });
  after(() => rmSync(directory, { recursive: true }));

  async function explained(sections: readonly CaseSection[], what: Explanation): Promise<string> {
    const tables = sections.filter(({ name }) => name.startsWith("table "));
    const environment = { tables: await Promise.all(tables.map((table) => tableOf(table, directory))), views: [] };
    const final = sections.some(({ name }) => name === "final");
    const { text } = sections.find(({ name }) => name === "fenl")!;
    const behavior = final ? "final-results" : "all-results";
    const { text: result, diagnostics } = explainFenl(text, environment, what, { resultBehavior: behavior });
    assert.deepEqual(diagnostics, []);
    return result!;
  }

  for (const file of readdirSync(FOLDER).sort()) {
    it(`shows ${file.replace(/\.case$/, "")}`, async () => {
      const path = join(FOLDER, file);
      const sections = readSections(readFileSync(path, "utf8"));
      const given = sections.filter(({ name }) => !SHOWN.includes(name as "ast"));
      const shown = await Promise.all(
        SHOWN.map(async (what): Promise<CaseSection> => ({ name: what, text: await explained(sections, what) })),
      );
      const text = writeSections([...given, ...shown]);
      if (env.UPDATE === "1") writeFileSync(path, text);
      assert.equal(readFileSync(path, "utf8"), text, "UPDATE=1 writes what is shown now");
    });

    it(`shows ${file.replace(/\.case$/, "")} the same way twice, and its WebAssembly as an assembler takes it`, async () => {
      const sections = readSections(readFileSync(join(FOLDER, file), "utf8"));
      for (const what of EXPLANATIONS) {
        assert.equal(await explained(sections, what), await explained(sections, what));
      }
      const stages = (await explained(sections, "wasm")).split(/^;; stage \d+$/m).slice(1);
      const planned = (await explained(sections, "plan")).match(/^stage \d+$/gm) ?? [];
      assert.equal(stages.length, planned.length);
      const { default: load } = await import("wabt");
      const wabt = await load();
      for (const wat of stages) {
        const parsed = wabt.parseWat("stage.wat", wat, { threads: true, bulk_memory: true });
        assert.ok(new Wasm.Module(parsed.toBinary({}).buffer));
        parsed.destroy();
        assert.ok(wat.split("\n").every((line) => line.length <= 160));
      }
    });
  }

  it("says what is wrong with a query that gets no further", async () => {
    const environment = { tables: [], views: [] };
    for (const [query, what, code] of [
      ["{ a: ", "ast", "E0011"],
      ["{ a: b }", "typed", "E0006"],
      ["{ a: 1 }", "plan", "E0013"],
      ["{ a: 1 }", "wasm", "E0013"],
    ] as const) {
      const { text, diagnostics } = explainFenl(query, environment, what);
      assert.equal(text, null);
      assert.deepEqual(
        diagnostics.map((diagnostic) => diagnostic.code),
        [code],
      );
    }
  });

  it("shows names and texts of the user so that they cannot leave their line", () => {
    const environment = { tables: [], views: [] };
    const { text } = explainFenl("'a\n;; \\\" <b>' | { x: $input }", environment, "ast");
    assert.equal(text?.split("\n").length, 5);
  });
});
