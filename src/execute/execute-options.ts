import type { MemoryPlan } from "./rows/memory-plan.ts";
import type { HashSlice, Slice } from "./rows/slice.ts";
import type { RunRecord, RunScope } from "./run-scope.ts";

/** In which order a result's rows come: by time over all entities, or entity by entity. */
export type ResultOrder = "time" | "entity";

/** How a plan is run. Times are nanoseconds since 1970. */
export interface ExecuteOptions {
  readonly final: boolean;
  readonly finalTime?: bigint;
  readonly changedSince?: bigint;
  readonly previewRows?: number;
  /** By default the order of time. */
  readonly rowOrder?: ResultOrder;
  /** How many events a preview reads at first, about. */
  readonly previewEvents?: number;
  readonly slice?: Slice | HashSlice;
  /** Bytes that the rows in work may take, about; by default a quarter of the machine's memory. */
  readonly memoryLimit?: number;
  /** Parts of how the limit is divided that are to be otherwise. */
  readonly memory?: Partial<MemoryPlan>;
  /** Entities that the stages are run for, where these are not all. */
  readonly scope?: RunScope;
  /** Takes down what a run over some entities has to know later. */
  readonly record?: RunRecord;
  readonly signal?: AbortSignal;
  onProgress?(progress: { readonly rowsRead: number; readonly rowsTotal: number }): void;
}
