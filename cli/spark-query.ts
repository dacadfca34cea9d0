import type { ParameterValue } from "../src/api/parameters.ts";
import type { QueryResult } from "../src/api/query-result.ts";
import type { SliceFilter } from "../src/api/slice-filter.ts";
import { SparkBuilder, type SparkSession } from "../src/api/spark-session.ts";
import { readTableList } from "./ad-hoc-tables.ts";
import { EXIT, UsageError } from "./report-error.ts";

/** The options of `fenl query --on spark`. */
export interface SparkRequest {
  readonly master?: string;
  readonly sparkSubmit?: string;
  readonly python?: string;
  readonly pythonVersion?: string;
  readonly executorNode?: string;
  readonly archives?: readonly string[];
  readonly conf?: ReadonlyMap<string, string>;
  readonly partitions?: number;
  readonly overwrite?: boolean;
}

/** What a query on Spark needs of the options that all queries have. */
interface CommonRequest extends SparkRequest {
  readonly tables?: string;
  readonly store?: string;
  readonly format: string;
  readonly out?: string;
  readonly resultBehavior?: "all-results" | "final-results";
  readonly rowOrder?: "time" | "entity";
  readonly finalTime?: string;
  readonly changedSince?: string;
  readonly previewRows?: number;
  readonly dataToken?: string;
  readonly param?: ReadonlyMap<string, ParameterValue>;
  readonly dryRun?: boolean;
  readonly explain?: string;
}

/** Options that only a query on Spark has, as a command line writes them. */
const SPARK_OPTIONS: readonly (readonly [keyof SparkRequest, string])[] = [
  ["master", "--master"],
  ["sparkSubmit", "--spark-submit"],
  ["python", "--python"],
  ["pythonVersion", "--python-version"],
  ["executorNode", "--executor-node"],
  ["archives", "--archives"],
  ["conf", "--conf"],
  ["partitions", "--partitions"],
  ["overwrite", "--overwrite"],
];

/** @throws UsageError where an option belongs to Spark and the query does not run there */
export function refuseSparkOptions(request: SparkRequest): void {
  const given = SPARK_OPTIONS.find(([name]) => request[name] !== undefined);
  if (given) throw new UsageError(`${given[1]} is for queries on Spark: add --on spark`);
}

/**
 * Runs a query on Spark: with --out, Spark writes Parquet files there, otherwise `show` gets the first rows.
 * @returns the exit status
 */
export async function answerOnSpark(
  request: CommonRequest,
  query: { readonly expression: string; readonly sliceFilter: SliceFilter | null },
  show: (result: QueryResult) => Promise<void>,
  signal: AbortSignal,
): Promise<number> {
  checkRequest(request);
  const tables = await readTableList(request.tables!, "spark");
  const session = await builder(request).build({ signal });
  try {
    for (const { definition, files } of tables) {
      session.createTable({
        tableName: definition.name,
        paths: files,
        timeColumnName: definition.timeColumn,
        entityKeyColumnName: definition.keyColumn,
        subsortColumnName: definition.subsortColumn,
        groupingId: definition.grouping,
      });
    }
    return await answer(session, request, query, show, signal);
  } finally {
    await session.stop();
  }
}

async function answer(
  session: SparkSession,
  request: CommonRequest,
  { expression, sliceFilter }: { readonly expression: string; readonly sliceFilter: SliceFilter | null },
  show: (result: QueryResult) => Promise<void>,
  signal: AbortSignal,
): Promise<number> {
  const query = {
    expression,
    resultBehavior: request.resultBehavior,
    rowOrder: request.rowOrder,
    finalResultTime: request.finalTime,
    changedSinceTime: request.changedSince,
    parameters: Object.fromEntries(request.param ?? []),
    sliceFilter,
    partitions: request.partitions,
    signal,
  };
  if (request.out !== undefined && !request.dryRun) {
    const { warnings } = await session.write({ ...query, path: request.out, overwrite: request.overwrite });
    for (const warning of warnings) console.error(`warning: ${warning}`);
    return EXIT.done;
  }
  const result = await session.query({
    ...query,
    limits: { previewRows: request.previewRows },
    dryRun: request.dryRun,
  });
  for (const { formatted } of result.diagnostics) console.error(formatted.trimEnd());
  if (request.dryRun) {
    console.log(JSON.stringify({ canExecute: result.canExecute, schema: result.schema }, null, 2));
    return result.canExecute ? EXIT.done : EXIT.failed;
  }
  for (const warning of result.warnings) console.error(`warning: ${warning}`);
  await show(result);
  return EXIT.done;
}

function checkRequest(request: CommonRequest): void {
  if (request.tables === undefined) {
    throw new UsageError(
      "--on spark needs --tables: the tables of a store are files of this machine, which Spark does not see",
    );
  }
  if (request.store !== undefined) throw new UsageError("give --tables or --store, not both");
  if (request.dataToken !== undefined) throw new UsageError("--data-token is for the tables of a store");
  if (request.explain !== undefined)
    throw new UsageError("--explain shows what becomes of a query locally: leave out --on spark");
  if (request.rowOrder === "time")
    throw new UsageError("--row-order time is for queries that run here: on Spark rows come entity by entity");
  if (request.out !== undefined && request.format !== "parquet") {
    throw new UsageError(
      "with --on spark, --out takes Parquet files that Spark writes: add --format parquet, or leave out --out to see the first rows",
    );
  }
  if (request.out !== undefined && request.previewRows !== undefined) {
    throw new UsageError("--preview-rows is for rows that come back: leave out --out");
  }
}

function builder(request: CommonRequest): SparkBuilder {
  const building = new SparkBuilder();
  if (request.master !== undefined) building.master(request.master);
  if (request.sparkSubmit !== undefined) building.sparkSubmit(request.sparkSubmit);
  if (request.python !== undefined) building.python(request.python);
  if (request.pythonVersion !== undefined) building.pythonVersion(request.pythonVersion);
  if (request.executorNode !== undefined) building.executorNode(request.executorNode);
  for (const archive of request.archives ?? []) building.archive(archive);
  for (const [name, value] of request.conf ?? []) building.conf(name, value);
  return building;
}
