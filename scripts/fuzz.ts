import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { compareEngines, randomQuestions } from "../test/property/agreement.ts";
import { writeCase } from "../test/property/case-file.ts";

const [countText = "10000", seedText] = process.argv.slice(2);
const count = Number(countText);
const seed = seedText === undefined ? Date.now() % 2 ** 31 : Number(seedText);
if (!Number.isInteger(count) || count < 1 || !Number.isInteger(seed)) {
  console.error("usage: npm run fuzz -- [COUNT] [SEED]\nCOUNT and SEED are whole numbers, COUNT at least 1.");
  process.exit(2);
}

const pairs = new Map<string, number>();
const tally = { answers: 0, nonEmpty: 0, rows: 0, skipped: 0, mixed: 0 };
const MIXING = ["tick", "shift", "lookup", "record"];

function note(constructs: readonly string[], rows: number): void {
  tally.answers++;
  tally.rows += rows;
  if (rows === 0) return;
  tally.nonEmpty++;
  if (constructs.filter((one) => /^[AB]$/.test(one)).length > 1 || MIXING.some((one) => constructs.includes(one)))
    tally.mixed++;
  const sorted = constructs.filter((one) => !/^[ABC]$/.test(one)).sort();
  for (const [index, first] of sorted.entries()) {
    for (const second of sorted.slice(index)) {
      const pair = `${first} ${second}`;
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    }
  }
}

function printPairs(): void {
  const names = [...new Set([...pairs.keys()].flatMap((pair) => pair.split(" ")))].sort();
  const cell = (text: string) => text.padStart(11);
  console.log("\nnon-empty answers compared, per pair of constructs:");
  console.log(cell("") + names.map(cell).join(""));
  for (const [index, row] of names.entries()) {
    const counts = names.map((column, place) => (place < index ? "" : String(pairs.get(`${row} ${column}`) ?? 0)));
    console.log(cell(row) + counts.map(cell).join(""));
  }
}

const started = Date.now();
const property = fc.asyncProperty(randomQuestions, async ({ question, constructs }) => {
  const verdict = await compareEngines(question);
  if (verdict.kind === "agree") note(constructs, verdict.rows);
  if (verdict.kind === "skipped") tally.skipped++;
  if (verdict.kind === "differ") throw new Error(verdict.how);
});
const result = await fc.check(property, { numRuns: count, seed });

console.log(
  `seed ${seed}: ${tally.answers} answers compared in ${((Date.now() - started) / 1000).toFixed(1)} s, ${tally.nonEmpty} of them not empty,`,
);
console.log(
  `${tally.rows} rows; ${tally.mixed} with two domains, a tick, a shift, a lookup or a record; ${tally.skipped} left out as too large`,
);
printPairs();
if (result.failed) {
  const question = result.counterexample![0].question;
  const text = writeCase(question);
  const folder = new URL("../test/cases/", import.meta.url).pathname;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${createHash("sha256").update(text).digest("hex").slice(0, 10)}.json`);
  writeFileSync(path, text);
  console.error(`\nThe engines differ, kept as ${path}:\n${question.query}\n${text}`);
  console.error(result.errorInstance instanceof Error ? result.errorInstance.message : String(result.errorInstance));
  process.exitCode = 1;
}
