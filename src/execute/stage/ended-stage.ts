import type { Interner } from "../rows/interner.ts";
import type { JobResult } from "../rows/stage-job.ts";
import type { SinkMemory } from "./sink-memory.ts";

/** A stage that has run. The rows that it has handed out last are still in its sink. */
export interface EndedStage {
  readonly sink: SinkMemory;
  /** What the codes in its rows are of. */
  readonly interner: Interner;
  /** Whether rows were taken out of the sink before. */
  readonly hasTaken: boolean;
  /** Where rows wait in the sink, has those stay that were released, in order: all rows are there, and have come. */
  release?(): void;
  /** Sends all rows on their way. */
  finish(): JobResult;
  /** Lets go of what it has open, where the rows are not sent on their way. */
  close(): void;
}
