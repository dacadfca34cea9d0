import { randomUUID } from "node:crypto";
import { toOutput } from "../frames/output.ts";
import { answerRows } from "../spark/answer-rows.ts";
import { type DriverOptions, SparkDriver } from "../spark/driver-process.ts";
import type { SparkQuery } from "../spark/plan-request.ts";
import { SparkFault } from "../spark/spark-fault.ts";
import type { SparkAnswer, SparkRunner } from "../spark/spark-runner.ts";
import type { SparkTableDefinition } from "../spark/spark-table.ts";
import { checkedDefinition, requireIdentifier } from "../tables/table-definition.ts";
import { TableError } from "../tables/table-error.ts";
import {
  ArgumentError,
  checkOptions,
  flag,
  nonEmptyText,
  type OptionRule,
  required,
  shownValue,
} from "./argument-error.ts";
import { describeDiagnostics, FenlError, isError } from "./fenl-error.ts";
import { toParameters } from "./parameters.ts";
import { type QueryConfig, QueryResult } from "./query-result.ts";
import { configOf, engineOptions, type QueryOptions, queryRules } from "./run-query.ts";

/** A table of Parquet files that Spark reads. */
export interface SparkTableOptions {
  readonly tableName: string;
  /** A folder, a pattern or a file, as Spark takes it (`s3a://...`, `hdfs://...`), or several. */
  readonly paths: string | readonly string[];
  readonly timeColumnName: string;
  readonly entityKeyColumnName: string;
  readonly subsortColumnName?: string | null;
  readonly groupingId?: string | null;
}

/** How a query is run on Spark: as locally, but for what needs a store. */
export interface SparkQueryOptions extends Omit<QueryOptions, "dataTokenId" | "onProgress"> {
  /** Into how many partitions rows are shuffled; default: by the size of the tables. */
  readonly partitions?: number | null;
}

/** Options of {@link SparkSession.write}. */
export interface SparkWriteOptions extends Omit<SparkQueryOptions, "limits" | "dryRun"> {
  /** The folder that Spark writes Parquet files to. */
  readonly path: string;
  /** Replace what is there. */
  readonly overwrite?: boolean | null;
}

/** What a query wrote. */
export interface SparkWritten {
  readonly path: string;
  readonly schema: QueryResult["schema"];
  readonly warnings: readonly string[];
}

/** Rows of a result that come back where a query names no other number. */
const PREVIEW_ROWS = 1000;

const pathsRule: OptionRule = {
  expected: "the path of Parquet files, or several",
  holds: (value) => [value].flat().length > 0 && [value].flat().every((one) => typeof one === "string" && one !== ""),
};

const count: OptionRule = {
  expected: "a whole number from 1",
  holds: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
};

const { dataTokenId: _token, onProgress: _progress, ...commonRules } = queryRules;
const sparkRules = { ...commonRules, partitions: count };

/** A Spark application that answers queries over Parquet files. Ends with `stop()`. */
export class SparkSession {
  readonly master: string;
  readonly sparkVersion: string;
  readonly #runner: SparkRunner;
  readonly #tables = new Map<string, SparkTableDefinition>();
  readonly #views = new Map<string, string>();

  constructor(master: string, runner: SparkRunner) {
    this.master = master;
    this.sparkVersion = runner.version;
    this.#runner = runner;
  }

  /** Names Parquet files as a table; they are looked at when a query reads them. An earlier one of the name is replaced. */
  createTable(options: SparkTableOptions): void {
    checkOptions("createTable", options, {
      tableName: required(nonEmptyText),
      paths: required(pathsRule),
      timeColumnName: required(nonEmptyText),
      entityKeyColumnName: required(nonEmptyText),
      subsortColumnName: nonEmptyText,
      groupingId: nonEmptyText,
    });
    const definition = checkedDefinition({
      name: options.tableName,
      timeColumn: options.timeColumnName,
      keyColumn: options.entityKeyColumnName,
      subsortColumn: options.subsortColumnName,
      grouping: options.groupingId,
    });
    requireIdentifier("table", definition.name);
    this.#tables.set(definition.name, { ...definition, paths: [options.paths].flat() });
  }

  /** Names an expression that queries and other views can use. An earlier one of the name is replaced. */
  createView(options: { readonly viewName: string; readonly expression: string }): void {
    checkOptions("createView", options, { viewName: required(nonEmptyText), expression: required(nonEmptyText) });
    requireIdentifier("view", options.viewName);
    this.#views.set(options.viewName, options.expression);
  }

  /**
   * Runs a query and brings its first rows back: 1,000 unless `limits` names another number.
   * @throws FenlError for a wrong query, TableError for wrong data, SparkFault where Spark fails
   */
  async query(options: SparkQueryOptions): Promise<QueryResult> {
    checkOptions("query", options, sparkRules);
    const previewRows = options.limits?.previewRows ?? PREVIEW_ROWS;
    const started = performance.now();
    // One row more tells whether there are more.
    const request = { destination: "rows", previewRows: previewRows + 1 } as const;
    const { planned, batches, config } = await this.#run("query", options, request);
    const rows =
      options.dryRun || planned.keyType === null
        ? null
        : answerRows(batches, planned.schema!, planned.keyType, previewRows);
    const more = rows?.more ? [`These are the first ${previewRows} rows; there are more.`] : [];
    return new QueryResult({
      expression: options.expression,
      queryId: randomUUID(),
      dataTokenId: "spark",
      config: { ...config, previewRows },
      fields: planned.schema,
      diagnostics: describeDiagnostics(planned.diagnostics, planned.sources),
      warnings: [...planned.warnings, ...more],
      metrics: {
        timePreparing: 0,
        timeComputing: (performance.now() - started) / 1000,
        totalInputRows: 0,
        processedInputRows: 0,
        producedOutputRows: rows?.answer.rows.rows ?? 0,
      },
      output: rows === null ? null : toOutput(rows.answer, planned.continuous),
    });
  }

  /**
   * Runs a query and has Spark write its answer as Parquet files; rows of an entity are in order.
   * @throws FenlError for a wrong query, TableError for wrong data, SparkFault where Spark fails
   */
  async write(options: SparkWriteOptions): Promise<SparkWritten> {
    const { limits: _limits, dryRun: _dryRun, ...rules } = sparkRules;
    checkOptions("write", options, { ...rules, path: required(nonEmptyText), overwrite: flag });
    const { path, overwrite, ...query } = options;
    const request = { destination: "parquet", path, overwrite: overwrite ?? false } as const;
    const { planned } = await this.#run("write", query, request);
    const diagnostics = describeDiagnostics(planned.diagnostics, planned.sources);
    const { schema } = new QueryResult({ ...NOTHING, expression: options.expression, fields: planned.schema });
    return {
      path,
      schema,
      warnings: [...diagnostics.map(({ formatted }) => formatted.trimEnd()), ...planned.warnings],
    };
  }

  async #run(
    call: string,
    options: SparkQueryOptions,
    destination: Pick<SparkQuery, "destination" | "path" | "overwrite" | "previewRows">,
  ): Promise<SparkAnswer & { config: QueryConfig }> {
    if (options.rowOrder === "time") {
      throw new ArgumentError(
        `${call}: rowOrder must be "entity" on Spark, which does not put rows of different entities in order, but is "time".`,
      );
    }
    const engine = engineOptions(call, { ...options, rowOrder: "entity" });
    const parameters = toParameters(call, options.parameters);
    const query: SparkQuery = {
      expression: options.expression,
      tables: [...this.#tables.values()],
      views: [...this.#views].map(([name, expression]) => ({ name, expression })),
      parameters,
      resultBehavior: engine.resultBehavior,
      ...(engine.finalTime === undefined ? {} : { finalTime: `${engine.finalTime}` }),
      ...(engine.changedSince === undefined ? {} : { changedSince: `${engine.changedSince}` }),
      ...(engine.slice === undefined ? {} : { slice: engine.slice as SparkQuery["slice"] }),
      ...(options.partitions == null ? {} : { partitions: options.partitions }),
      dryRun: engine.dryRun,
      ...destination,
    };
    const answer = await this.#runner.run(query, options.signal ?? undefined).catch((error: unknown) => {
      if (error instanceof SparkFault && error.kind === "data") throw new TableError("value", error.message);
      throw error;
    });
    const { planned } = answer;
    if (planned.fault !== null) {
      const { kind, message, ...place } = planned.fault;
      if (kind === "slice") throw new ArgumentError(`${call}: ${message}.`);
      throw new TableError(kind, message, place);
    }
    const diagnostics = describeDiagnostics(planned.diagnostics, planned.sources);
    if (!engine.dryRun && diagnostics.some(isError)) throw new FenlError(diagnostics);
    return { ...answer, config: configOf(options, engine, parameters) };
  }

  /** Ends the application. Stopping twice is no error. */
  async stop(): Promise<void> {
    if (living !== null && (await living.catch(() => null)) === this) living = null;
    await this.#runner.stop();
  }
}

const NOTHING = {
  queryId: null,
  dataTokenId: "spark",
  config: {
    resultBehavior: "all-results",
    rowOrder: "entity",
    finalResultTime: null,
    changedSinceTime: null,
    previewRows: null,
    sliceFilter: null,
    dryRun: true,
    parameters: [],
  },
  diagnostics: [],
  warnings: [],
  metrics: { timePreparing: 0, timeComputing: 0, totalInputRows: 0, processedInputRows: 0, producedOutputRows: 0 },
  output: null,
} as const;

let living: Promise<SparkSession> | null = null;

/** The living session on Spark, or null. */
export async function livingSparkSession(): Promise<SparkSession | null> {
  return living;
}

/** Builds a session on Spark: `await new SparkBuilder().master("spark://host:7077").build()`. */
export class SparkBuilder {
  #pythonVersion: string | null = null;
  #options: { -readonly [K in keyof DriverOptions]: DriverOptions[K] } = { master: "local[*,4]" };

  /** The cluster, as Spark writes it: `spark://host:7077`, `yarn`, `sc://host:15002` ...; default this machine. */
  master(url: string): this {
    this.#options.master = checkText("master", url);
    return this;
  }

  /** The spark-submit command; default: that of `$SPARK_HOME`, else the one on the path. */
  sparkSubmit(command: string): this {
    this.#options.sparkSubmit = checkText("sparkSubmit", command);
    return this;
  }

  /** The Python of driver and executors, which needs pyarrow; default: Spark's own choice. */
  python(command: string): this {
    this.#options.python = checkText("python", command);
    return this;
  }

  /** For Spark Connect: the minor version of the executors' Python, such as `3.11`. */
  pythonVersion(version: string): this {
    this.#pythonVersion = checkText("pythonVersion", version);
    return this;
  }

  /** Node on the executors: a command, or a path in an archive; default `node`. */
  executorNode(command: string): this {
    this.#options.executorNode = checkText("executorNode", command);
    return this;
  }

  /** An archive that each executor unpacks, such as a Node runtime: `node.tar.gz#node`. */
  archive(path: string): this {
    this.#options.archives = [...(this.#options.archives ?? []), checkText("archive", path)];
    return this;
  }

  /** A setting of Spark. */
  conf(name: string, value: string | number | boolean): this {
    this.#options.conf = { ...this.#options.conf, [checkText("conf", name)]: String(value) };
    return this;
  }

  /** More arguments of spark-submit. */
  submitArguments(...words: readonly string[]): this {
    this.#options.submitArguments = words.map((word) => checkText("submitArguments", word));
    return this;
  }

  /** Starts the application, or gives the living session whatever its options. @throws SparkFault */
  async build(options: { readonly signal?: AbortSignal } = {}): Promise<SparkSession> {
    if (living === null) {
      const { master } = this.#options;
      const starting = this.#start(options.signal).then((runner) => new SparkSession(master, runner));
      living = starting;
      starting.catch(() => {
        if (living === starting) living = null;
      });
    }
    return await living;
  }

  async #start(signal: AbortSignal | undefined): Promise<SparkRunner> {
    const { master, executorNode = "node" } = this.#options;
    if (!master.startsWith("sc:")) return await SparkDriver.start(this.#options, signal);
    if (this.#pythonVersion === null || !/^3\.\d+$/.test(this.#pythonVersion)) {
      throw new ArgumentError(
        'SparkBuilder: a session of Spark Connect needs pythonVersion, the minor version of the executors\' Python, such as "3.11".',
      );
    }
    // gRPC is loaded where it is used.
    const { ConnectRunner } = await import("../spark/connect/connect-runner.ts");
    return await ConnectRunner.start({ url: master, pythonVersion: this.#pythonVersion, executorNode });
  }
}

function checkText(method: string, value: unknown): string {
  if (typeof value === "string" && value.trim() !== "") return value;
  throw new ArgumentError(`SparkBuilder.${method} takes a text that is not empty, but got ${shownValue(value)}.`);
}
