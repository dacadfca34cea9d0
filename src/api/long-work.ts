/** A load or a query, which may take long. */
export interface LongWork {
  readonly kind: "load" | "query";
  /** The table that is loaded; null for a query. */
  readonly table: string | null;
}

/** How far a piece of work has come. */
export interface WorkProgress {
  readonly step: "reading" | "writing" | "computing";
  /** Rows that this step is done with. */
  readonly rows: number;
  /** Rows that this step has in all; null while that is not known. */
  readonly rowsTotal: number | null;
  /** How much of this step is done, from 0 to 1; null when that is not known. */
  readonly fraction: number | null;
}

/** Watches one piece of work. */
export interface WorkWatch {
  /** Stops the work. */
  readonly signal?: AbortSignal;
  /** Called often, so it should be quick. */
  progress(progress: WorkProgress): void;
  ended(how: "done" | "failed"): void;
}

type Watcher = (work: LongWork) => WorkWatch | null;

let watcher: Watcher | null = null;

/** Has every load and query of this process watched: whoever runs other people's programs shows how far they are. */
export function watchLongWork(watch: Watcher | null): void {
  watcher = watch;
}

/** What a call gives to the work it does: a signal of its caller's, of the watcher's, or of both. */
export interface WatchedWork {
  readonly signal: AbortSignal | undefined;
  progress(progress: WorkProgress): void;
}

/** Does a piece of work under the eyes of the process's watcher, if there is one. */
export async function watched<T>(
  work: LongWork,
  signal: AbortSignal | null | undefined,
  run: (watch: WatchedWork) => Promise<T>,
): Promise<T> {
  const watch = watcher?.(work) ?? null;
  const signals = [signal, watch?.signal].filter((one) => one != null);
  try {
    const answer = await run({
      signal: signals.length > 1 ? AbortSignal.any(signals) : signals[0],
      progress: (progress) => watch?.progress(progress),
    });
    watch?.ended("done");
    return answer;
  } catch (error) {
    watch?.ended("failed");
    throw error;
  }
}
