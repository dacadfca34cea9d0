import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepareTable, runProduct } from "../property/product.ts";
import { casesByGroup, conformanceTables, optionsOf, readCases } from "./cases.ts";
import { answerCsv } from "./judge.ts";

describe("a preview has the first rows of the whole answer", () => {
  const folder = mkdtempSync(join(tmpdir(), "fenl-preview-"));
  const whole = conformanceTables().map((table) => prepareTable(folder, table));
  const cut = mkdtempSync(join(folder, "cut-"));
  const inPieces = conformanceTables().map((table, index) =>
    prepareTable(cut, table, [5, 2, Number.POSITIVE_INFINITY][index % 3], [0, 0, 1][index % 3]),
  );
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("some tables of these tests have heads", () => {
    assert.ok(inPieces.some(({ files }) => files.some(({ head }) => head !== undefined)));
  });

  for (const [group, cases] of casesByGroup(readCases("cases.jsonl"))) {
    const some = cases.filter((one) => one.csv !== undefined && optionsOf(one).resultBehavior === "all-results");
    if (some.length === 0) continue;
    it(`${group}: ${some.length} cases`, async function () {
      this.timeout(120_000);
      for (const one of some) {
        const all = await runProduct(one.query, whole, optionsOf(one));
        if (all.kind !== "rows") continue;
        const lines = answerCsv(all.answer).split("\n");
        for (const previewRows of new Set([1, Math.ceil(all.answer.rows.length / 2)])) {
          if (previewRows > all.answer.rows.length) continue;
          const preview = await runProduct(one.query, inPieces, { ...optionsOf(one), previewRows, previewEvents: 1 });
          assert.equal(preview.kind, "rows", one.query);
          if (preview.kind !== "rows") continue;
          const first = answerCsv(preview.answer).split("\n");
          assert.deepEqual(first, [...lines.slice(0, previewRows + 1), ""], `${one.id}: ${one.query}`);
        }
      }
    });
  }
});
