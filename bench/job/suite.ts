import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { markdownTable, median, shownGigabytes, shownSeconds } from "../report/markdown.ts";
import type { BenchOptions, Suite } from "../report/options.ts";
import { AGREED } from "./feature-job.ts";
import { type Engine, engines, generate, hasPython, type Run, runEngine, type Task } from "./peers.ts";

/** Runs of a warm process that do not count: an engine makes code and takes memory in them. */
const WARM_UPS = 3;

const KINDS: readonly Task["kind"][] = ["loaded tables", "Parquet", "CSV", "load Parquet", "load CSV"];
const TITLES: Readonly<Record<Task["kind"], string>> = {
  "loaded tables": "The job on loaded tables",
  Parquet: "The job from Parquet",
  CSV: "The job from CSV",
  "load Parquet": "Loading Parquet alone",
  "load CSV": "Loading CSV alone",
};

/** The feature job beside the engines that users have today. */
export const jobSuite: Suite = {
  name: "job",
  title: "The feature job",
  async run(options, print) {
    const directory = jobDirectory(options.data, options.events);
    const all = engines();
    for (const { name, missing } of all) {
      if (missing !== null) print(`${name} is not installed; to have it: \`${missing}\`\n`);
    }
    const present = all.filter(({ missing }) => missing === null);
    for (const kind of KINDS) {
      if (options.only === undefined || kind.includes(options.only)) compare(kind, directory, present, options, print);
    }
  },
};

/** The directory with the job's tables; they are made if they are not there. */
export function jobDirectory(data: string, events: string): string {
  const directory = join(data, events);
  if (existsSync(join(directory, "purchases.parquet"))) return directory;
  if (!hasPython("numpy", "pyarrow")) {
    throw new Error("the generator needs Python with numpy and pyarrow; FENL_BENCH_PYTHON names the Python to use");
  }
  mkdirSync(directory, { recursive: true });
  // Text of more events than that would fill disks.
  generate(Number(events), directory, Number(events) <= 1e7);
  return directory;
}

function compare(
  kind: Task["kind"],
  directory: string,
  engines: readonly Engine[],
  { rounds, threads, events }: BenchOptions,
  print: (markdown: string) => void,
): void {
  const loads = kind.startsWith("load ");
  const warmUps = kind === "loaded tables" ? WARM_UPS : 0;
  const repeat = warmUps === 0 ? 1 : warmUps + 3;
  const runs = new Map<string, Run[]>();
  for (let round = 0; round < rounds; round++) {
    for (const engine of engines) {
      const command = engine.command({ kind, directory, repeat, threads });
      if (command === null) continue;
      const done = runEngine(command, loads ? "LOAD" : "RESULT");
      runs.set(engine.name, [...(runs.get(engine.name) ?? []), ...done.slice(warmUps)]);
    }
  }
  const sums = loads ? new Set<string>() : new Set([...runs.values()].flat().map((run) => run.sums));
  if (!loads && AGREED[Number(events)]) sums.add(AGREED[Number(events)]!);
  if (sums.size > 1) throw new Error(`the engines' answers differ:\n${[...sums].join("\n")}`);
  const own = median(runs.get("fenl")!.map((run) => run.seconds));
  const rows = [...runs].map(([name, list]) => {
    const seconds = list.map((run) => run.seconds).sort((a, b) => a - b);
    const peak = Math.max(...list.map((run) => run.peakMegabytes));
    const spread = `${shownSeconds(seconds[0]!)} - ${shownSeconds(seconds.at(-1)!)}`;
    return [
      name,
      `${shownSeconds(median(seconds))} (${spread})`,
      (median(seconds) / own).toFixed(1),
      shownGigabytes(peak),
    ];
  });
  const table = markdownTable(["engine", "seconds, median (least - most)", "times fenl's", "peak memory"], rows);
  const agreed = sums.size === 1 ? `All agree: ${[...sums][0]}\n\n` : "";
  print(`#### ${TITLES[kind]}, ${events} events\n\n${agreed}${table}\n`);
}
