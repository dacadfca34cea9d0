import type { Table } from "apache-arrow";
import type { QueryParameter } from "../analyze/parameters.ts";
import type { ResultOrder } from "../execute/execute-options.ts";
import { writeArrowFile } from "../frames/arrow-file.ts";
import { toArrowTable } from "../frames/arrow-table.ts";
import { csvPieces, toCsvPieces } from "../frames/csv-export.ts";
import type { DataFrame } from "../frames/danfo-frame.ts";
import { frameWarnings, toDataFrame } from "../frames/danfo-frame.ts";
import { toJsonLinesPieces } from "../frames/json-lines.ts";
import { type Output, outputParts, sliceOutput } from "../frames/output.ts";
import { parquetWarnings, writeParquet } from "../frames/parquet/parquet-export.ts";
import { writePieces } from "../frames/write-pieces.ts";
import { type RecordField, typeName } from "../values/fenl-type.ts";
import { ArgumentError, shownValue } from "./argument-error.ts";
import { type FenlDiagnostic, type FenlError, isError } from "./fenl-error.ts";
import type { SliceFilter } from "./slice-filter.ts";

/** A field of a result: its name and its Fenl type as text. */
export interface SchemaField {
  readonly name: string;
  readonly type: string;
}

/** What a query did. Times are in seconds. */
export interface QueryMetrics {
  readonly timePreparing: number;
  readonly timeComputing: number;
  readonly totalInputRows: number;
  readonly processedInputRows: number;
  readonly producedOutputRows: number;
}

/** How a query was run. */
export interface QueryConfig {
  readonly resultBehavior: "all-results" | "final-results";
  readonly rowOrder: ResultOrder;
  /** ISO text. */
  readonly finalResultTime: string | null;
  /** ISO text. */
  readonly changedSinceTime: string | null;
  readonly previewRows: number | null;
  readonly sliceFilter: SliceFilter | null;
  readonly dryRun: boolean;
  /** The values that the query's text names `$name`, with their types. */
  readonly parameters: readonly QueryParameter[];
}

/** What a {@link QueryResult} is made of. */
export interface QueryResultParts {
  readonly expression: string;
  readonly queryId: string | null;
  readonly dataTokenId: string;
  readonly config: QueryConfig;
  readonly fields: readonly RecordField[] | null;
  readonly diagnostics: readonly FenlDiagnostic[];
  readonly warnings: readonly string[];
  readonly metrics: QueryMetrics;
  /** Null for a dry run. */
  readonly output: Output | null;
  /** Makes the text of the query's plan; null where the query is too wrong to have one. */
  readonly explainPlan?: () => string | null;
  /** What an error tells that came while a form of the answer was made; null where it does not tell of memory. */
  readonly exhaustedBy?: (error: unknown, form: string) => FenlError | null;
}

const ROWS_PER_BATCH = 1 << 17;

/** What a frame would show in another form; an answer too large for memory is not read for that. */
function valueWarnings(output: Output): string[] {
  if (output.divided?.isSpilled) return [];
  return [...new Set([...outputParts(output)].flatMap(frameWarnings))];
}

function checkPath(method: string, path: unknown): string {
  if (typeof path === "string" && path !== "") return path;
  throw new ArgumentError(`${method} takes the path of a file, but got ${shownValue(path)}.`);
}

/** The answer of a query, as a frame, an Arrow table, or files. Each form is made when it is first asked for. */
export class QueryResult {
  readonly expression: string;
  /** Null where the query could not be put on record. */
  readonly queryId: string | null;
  /** The version of the data that was read. */
  readonly dataTokenId: string;
  readonly config: QueryConfig;
  /** The fields of the result with their Fenl types. */
  readonly schema: readonly SchemaField[];
  /** The same, with types as data. */
  readonly fields: readonly RecordField[];
  readonly diagnostics: readonly FenlDiagnostic[];
  readonly metrics: QueryMetrics;
  readonly #output: Output | null;
  readonly #warnings: readonly string[];
  #table: Table | undefined;
  #dataframe: DataFrame | undefined;
  #allWarnings: readonly string[] | undefined;
  readonly #explainPlan: () => string | null;
  readonly #exhaustedBy: (error: unknown, form: string) => FenlError | null;
  #plan: string | null | undefined;
  readonly #outputPaths: string[] = [];
  /** Whether somebody may have columns that are memory of the answer's own. */
  #isShared = false;
  #isClosed = false;
  /** How many files are being written of it. */
  #writings = 0;

  constructor(parts: QueryResultParts) {
    this.expression = parts.expression;
    this.queryId = parts.queryId;
    this.dataTokenId = parts.dataTokenId;
    this.config = parts.config;
    this.fields = parts.fields ?? [];
    this.schema = this.fields.map(({ name, type }) => ({ name, type: typeName(type) }));
    this.diagnostics = parts.diagnostics;
    this.metrics = parts.metrics;
    this.#output = parts.output;
    this.#warnings = parts.warnings;
    this.#explainPlan = parts.explainPlan ?? (() => null);
    this.#exhaustedBy = parts.exhaustedBy ?? (() => null);
  }

  /** What the planner made of the query, as text; null for a dry run of a wrong query. */
  get plan(): string | null {
    if (this.#plan === undefined) this.#plan = this.#explainPlan();
    return this.#plan;
  }

  /** False for a dry run of a wrong query. */
  get canExecute(): boolean {
    return !this.diagnostics.some(isError);
  }

  /** The number of rows; 0 for a dry run. */
  get rowCount(): number {
    return this.#output?.rows ?? 0;
  }

  /** What to know about the answer: the query's warnings, and values that a frame shows in another form. */
  get warnings(): readonly string[] {
    this.#allWarnings ??= [
      ...this.diagnostics.filter((diagnostic) => !isError(diagnostic)).map((warning) => warning.formatted.trimEnd()),
      ...this.#warnings,
      ...(this.#output?.warnings ?? []),
      ...(this.#output === null || this.#isClosed ? [] : valueWarnings(this.#output)),
    ];
    return this.#allWarnings;
  }

  /** The files that the answer was written to, in the order of writing. */
  get outputPaths(): readonly string[] {
    return this.#outputPaths;
  }

  /** The exact answer as an Arrow table: `_time`, `_subsort`, `_key_hash`, `_key`, then the fields. */
  get table(): Table {
    this.#table ??= this.#made("table", toArrowTable);
    return this.#table;
  }

  /** The answer as a Danfo frame, with the same columns. */
  get dataframe(): DataFrame {
    this.#dataframe ??= this.#made("dataframe", toDataFrame);
    return this.#dataframe;
  }

  /** The answer's columns as the engine made them, for writers of other forms. */
  get output(): Output {
    return this.#sharedRows("output");
  }

  /** The answer as an Arrow table, as `table`. */
  toArrow(): Table {
    return this.table;
  }

  /** The answer as CSV text; with a path, written to that file. */
  toCsv(): string;
  toCsv(path: string): Promise<string>;
  toCsv(path?: string): string | Promise<string> {
    const output = this.#rows("toCsv");
    return path === undefined
      ? this.#whole("toCsv", toCsvPieces(output))
      : this.#written("toCsv", writePieces(checkPath("toCsv", path), csvPieces(output)));
  }

  /** The answer as JSON lines; with a path, written to that file. */
  toJsonLines(): string;
  toJsonLines(path: string): Promise<string>;
  toJsonLines(path?: string): string | Promise<string> {
    const pieces = toJsonLinesPieces(this.#rows("toJsonLines"));
    return path === undefined
      ? this.#whole("toJsonLines", pieces)
      : this.#written("toJsonLines", writePieces(checkPath("toJsonLines", path), pieces));
  }

  /** Writes the answer as a Parquet file. @returns its absolute path */
  async toParquet(path: string): Promise<string> {
    const output = this.#rows("toParquet");
    const known = this.warnings;
    const renamed = parquetWarnings(output).filter((warning) => !known.includes(warning));
    const written = await this.#written("toParquet", writeParquet(output, checkPath("toParquet", path)));
    if (renamed.length > 0) this.#allWarnings = [...this.warnings, ...renamed];
    return written;
  }

  /** Writes the answer as an Arrow IPC file. @returns its absolute path */
  async toArrowFile(path: string): Promise<string> {
    const output = this.#rows("toArrowFile");
    return await this.#written("toArrowFile", writeArrowFile(output, checkPath("toArrowFile", path)));
  }

  /** The answer as Arrow tables of some rows each, in order; at least one. Only these rows are in memory. */
  *batches(): Generator<Table> {
    const parts = outputParts(this.#sharedRows("batches"), ROWS_PER_BATCH);
    const next = () => {
      const { value } = parts.next();
      return value === undefined ? undefined : toArrowTable(value);
    };
    try {
      for (let table = this.#told("batches", next); table; table = this.#told("batches", next)) yield table;
    } finally {
      parts.return(undefined);
    }
  }

  /** The first rows of the answer as an Arrow table. */
  head(rows = 10): Table {
    return this.slice(0, rows);
  }

  /** Rows `from` up to `to` as an Arrow table; the rows before them are passed over, and none are kept. */
  slice(from: number, to: number): Table {
    return this.#made("slice", (output) => this.#slice(output, from, to));
  }

  #slice(output: Output, from: number, to: number): Table {
    let start = 0;
    const tables: Table[] = [];
    for (const part of outputParts(output)) {
      const [first, end] = [Math.max(0, from - start), Math.min(part.rows, to - start)];
      if (tables.length === 0 || end > first) tables.push(toArrowTable(sliceOutput(part, first, Math.max(first, end))));
      start += part.rows;
      if (start >= to) break;
    }
    const full = tables.filter(({ numRows }) => numRows > 0);
    return full.length === 0 ? tables[0]! : full[0]!.concat(...full.slice(1));
  }

  /**
   * Lets go of the rows, which cannot be read afterwards: removes the temporary files of an answer too large for memory,
   * and has the next answers use the memory of one of which there is no table or frame. Forms that were made stay.
   */
  close(): void {
    this.#isClosed = true;
    this.#letGo();
  }

  #letGo(): void {
    const output = this.#output;
    if (!this.#isClosed || this.#writings > 0 || output === null) return;
    if (!this.#isShared || output.divided?.isSpilled) output.release?.();
  }

  /** Does something with the rows. @throws FenlError where there is no memory for it */
  #told<T>(form: string, make: () => T): T {
    try {
      return make();
    } catch (error) {
      throw this.#exhaustedBy(error, form) ?? error;
    }
  }

  #made<T>(form: string, make: (output: Output) => T): T {
    const output = this.#sharedRows(form);
    return this.#told(form, () => make(output));
  }

  #whole(form: string, pieces: Iterable<string>): string {
    return this.#told(form, () => [...pieces].join(""));
  }

  async #written(form: string, writing: Promise<string>): Promise<string> {
    this.#writings++;
    try {
      const path = await writing;
      this.#outputPaths.push(path);
      return path;
    } catch (error) {
      throw this.#exhaustedBy(error, form) ?? error;
    } finally {
      this.#writings--;
      this.#letGo();
    }
  }

  #sharedRows(member: string): Output {
    this.#isShared = true;
    return this.#rows(member);
  }

  #rows(member: string): Output {
    if (this.#isClosed)
      throw new Error(`This result was closed, so it has no ${member} any more: run the query again.`);
    if (this.#output !== null) return this.#output;
    throw new Error(`A dry run has no rows, so its result has no ${member}: run the query without dryRun.`);
  }
}
