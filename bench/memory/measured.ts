/** What one process has measured while others did the same. */
export interface Measured {
  /** Bytes a second: read in order; read and written by copies; read and written by copies of files that are in memory. */
  readonly read: number;
  readonly copy: number;
  readonly pageCache: number;
  /** Of the job's first stage over this process's share of the entities: milliseconds of reading, and of the loop. */
  readonly reading: number;
  readonly loop: number;
  readonly rows: number;
  /** Bytes that are in memory once the rows are read, and of those that are handed out. */
  readonly readBytes: number;
  readonly givenBytes: number;
}
