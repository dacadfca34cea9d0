import { engines, type Run, runEngine } from "../job/peers.ts";
import { jobDirectory } from "../job/suite.ts";
import { markdownTable, median, shownGigabytes, shownSeconds } from "../report/markdown.ts";
import type { Suite } from "../report/options.ts";

/** Peers that take minutes beyond this many events are left out there. */
const MOST_FOR_PEERS = 1e7;

/** The job on loaded tables over numbers of rows and threads. */
export const scalingSuite: Suite = {
  name: "scaling",
  title: "Scaling over rows and threads",
  async run(options, print) {
    const all = engines();
    const fenl = all.find(({ name }) => name === "fenl")!;
    const duckdb = all.find(({ name, missing }) => name === "duckdb" && missing === null);
    const rows: string[][] = [];
    for (const size of options.sizes) {
      const events = Number(size);
      const directory = jobDirectory(options.data, size);
      const run = (engine: typeof fenl, threads: number, lines: "RESULT" | "LOAD") => {
        const repeat = lines === "LOAD" ? 1 : 1 + options.rounds;
        const kind = lines === "LOAD" ? "load Parquet" : "loaded tables";
        return runEngine(engine.command({ kind, directory, repeat, threads })!, lines);
      };
      const [load] = run(fenl, options.threads, "LOAD");
      // The first run of a process warms it up.
      const many = run(fenl, options.threads, "RESULT").slice(1);
      const one = run(fenl, 1, "RESULT").slice(1);
      const peer = duckdb && events <= MOST_FOR_PEERS ? run(duckdb, options.threads, "RESULT").slice(1) : null;
      const seconds = middle(many);
      rows.push([
        size,
        shownSeconds(load!.seconds),
        shownGigabytes(load!.peakMegabytes),
        shownSeconds(seconds),
        ((seconds / events) * 1e9).toFixed(0),
        shownSeconds(middle(one)),
        (middle(one) / seconds).toFixed(2),
        shownGigabytes(Math.max(...many.map(({ peakMegabytes }) => peakMegabytes))),
        peer === null ? "" : shownSeconds(middle(peer)),
        peer === null ? "" : (middle(peer) / seconds).toFixed(1),
      ]);
    }
    const threads = `${options.threads} threads`;
    const head = [
      "events",
      "load, s",
      "load, peak",
      `${threads}, s`,
      "ns an event",
      "1 thread, s",
      "speed-up",
      "peak",
      `DuckDB, ${threads}, s`,
      "times",
    ];
    print(`#### The job on loaded tables\n\n${markdownTable(head, rows)}\n`);
  },
};

function middle(runs: readonly Run[]): number {
  return median(runs.map(({ seconds }) => seconds));
}
