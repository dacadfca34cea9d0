import type { RecordBatch } from "apache-arrow";
import type { PlannedQuery, SparkQuery } from "./plan-request.ts";

/** What a query on Spark gave. */
export interface SparkAnswer {
  readonly planned: PlannedQuery;
  /** The rows that came back, in lanes and in the order of a result. */
  readonly batches: readonly RecordBatch[];
}

/** Has Spark answer queries. */
export interface SparkRunner {
  /** Spark's version. */
  readonly version: string;
  /** @throws SparkFault */
  run(query: SparkQuery, signal?: AbortSignal): Promise<SparkAnswer>;
  /** Ends what was started for it; ending twice is no error. */
  stop(): Promise<void>;
}
