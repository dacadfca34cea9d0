// Measures this engine beside every peer that is installed and prints Markdown.
// npm run bench -- [--suite job,shop] [--events 1e7] [--sizes 1e5,1e8] [--cliff-events 1e6] [--rounds 3] [--threads 2]
//   [--data DIRECTORY] [--only "loaded tables"] [--into docs/performance.md]
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { cliffsSuite } from "./cliffs/suite.ts";
import { compileTimeSuite } from "./compile-time/suite.ts";
import { jobSuite } from "./job/suite.ts";
import { kernelSuite } from "./kernel/suite.ts";
import { memorySuite } from "./memory/suite.ts";
import { operatorsSuite } from "./operators/suite.ts";
import type { BenchOptions, Suite } from "./report/options.ts";
import { scalingSuite } from "./scaling/suite.ts";
import { shopSuite } from "./shop/suite.ts";

const SUITES: readonly Suite[] = [
  jobSuite,
  shopSuite,
  operatorsSuite,
  scalingSuite,
  memorySuite,
  cliffsSuite,
  compileTimeSuite,
  kernelSuite,
];

const { values } = parseArgs({
  options: {
    suite: { type: "string", default: SUITES.map(({ name }) => name).join(",") },
    events: { type: "string", default: "1e6" },
    sizes: { type: "string", default: "1e5,1e6" },
    "cliff-events": { type: "string", default: "1e6" },
    rounds: { type: "string", default: "3" },
    threads: { type: "string", default: "2" },
    data: { type: "string", default: "bench/data" },
    only: { type: "string" },
    into: { type: "string" },
  },
});
const options: BenchOptions = {
  data: resolve(values.data),
  events: values.events,
  sizes: values.sizes.split(","),
  cliffEvents: values["cliff-events"],
  rounds: Number(values.rounds),
  threads: Number(values.threads),
  only: values.only,
};
const chosen = values.suite.split(",").map((name) => {
  const suite = SUITES.find((one) => one.name === name);
  if (suite) return suite;
  throw new Error(`there is no suite ${name}; there are ${SUITES.map((one) => one.name).join(", ")}`);
});
const printed: string[] = [];
const print = (markdown: string) => {
  console.log(markdown);
  printed.push(markdown);
};
const today = new Date().toISOString().slice(0, 10);
const machine = `${cpus().length} x ${cpus()[0]!.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
print(`${today}: ${machine}; ${options.threads} threads; load of the machine before: ${loadavg()[0]!.toFixed(1)}.\n`);
for (const suite of chosen) {
  const start = performance.now();
  print(`### ${suite.title}\n`);
  try {
    await suite.run(options, print);
  } catch (error) {
    // The other suites are worth their time all the same.
    process.exitCode = 1;
    console.error(`${suite.name} failed: ${(error as Error).stack}\n`);
  }
  console.error(`(${suite.name}: ${Math.round((performance.now() - start) / 1000)} s)`);
  if (values.into !== undefined) replaceResults(values.into, printed.join("\n"));
}

/** Puts the results between the marks of a page, in place of those of an earlier run. */
function replaceResults(path: string, results: string): void {
  const [begin, end] = ["<!-- results -->", "<!-- end of results -->"];
  const page = readFileSync(path, "utf8");
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} has no ${begin} and ${end} after it`);
  writeFileSync(path, `${page.slice(0, from + begin.length)}\n\n${results.trimEnd()}\n\n${page.slice(to)}`);
}
