import type { QueryParameter } from "./analyze/parameters.ts";
import { startAssembler } from "./compile/assemble.ts";
import { CompileFault } from "./compile/compile-fault.ts";
import { changedEntities } from "./execute/changed-entities.ts";
import type { ResultOrder } from "./execute/execute-options.ts";
import { streamPlan } from "./execute/execute-plan.ts";
import { outOfMemory } from "./execute/out-of-memory.ts";
import type { QueryBatches } from "./execute/query-batches.ts";
import { exhaustionOf } from "./execute/rows/memory-exhausted.ts";
import type { MemoryPlan } from "./execute/rows/memory-plan.ts";
import type { QueryRows } from "./execute/rows/row-set.ts";
import type { Slice } from "./execute/rows/slice.ts";
import { startWorkers } from "./execute/worker-pool.ts";
import { planText } from "./plan/plan-text.ts";
import { whileLoading } from "./tables/bulk/bulk-threads.ts";
import type { TableSnapshot } from "./tables/table-snapshot.ts";
import type { Diagnostic, SourceTexts } from "./text/diagnostic.ts";
import { internalError } from "./text/internal-error.ts";
import type { RecordField } from "./values/fenl-type.ts";

// A query is likely to come after a load.
whileLoading(startAssembler);

/** The names a query can use: tables of one data version, and views (named expressions). */
export interface FenlEnvironment {
  readonly tables: readonly TableSnapshot[];
  readonly views: readonly { readonly name: string; readonly expression: string }[];
  /** Values given with the query, which it names `$name`. */
  readonly parameters?: readonly QueryParameter[];
}

export interface FenlOptions {
  readonly resultBehavior: "all-results" | "final-results";
  /** By default the order of time. */
  readonly rowOrder?: ResultOrder;
  /** Final results as of this time, nanoseconds since 1970, inclusive. */
  readonly finalTime?: bigint;
  /** Only rows (final: entities whose last row is) at or after this time, nanoseconds since 1970. */
  readonly changedSince?: bigint;
  /** Stop after this many rows of the output. */
  readonly previewRows?: number;
  /** How many events a preview reads at first, about. */
  readonly previewEvents?: number;
  /** Which entities of the query's own tables are read. */
  readonly slice?: Slice;
  /** Bytes that the rows in work may take, about; by default a quarter of the machine's memory. */
  readonly memoryLimit?: number;
  /** Parts of how the limit is divided that are to be otherwise. */
  readonly memory?: Partial<MemoryPlan>;
  /** Analyze only. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  onProgress?(progress: { readonly rowsRead: number; readonly rowsTotal: number }): void;
}

export interface FenlAnswer {
  /** Errors and warnings in order of discovery; with an error there are no rows. */
  readonly diagnostics: readonly Diagnostic[];
  /** The texts that the diagnostics' spans point into. */
  readonly sources: SourceTexts;
  /** The fields of the result, where the query has a type. */
  readonly schema: readonly RecordField[] | null;
  readonly rows: QueryRows | null;
  /** The same, for readers that take a part at a time: an answer too large for memory is in temporary files. */
  readonly batches?: QueryBatches;
  /** By field of the schema: whether its value stands between its rows. Absent where there are no rows. */
  readonly continuous?: readonly boolean[];
  /** What an error tells that came while a form of the answer was made; null where it does not tell of memory. */
  readonly exhaustedBy?: (error: unknown, form: string) => Diagnostic | null;
}

/** Runs a Fenl query: text -> typed tree -> plan -> stages of WebAssembly -> rows. */
export async function runFenl(text: string, environment: FenlEnvironment, options: FenlOptions): Promise<FenlAnswer> {
  if (!options.dryRun) {
    startAssembler();
    startWorkers(environment.tables);
  }
  const { analysis, planned } = planText(text, environment);
  const { query, schema, diagnostics, sources } = analysis;
  if (query === null || planned === null) return { diagnostics, sources, schema, rows: null };

  const { plan, fault } = planned;
  if (plan === null) return { diagnostics: [...diagnostics, fault], sources, schema, rows: null };
  if (options.dryRun) return { diagnostics, sources, schema, rows: null };

  const final = options.resultBehavior === "final-results";
  try {
    const { changedSince, slice } = options;
    const changed = changedSince === undefined ? null : changedEntities(plan, environment.tables, changedSince, slice);
    const batches = await streamPlan(plan, environment.tables, { ...options, slice: changed ?? slice, final });
    const continuous = plan.result.fields.map(({ value }) => plan.values[value]!.continuous);
    return {
      diagnostics,
      sources,
      schema,
      batches,
      continuous,
      exhaustedBy(error, form) {
        const exhaustion = exhaustionOf(error);
        return exhaustion && outOfMemory(query, { ...exhaustion, form }, options.memoryLimit);
      },
      get rows() {
        return batches.whole();
      },
    };
  } catch (error) {
    const exhaustion = exhaustionOf(error);
    if (exhaustion === null && !(error instanceof CompileFault)) throw error;
    const fault =
      exhaustion === null
        ? internalError((error as CompileFault).cause, query.nodes[query.root]!.span)
        : outOfMemory(query, exhaustion, options.memoryLimit);
    return { diagnostics: [...diagnostics, fault], sources, schema, rows: null };
  }
}
