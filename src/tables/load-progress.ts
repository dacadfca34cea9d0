/** How far a load has come. */
export interface LoadProgress {
  /** `reading` the file, then `writing` the sorted rows. */
  readonly phase: "reading" | "writing";
  /** Rows that this phase is done with. */
  readonly rows: number;
  /** Bytes of the file that have been read. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/** Is told how far a load has come; called often, so it should be quick. */
export type OnLoadProgress = (progress: LoadProgress) => void;
