import { analyze } from "../analyze/analyze.ts";
import type { QueryParameter } from "../analyze/parameters.ts";
import { CompileFault } from "../compile/compile-fault.ts";
import { type Slice, SliceError } from "../execute/rows/slice.ts";
import type { Plan } from "../plan/plan.ts";
import { planQuery } from "../plan/plan-query.ts";
import { TableError, type TableErrorKind, type TablePlace } from "../tables/table-error.ts";
import type { Diagnostic, SourceTexts } from "../text/diagnostic.ts";
import { internalError } from "../text/internal-error.ts";
import type { FenlType, RecordField } from "../values/fenl-type.ts";
import { planJob } from "./plan-job.ts";
import type { SparkJob } from "./spark-job.ts";
import { type FileFacts, type SparkTable, type SparkTableDefinition, sparkTable } from "./spark-table.ts";

/** A query on Spark, as plain data. */
export interface SparkQuery {
  readonly expression: string;
  readonly tables: readonly SparkTableDefinition[];
  readonly views: readonly { readonly name: string; readonly expression: string }[];
  readonly parameters: readonly QueryParameter[];
  readonly resultBehavior: "all-results" | "final-results";
  /** Nanoseconds since 1970, decimal text. */
  readonly finalTime?: string;
  readonly changedSince?: string;
  readonly slice?: Slice;
  readonly dryRun?: boolean;
  /** Default: as many as the size of the tables asks for. */
  readonly partitions?: number;
  /** Rows come back, or go to `path` as Parquet files that Spark writes. */
  readonly destination: "rows" | "parquet";
  readonly path?: string;
  readonly overwrite?: boolean;
  readonly previewRows?: number;
}

/** A table whose files a query needs to know. */
export interface TableWanted {
  readonly name: string;
  readonly paths: readonly string[];
  /** With the generated subsorts of its files. */
  readonly digest: boolean;
  /** Otherwise what is wrong with its files does not matter: only its name may be told. */
  readonly needed: boolean;
}

/** The tables that a query needs to know. */
export interface TablesWanted {
  readonly tables: readonly TableWanted[];
}

/** What becomes of a query: steps for Spark, or why there are none. */
export interface PlannedQuery {
  readonly job: SparkJob | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: SourceTexts;
  readonly schema: readonly RecordField[] | null;
  readonly continuous: readonly boolean[];
  readonly keyType: FenlType | null;
  readonly warnings: readonly string[];
  /** The query is wrong, and what is to be said of it depends on tables that were not looked at. */
  readonly wantsAll: boolean;
  /** A mistake in a table's definition, or a table and its files. */
  readonly fault: TableFault | null;
}

/** A {@link TableError} as plain data. */
export interface TableFault extends TablePlace {
  readonly kind: TableErrorKind | "slice";
  readonly message: string;
}

/** Uncompressed, a partition of this many bytes of Parquet is a few hundred megabytes. */
const BYTES_PER_PARTITION = 32 << 20;
const MOST_PARTITIONS = 200_000;

/** The tables that a query or a view may name, or all. */
export function tablesWanted({ expression, views, tables }: SparkQuery, all: boolean): TablesWanted {
  const words = wordsOf({ expression, views });
  const wanted = tables.filter(({ name }) => all || words.has(name));
  return {
    tables: wanted.map(({ name, paths, subsortColumn }) => ({
      name,
      paths,
      digest: subsortColumn == null,
      needed: words.has(name),
    })),
  };
}

function wordsOf({ expression, views }: Pick<SparkQuery, "expression" | "views">): ReadonlySet<string> {
  return new Set([expression, ...views.map((view) => view.expression)].flatMap((text) => text.match(/\w+/g) ?? []));
}

/** Plans a query over tables of which the files are known. */
export async function planRequest(
  query: SparkQuery,
  facts: Readonly<Record<string, readonly FileFacts[]>>,
  parallelism: number,
): Promise<PlannedQuery> {
  const none = {
    job: null,
    diagnostics: [],
    sources: {},
    schema: null,
    continuous: [],
    keyType: null,
    warnings: [],
    wantsAll: false,
  };
  try {
    const known = query.tables.filter(({ name }) => Object.hasOwn(facts, name));
    const words = wordsOf(query);
    const tables = known.flatMap((table) => knownTable(table, facts[table.name]!, words.has(table.name)));
    const planned = await planOver(query, tables, parallelism);
    const wrong = planned.diagnostics.some(({ severity }) => severity !== "warning");
    return { ...planned, wantsAll: wrong && known.length < query.tables.length };
  } catch (error) {
    if (error instanceof SliceError) return { ...none, fault: { kind: "slice", message: error.message } };
    if (!(error instanceof TableError)) throw error;
    const { kind, message, file, row, column } = error;
    return { ...none, fault: { kind, message, file, row, column } };
  }
}

function knownTable(table: SparkTableDefinition, facts: readonly FileFacts[], needed: boolean): SparkTable[] {
  try {
    return [sparkTable(table, facts)];
  } catch (error) {
    if (needed || !(error instanceof TableError)) throw error;
    return [];
  }
}

async function planOver(query: SparkQuery, tables: readonly SparkTable[], parallelism: number): Promise<PlannedQuery> {
  const snapshots = tables.map(({ snapshot }) => snapshot);
  const environment = { tables: snapshots, views: query.views, parameters: query.parameters };
  const { query: typed, schema, diagnostics, sources } = analyze(query.expression, environment);
  const known = {
    sources,
    schema,
    continuous: [],
    keyType: null,
    warnings: tables.flatMap(({ warnings }) => warnings),
    wantsAll: false,
    fault: null,
  };
  if (typed === null) return { ...known, job: null, diagnostics };
  const { plan, fault } = planQuery(typed, snapshots);
  if (plan === null) return { ...known, job: null, diagnostics: [...diagnostics, fault] };
  const planned = {
    ...known,
    diagnostics,
    continuous: plan.result.fields.map(({ value }) => plan.values[value]!.continuous),
    keyType: plan.result.keyType,
  };
  if (query.dryRun) return { ...planned, job: null };
  try {
    return { ...planned, job: await planJob(plan, tables, jobOptions(query, plan, tables, parallelism)) };
  } catch (error) {
    if (!(error instanceof CompileFault)) throw error;
    const internal = internalError(error.cause, typed.nodes[typed.root]!.span);
    return { ...planned, job: null, diagnostics: [...diagnostics, internal] };
  }
}

function jobOptions(query: SparkQuery, plan: Plan, tables: readonly SparkTable[], parallelism: number) {
  const scanned = new Set(plan.domains.flatMap((domain) => (domain.kind === "scan" ? [domain.table] : [])));
  const bytes = tables.reduce((sum, table) => sum + (scanned.has(table.snapshot.name) ? table.bytes : 0), 0);
  const bySize = Math.min(MOST_PARTITIONS, Math.max(parallelism, Math.ceil(bytes / BYTES_PER_PARTITION)));
  return {
    final: query.resultBehavior === "final-results",
    ...(query.finalTime === undefined ? {} : { finalTime: BigInt(query.finalTime) }),
    ...(query.changedSince === undefined ? {} : { changedSince: BigInt(query.changedSince) }),
    ...(query.slice === undefined ? {} : { slice: query.slice }),
    partitions: query.partitions ?? Math.max(1, bySize),
    destination: query.destination,
  };
}
