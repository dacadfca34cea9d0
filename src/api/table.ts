import type { Table as ArrowTable } from "apache-arrow";
import { startAssembler } from "../compile/assemble.ts";
import type { DataFrame } from "../frames/danfo-frame.ts";
import { fromDataFrame } from "../frames/from-danfo.ts";
import type { FileFormat } from "../tables/load/read-file.ts";
import { matchFiles } from "../tables/read/match-files.ts";
import { isRemote } from "../tables/read/remote-file.ts";
import type { TimeUnit } from "../tables/read/time-unit.ts";
import type { LoadOptions, LoadResult, StoredTable } from "../tables/store/store.ts";
import {
  ArgumentError,
  checkOptions,
  flag,
  nonEmptyText,
  type OptionRule,
  required,
  shownValue,
} from "./argument-error.ts";
import { type ColumnType, columnsRule, columnTypes, toColumns } from "./column-types.ts";
import { refuseWithDependents } from "./dependents.ts";
import { type Listing, type ListOptions, listRules, pageByName } from "./listing.ts";
import { type WorkProgress, watched } from "./long-work.ts";
import { refreshAll } from "./refresh.ts";
import { resolveInput } from "./resolve-file.ts";
import { type Session, sessionOption, sessionOrDefault } from "./session.ts";

/** A table of events. */
export interface Table {
  readonly tableName: string;
  readonly timeColumnName: string;
  readonly entityKeyColumnName: string;
  /** Null: generated. */
  readonly subsortColumnName: string | null;
  /** What the entities are; by default the table's own name. */
  readonly groupingId: string;
  /** Before the first load those that were declared. */
  readonly columns: readonly ColumnType[];
  /** The types that were declared when the table was created. */
  readonly declaredColumns: readonly ColumnType[];
  /** Counts the loads. */
  readonly version: number;
  readonly rowCount: number;
  readonly createTime: Date;
}

/** What a load did. */
export interface LoadedTable {
  readonly table: Table;
  /** The version of the data that has this load. */
  readonly dataTokenId: string;
  /** The rows that came in. */
  readonly rowCount: number;
  /** False when the table had this very content already. */
  readonly added: boolean;
  /** The rows that were left out; a warning names the file that has them. */
  readonly rejectedRows: number;
  /** The materializations that were brought up to date. */
  readonly refreshed: readonly string[];
  /** Columns that could not be used, values that were changed, materializations that could not be brought up to date. */
  readonly warnings: readonly string[];
}

interface InSession {
  /** Default: the living session, or a new one with the defaults. */
  readonly session?: Session | null;
}

/** A table, by its name or as an answer of these functions. */
export type TableLike = string | { readonly tableName: string } | { readonly table: { readonly tableName: string } };

const tableRule: OptionRule = {
  expected: "the name of a table, or a table",
  holds: (value) => {
    const name = nameOf(value as TableLike);
    return typeof name === "string" && name !== "";
  },
};

function nameOf(table: TableLike): string {
  if (typeof table === "string") return table;
  return "table" in table ? table.table.tableName : table.tableName;
}

function describe(stored: StoredTable): Table {
  const { definition } = stored;
  return {
    tableName: definition.name,
    timeColumnName: definition.timeColumn,
    entityKeyColumnName: definition.keyColumn,
    subsortColumnName: definition.subsortColumn ?? null,
    groupingId: definition.grouping ?? definition.name,
    columns: columnTypes(stored.columns),
    declaredColumns: columnTypes(definition.columns ?? []),
    version: stored.version,
    rowCount: stored.rows,
    createTime: new Date(stored.createTime),
  };
}

async function afterLoad(
  result: LoadResult,
  { store, log, memoryLimit }: Session,
  signal: AbortSignal | undefined,
): Promise<LoadedTable> {
  const { names, warnings } = await refreshAll(store, { signal, memoryLimit: memoryLimit ?? undefined });
  const { rows, added, dataToken } = result;
  const details = { table: result.table.definition.name, rows, added, dataTokenId: dataToken };
  log?.add("load", { ...details, refreshed: names, warnings: [...result.warnings, ...warnings] });
  return {
    table: describe(result.table),
    dataTokenId: result.dataToken,
    rowCount: result.rows,
    added: result.added,
    rejectedRows: result.rejectedRows ?? 0,
    refreshed: names,
    warnings: [...result.warnings, ...warnings],
  };
}

/** Options of {@link createTable}. */
export interface CreateTableOptions extends InSession {
  readonly tableName: string;
  readonly timeColumnName: string;
  readonly entityKeyColumnName: string;
  /** Orders the rows of one entity at one time; default: the order of the file. */
  readonly subsortColumnName?: string | null;
  /** What the entities are; tables of one grouping can be combined. Default: the table's own name. */
  readonly groupingId?: string | null;
  /** The types of columns, such as `[{ name: "amount", type: "f64" }]`; of the others they are told from the files. */
  readonly columns?: readonly ColumnType[] | null;
}

/** Creates a table. The same definition again is no error; another one under its name is. */
export async function createTable(options: CreateTableOptions): Promise<Table> {
  checkOptions("createTable", options, {
    tableName: required(nonEmptyText),
    timeColumnName: required(nonEmptyText),
    entityKeyColumnName: required(nonEmptyText),
    subsortColumnName: nonEmptyText,
    groupingId: nonEmptyText,
    columns: columnsRule,
    session: sessionOption,
  });
  const { store, log } = await sessionOrDefault(options.session);
  const created = await store.createTable({
    name: options.tableName,
    timeColumn: options.timeColumnName,
    keyColumn: options.entityKeyColumnName,
    subsortColumn: options.subsortColumnName ?? null,
    grouping: options.groupingId ?? null,
    columns: toColumns("createTable", options.columns ?? []),
  });
  log?.add("create table", { table: options.tableName });
  return describe(created);
}

/** The session's tables whose names contain `search`, by name. */
export async function listTables(options: ListOptions & InSession = {}): Promise<Listing<Table>> {
  checkOptions("listTables", options, { ...listRules, session: sessionOption });
  const { store } = await sessionOrDefault(options.session);
  const tables = store.listTables(options.search ?? undefined).map(describe);
  return pageByName("listTables", tables, ({ tableName }) => tableName, options);
}

/** One table. */
export async function getTable(table: TableLike, options: InSession = {}): Promise<Table> {
  checkOptions("getTable", { ...options, table }, { table: required(tableRule), session: sessionOption });
  const { store } = await sessionOrDefault(options.session);
  return describe(store.getTable(nameOf(table)));
}

/**
 * Deletes a table with its data. Where views or materializations use it, `force` is needed.
 * @returns the version of the data without it
 */
export async function deleteTable(
  table: TableLike,
  options: { readonly force?: boolean | null } & InSession = {},
): Promise<{ readonly dataTokenId: string }> {
  checkOptions(
    "deleteTable",
    { ...options, table },
    {
      table: required(tableRule),
      force: flag,
      session: sessionOption,
    },
  );
  const { store, log } = await sessionOrDefault(options.session);
  const name = nameOf(table);
  const check = options.force ? undefined : refuseWithDependents("table", name);
  const { dataToken } = await store.deleteTable(name, check);
  log?.add("delete table", { table: name, dataTokenId: dataToken });
  return { dataTokenId: dataToken };
}

/** Options of {@link load}. */
export interface LoadFileOptions extends InSession {
  readonly tableName: TableLike;
  /**
   * A path, a pattern of paths (`2024-*.csv`), or a `file:`, `http:`, `https:`, `s3:` or `gs:` address; or several. Names that
   * end in `.gz` or `.zst` are decompressed.
   */
  readonly file: string | URL | readonly (string | URL)[];
  /** Default: by the file's extension. */
  readonly fileType?: FileFormat | null;
  /** Of CSV: what divides cells (default a comma; of `.tsv` a tab), and what quotes them (default a double quote). */
  readonly delimiter?: string | null;
  readonly quote?: string | null;
  /** The types of columns, also of those that the table declares; of the others they are told from the file. */
  readonly columns?: readonly ColumnType[] | null;
  /** How the texts of the time column are written, as for `strptime`: `%d/%m/%Y %H:%M:%S`; default RFC 3339. */
  readonly timeFormat?: string | null;
  /** What integers of the time column count since 1970; default nanoseconds. */
  readonly timeUnit?: TimeUnit | null;
  /**
   * What becomes of rows whose time, entity key or subsort cannot be used, or with a value that is not of its declared
   * type, and of rows that are no CSV: they fail the load (the default), or are left out and kept in a file of their own.
   */
  readonly onError?: "fail" | "skip" | null;
  readonly signal?: AbortSignal | null;
  readonly onProgress?: LoadOptions["onProgress"] | null;
}

const loadRules = {
  tableName: required(tableRule),
  signal: { expected: "an AbortSignal", holds: (value: unknown) => value instanceof AbortSignal },
  onProgress: { expected: "a function", holds: (value: unknown) => typeof value === "function" },
  session: sessionOption,
};

function rejectWarning({ rejectedRows = 0, rejectFile }: LoadResult): string[] {
  if (rejectFile === undefined) return [];
  return [
    `${rejectedRows} ${rejectedRows === 1 ? "row was" : "rows were"} left out; ${rejectedRows === 1 ? "it is" : "they are"} in ${rejectFile}.`,
  ];
}

const oneCharacter: OptionRule = {
  expected: "one character",
  holds: (value) => typeof value === "string" && value.length === 1,
};
const FILE_TYPES: readonly unknown[] = ["csv", "parquet", "jsonl", "arrow"] satisfies FileFormat[];

function isAddress(value: unknown): boolean {
  return (typeof value === "string" && value !== "") || value instanceof URL;
}

/**
 * Adds a file's rows to a table: all of them or none. The same content again adds nothing. Several files are loaded one
 * after the other, each whole or not at all; the answer counts them together. Materializations that use the table are
 * brought up to date; where one cannot be, a warning says why, and the load stands.
 */
export async function load(options: LoadFileOptions): Promise<LoadedTable> {
  checkOptions("load", options, {
    ...loadRules,
    file: required({
      expected: "a path or an address, or a list of some",
      holds: (value) => (Array.isArray(value) ? value.length > 0 && value.every(isAddress) : isAddress(value)),
    }),
    fileType: { expected: '"csv", "parquet", "jsonl" or "arrow"', holds: (value) => FILE_TYPES.includes(value) },
    delimiter: oneCharacter,
    quote: oneCharacter,
    columns: columnsRule,
    timeFormat: nonEmptyText,
    timeUnit: {
      expected: '"s", "ms", "us" or "ns"',
      holds: (value) => ["s", "ms", "us", "ns"].includes(value as string),
    },
    onError: { expected: '"fail" or "skip"', holds: (value) => value === "fail" || value === "skip" },
  });
  if (options.timeFormat != null && options.timeUnit != null) {
    throw new ArgumentError("load: timeFormat and timeUnit are both given; expected one of them.");
  }
  const columns = toColumns("load", options.columns ?? []);
  const given = [options.file].flat() as (string | URL)[];
  const addresses = given.map((file) => resolveInput("load", file));
  const session = await sessionOrDefault(options.session);
  const files: string[] = [];
  for (const address of addresses) files.push(...(isRemote(address) ? [address] : await matchFiles(address)));
  const name = nameOf(options.tableName);
  return await watched({ kind: "load", table: name }, options.signal, async ({ signal, progress }) => {
    const results: LoadResult[] = [];
    for (const file of files) {
      results.push(
        await session.store.loadFile(name, file, {
          format: options.fileType ?? undefined,
          ...(options.delimiter == null ? {} : { delimiter: options.delimiter }),
          ...(options.quote == null ? {} : { quote: options.quote }),
          columns,
          timeFormat: options.timeFormat ?? undefined,
          timeUnit: options.timeUnit ?? undefined,
          onError: options.onError ?? undefined,
          signal,
          onProgress: progressTo(progress, options.onProgress),
        }),
      );
    }
    // A query is likely to come next.
    startAssembler();
    const whole: LoadResult = {
      ...results.at(-1)!,
      rows: results.reduce((sum, { rows }) => sum + rows, 0),
      added: results.some(({ added }) => added),
      rejectedRows: results.reduce((sum, { rejectedRows = 0 }) => sum + rejectedRows, 0),
      warnings: results.flatMap((result) => [...result.warnings, ...rejectWarning(result)]),
    };
    return await afterLoad(whole, session, signal);
  });
}

/** Tells both who watches the work and who has asked for it. */
function progressTo(
  progress: (progress: WorkProgress) => void,
  onProgress: LoadOptions["onProgress"] | null,
): LoadOptions["onProgress"] {
  let rowsRead: number | null = null;
  return (now) => {
    const { phase: step, rows, bytes, totalBytes } = now;
    if (step === "reading") {
      rowsRead = rows;
      progress({ step, rows, rowsTotal: null, fraction: totalBytes > 0 ? Math.min(1, bytes / totalBytes) : null });
    } else progress({ step, rows, rowsTotal: rowsRead, fraction: rowsRead ? Math.min(1, rows / rowsRead) : null });
    onProgress?.(now);
  };
}

/** Options of {@link loadDataframe}. */
export interface LoadDataframeOptions extends InSession {
  readonly tableName: TableLike;
  /** A Danfo frame, an Arrow table, or Arrow IPC bytes. */
  readonly dataframe: DataFrame | ArrowTable | Uint8Array;
  readonly signal?: AbortSignal | null;
  readonly onProgress?: LoadOptions["onProgress"] | null;
}

function isArrow(data: object): data is ArrowTable | Uint8Array {
  return data instanceof Uint8Array || ("schema" in data && "batches" in data);
}

function asFrame(data: object): DataFrame {
  if ("columns" in data && "values" in data && Array.isArray(data.columns) && Array.isArray(data.values)) {
    return data as DataFrame;
  }
  const shown = shownValue(data);
  throw new ArgumentError(`loadDataframe: dataframe must be a Danfo frame or an Arrow table, but is ${shown}.`);
}

/** Adds the rows of a frame to a table: all of them or none. The index of a Danfo frame is not loaded. */
export async function loadDataframe(options: LoadDataframeOptions): Promise<LoadedTable> {
  checkOptions("loadDataframe", options, {
    ...loadRules,
    dataframe: required({ expected: "a frame or an Arrow table", holds: (value) => typeof value === "object" }),
  });
  const { dataframe } = options;
  const session = await sessionOrDefault(options.session);
  const data = isArrow(dataframe) ? dataframe : fromDataFrame(asFrame(dataframe));
  const name = nameOf(options.tableName);
  return await watched({ kind: "load", table: name }, options.signal, async ({ signal, progress }) => {
    const onProgress = progressTo(progress, options.onProgress);
    const result = await session.store.loadArrow(name, data, { signal, onProgress });
    return await afterLoad(result, session, signal);
  });
}
