import type { QueryRows } from "./execute/row-set.ts";
import type { TableSnapshot } from "./tables/table-snapshot.ts";
import type { Diagnostic, SourceTexts } from "./text/diagnostic.ts";
import type { RecordField } from "./values/fenl-type.ts";
import type { HostValue } from "./values/host-value.ts";

/** The names a query can use: tables of one data version, and views (named expressions). */
export interface FenlEnvironment {
  readonly tables: readonly TableSnapshot[];
  readonly views: readonly { readonly name: string; readonly expression: string }[];
}

export interface FenlOptions {
  readonly resultBehavior: "all-results" | "final-results";
  /** Final results as of this time, nanoseconds since 1970, inclusive. */
  readonly finalTime?: bigint;
  /** Only rows (final: entities whose last row is) at or after this time, nanoseconds since 1970. */
  readonly changedSince?: bigint;
  /** Stop after this many rows of the output. */
  readonly previewRows?: number;
  /** Which entities of the query's own tables are read. */
  readonly slice?: { readonly kind: "percent"; readonly percent: number } | { readonly kind: "keys"; readonly keys: readonly HostValue[] };
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
}

/** Runs a Fenl query: text -> syntax tree -> typed tree -> plan -> WebAssembly -> rows. */
export async function runFenl(_text: string, _environment: FenlEnvironment, _options: FenlOptions): Promise<FenlAnswer> {
  throw new Error("not wired yet");
}
