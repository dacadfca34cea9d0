/** What a run of the benchmarks was asked for. */
export interface BenchOptions {
  /** Where the tables are, or are made. */
  readonly data: string;
  /** The number of events, as text such as 1e7: plays of the job, or events of the shop. */
  readonly events: string;
  /** The sizes that the scaling suite runs. */
  readonly sizes: readonly string[];
  /** The number of events of the suite of cliffs. */
  readonly cliffEvents: string;
  /** How often everything runs, in turn. */
  readonly rounds: number;
  readonly threads: number;
  /** Only comparisons whose names contain this. */
  readonly only?: string;
}

/** A room of the benchmarks. */
export interface Suite {
  readonly name: string;
  readonly title: string;
  /** Runs it and prints Markdown. */
  run(options: BenchOptions, print: (markdown: string) => void): Promise<void>;
}
