import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { compareEngines, randomQuestions } from "./agreement.ts";
import { readCase, writeCase } from "./case-file.ts";

const CASES = new URL("../cases/", import.meta.url);
const RUNS = 300;
/** The same questions in every run; `npm run fuzz` asks new ones. */
const SEED = 19700101;

describe("the product and the naive evaluator agree", () => {
  for (const name of readdirSync(CASES).filter((file) => file.endsWith(".json"))) {
    it(`on the kept case ${name}`, async function () {
      this.timeout(60_000);
      const verdict = await compareEngines(readCase(readFileSync(new URL(name, CASES), "utf8")));
      assert.equal(verdict.kind, "agree", JSON.stringify(verdict));
    });
  }

  it(`on ${RUNS} random queries over random tables`, async function () {
    this.timeout(300_000);
    const counts = { compared: 0, nonEmpty: 0, mixed: 0 };
    const property = fc.asyncProperty(randomQuestions, async ({ question, constructs }) => {
      const verdict = await compareEngines(question);
      if (verdict.kind === "differ") throw new Error(`${verdict.how}\n${writeCase(question)}`);
      if (verdict.kind === "skipped") return;
      counts.compared++;
      if (verdict.rows === 0) return;
      counts.nonEmpty++;
      if (["tick", "shift", "lookup", "with_key", "record"].some((one) => constructs.includes(one))) counts.mixed++;
    });
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
    assert.ok(counts.compared >= RUNS * 0.85, `only ${counts.compared} answers were compared`);
    assert.ok(counts.nonEmpty >= RUNS * 0.5, `only ${counts.nonEmpty} answers were not empty`);
    assert.ok(counts.mixed * 3 >= counts.nonEmpty, `only ${counts.mixed} queries mix domains`);
  });
});
