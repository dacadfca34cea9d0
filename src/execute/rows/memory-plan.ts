/** How a limit of memory is divided. Plain data, so that tests can set any part of it. */
export interface MemoryPlan {
  /** Rows of each source that a stage has in memory at a time; ranges of entities with more are walked in windows. */
  readonly windowRows: number;
  /** Rows that a stage hands out before they are taken away. */
  readonly sinkRows: number;
  /** Bytes of texts and lists of a running stage beyond which it is seen which are still needed; 0: each time. */
  readonly codedBytes: number;
  /** Bytes that aggregations may keep of one entity in JavaScript, where no temporary file can take their place. */
  readonly stateBytes: number;
  /** Bytes of rows between stages, and of the result, that stay in memory; what is beyond goes to temporary files. */
  readonly heldBytes: number;
  /** Bytes of a result that is put in order as a whole; a larger one is put in order while it is read. */
  readonly resultBytes: number;
  /** Bytes of memory that a thread keeps for the next rows. */
  readonly spareBytes: number;
}

/** Bytes of a row while a stage runs: its columns as they are read and as they are handed out. */
export const BYTES_PER_ROW = 256;

const LEAST_WINDOW_ROWS = 1 << 10;
const MOST_WINDOW_ROWS = 1 << 23;
const LEAST_STATE_BYTES = 1 << 23;
const LEAST_SINK_ROWS = 1 << 9;
const MOST_SINK_ROWS = 1 << 20;
const MOST_SPARE_BYTES = 512 << 20;

/** Divides `limit` bytes for `threads` that run at a time over rows of so many bytes. */
export function memoryPlan(
  limit: number,
  threads: number,
  changes: Partial<MemoryPlan> = {},
  rowBytes = BYTES_PER_ROW,
): MemoryPlan {
  const rowsAtOnce = limit / 4 / threads / Math.max(BYTES_PER_ROW, rowBytes);
  return {
    windowRows: within(LEAST_WINDOW_ROWS, rowsAtOnce, MOST_WINDOW_ROWS),
    sinkRows: within(LEAST_SINK_ROWS, rowsAtOnce / 2, MOST_SINK_ROWS),
    codedBytes: limit / 16 / threads,
    stateBytes: Math.max(LEAST_STATE_BYTES, limit / 2),
    heldBytes: limit / 4,
    resultBytes: limit / 8,
    spareBytes: Math.min(MOST_SPARE_BYTES, limit / 16),
    ...changes,
  };
}

function within(least: number, value: number, most: number): number {
  return Math.max(least, Math.min(Math.floor(value), most));
}
