import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FenlOptions } from "../../src/run-fenl.ts";
import { conformanceTables, optionsOf, readCases } from "../conformance/cases.ts";
import { answerCsv, judge } from "../conformance/judge.ts";
import { prepareTable, runProduct } from "../property/product.ts";

/** Ways to run a query so that it meets the bounds of its memory with the few rows of these tables. */
const NARROW: Readonly<Record<string, Pick<FenlOptions, "memoryLimit" | "memory">>> = {
  "in many ranges of few entities, with rows in temporary files": { memoryLimit: 2000 },
  "in many ranges of few entities, with all rows in memory": {
    memoryLimit: 2000,
    memory: { windowRows: 10_000, sinkRows: 5, codedBytes: 0, heldBytes: 1 << 28, resultBytes: 1 << 28 },
  },
  "in windows of a few rows": { memory: { windowRows: 3, sinkRows: 2, codedBytes: 0 } },
  "in windows of one row, with all rows in temporary files": {
    memory: { windowRows: 1, sinkRows: 1, heldBytes: 0, resultBytes: 0, codedBytes: 0 },
  },
  "in larger windows, with some rows in temporary files": {
    memoryLimit: 20_000,
    memory: { windowRows: 7, sinkRows: 5, heldBytes: 400 },
  },
  "in windows, but for rows that a stage leaves to the next one": {
    memory: { windowRows: 6, sinkRows: 100, heldBytes: 1000 },
  },
  "with a result that is put in order while it is read": { memory: { resultBytes: 0, windowRows: 4 } },
};

function spills(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`fenl-spill-${process.pid}-`));
}

describe("queries within little memory", () => {
  const folder = mkdtempSync(join(tmpdir(), "fenl-narrow-"));
  const whole = conformanceTables().map((table) => prepareTable(folder, table));
  const pieces = mkdtempSync(join(folder, "pieces-"));
  const inPieces = conformanceTables().map((table) => prepareTable(pieces, table, 4));
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [index, [name, narrow]] of Object.entries(NARROW).entries()) {
    const [files, tables] = index % 2 === 0 ? ["one file", whole] : ["several files", inPieces];
    it(`answer as ever ${name}, from tables of ${files}`, async function () {
      this.timeout(120_000);
      const before = spills();
      const wrong: string[] = [];
      for (const one of readCases("cases.jsonl")) {
        const outcome = await runProduct(one.query, tables, { ...optionsOf(one), ...narrow });
        const answer = outcome.kind === "rows" ? ({ kind: "rows", csv: answerCsv(outcome.answer) } as const) : outcome;
        const verdict = judge(one, answer);
        if (verdict !== "") wrong.push(`${one.id}: ${one.query}\n    ${verdict}`);
      }
      assert.equal(wrong.length, 0, `\n${wrong.join("\n")}`);
      // What other tests have left goes when their answers are collected as garbage.
      const left = spills().filter((name) => !before.includes(name));
      assert.deepEqual(left, [], "temporary files are left");
    });
  }
});
