// Runs the feature job here and on each installed peer, one after the other in every round, and prints medians.
// npm run bench -- [--events 1e7] [--rounds 3] [--data DIRECTORY] [--only "loaded tables"]
import { existsSync, mkdirSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { AGREED } from "./job/feature-job.ts";
import { engines, generate, hasPython, type Run, runEngine, type Task } from "./job/peers.ts";

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "1e6" },
    rounds: { type: "string", default: "3" },
    data: { type: "string", default: "bench/data" },
    only: { type: "string" },
  },
});
const events = Number(values.events);
const directory = join(resolve(values.data), values.events);
const kinds: Task["kind"][] = ["loaded tables", "Parquet", "CSV"];

if (!existsSync(join(directory, "purchases.csv"))) {
  if (!hasPython("numpy", "pyarrow")) {
    throw new Error("the generator needs Python with numpy and pyarrow; FENL_BENCH_PYTHON names the Python to use");
  }
  mkdirSync(directory, { recursive: true });
  generate(events, directory);
}
const all = engines();
for (const { name, missing } of all) if (missing !== null) console.log(`${name} is not installed: ${missing}`);
const present = all.filter(({ missing }) => missing === null);
console.log(
  `${cpus().length} x ${cpus()[0]!.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}\n`,
);

for (const kind of kinds) if (values.only === undefined || values.only === kind) compare(kind);

function compare(kind: Task["kind"]): void {
  // In a warm process the first run of several does not count.
  const repeat = kind === "loaded tables" ? 4 : 1;
  const runs = new Map<string, Run[]>();
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const engine of present) {
      const command = engine.command({ kind, directory, repeat });
      if (command === null) continue;
      const done = runEngine(command);
      runs.set(engine.name, [...(runs.get(engine.name) ?? []), ...done.slice(repeat > 1 ? 1 : 0)]);
    }
  }
  const sums = new Set([...runs.values()].flat().map((run) => run.sums));
  if (AGREED[events]) sums.add(AGREED[events]);
  if (sums.size !== 1) throw new Error(`the engines' answers differ:\n${[...sums].join("\n")}`);
  const own = median(runs.get("fenl")!.map((run) => run.seconds));
  console.log(`## The job from ${kind}, ${values.events} events: ${[...sums][0]}\n`);
  console.log("| engine | seconds, median (least - most) | times fenl's | peak memory |\n|---|---|---|---|");
  for (const [name, list] of runs) {
    const seconds = list.map((run) => run.seconds).sort((a, b) => a - b);
    const peak = Math.max(...list.map((run) => run.peakMegabytes));
    const spread = `${seconds[0]!.toFixed(2)} - ${seconds.at(-1)!.toFixed(2)}`;
    console.log(
      `| ${name} | ${median(seconds).toFixed(2)} (${spread}) | ${(median(seconds) / own).toFixed(1)} | ${(peak / 1024).toFixed(2)} GB |`,
    );
  }
  console.log("");
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
