import { engines, type Run, runEngine } from "../job/peers.ts";
import { jobDirectory } from "../job/suite.ts";
import { markdownTable, median, shownGigabytes, shownSeconds } from "../report/markdown.ts";
import type { Suite } from "../report/options.ts";

/** Peers that take minutes beyond this many events are left out there. */
const MOST_FOR_PEERS = 1e7;

/** Runs that count, at least: those of few events take as long as a timer of the system. */
const LEAST_RUNS = 5;
/** A process is warm once it has run over so many events, or so often: its code has then been compiled to be fast. */
const WARM_EVENTS = 1e7;
const MOST_WARM_UPS = 20;

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
        if (lines === "LOAD") {
          return runEngine(engine.command({ kind: "load Parquet", directory, repeat: 1, threads })!, lines);
        }
        const warmUps = Math.min(MOST_WARM_UPS, Math.max(1, Math.ceil(WARM_EVENTS / events)));
        const repeat = warmUps + Math.max(LEAST_RUNS, options.rounds);
        return runEngine(engine.command({ kind: "loaded tables", directory, repeat, threads })!, lines).slice(warmUps);
      };
      const [load] = run(fenl, options.threads, "LOAD");
      const many = run(fenl, options.threads, "RESULT");
      const one = run(fenl, 1, "RESULT");
      const peer = duckdb && events <= MOST_FOR_PEERS ? run(duckdb, options.threads, "RESULT") : null;
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
