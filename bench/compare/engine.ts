import type { Comparison } from "./comparison.ts";

/** One run of a comparison: the question answered and the answer written to a Parquet file. */
export interface Measured {
  readonly seconds: number;
  /** Processor time of all threads. */
  readonly cpuSeconds: number;
  /** The most memory that the process has had so far. */
  readonly peakMegabytes: number;
  /** The part of the seconds that went into writing the answer, where an engine does that by itself. */
  readonly writingSeconds?: number;
}

/** Something that answers comparisons on tables that it has loaded. */
export interface Engine {
  /** Loads the tables from their Parquet files if an earlier run has not. @returns null where it had nothing to do */
  load(): Promise<Measured | null>;
  run(comparison: Comparison, path: string): Promise<Measured>;
  close(): Promise<void>;
}

/** Runs something and measures it. */
export async function measured(run: () => Promise<unknown>): Promise<Measured> {
  const before = process.cpuUsage();
  const start = performance.now();
  await run();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { seconds, cpuSeconds: (user + system) / 1e6, peakMegabytes: process.resourceUsage().maxRSS / 1024 };
}
