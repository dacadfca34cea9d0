import { analyze } from "../analyze/analyze.ts";
import type { MaterializationDestination, Store, StoreContents, StoredMaterialization } from "../tables/store/store.ts";
import { checkOptions, flag, nonEmptyText, type OptionRule, oneOf, required } from "./argument-error.ts";
import { describeDiagnostics, FenlError, isError } from "./fenl-error.ts";
import { type Listing, type ListOptions, listRules, pageByName } from "./listing.ts";
import { forget, isStale, outputPathOf, refreshOne } from "./refresh.ts";
import { resolveFile } from "./resolve-file.ts";
import { type Session, sessionOption, sessionOrDefault } from "./session.ts";
import { checkSlice, type SliceFilter, sliceRule } from "./slice-filter.ts";

/** Where a materialization's rows go. */
export type Destination =
  /** The file NAME.parquet or NAME.csv in a folder, given by path or `file:` URL; the folder is made if need be. */
  | { readonly fileType: "parquet" | "csv"; readonly outputPrefixUri: string | URL }
  /** A table of a local DuckDB database, which is made if need be. */
  | { readonly database: string | URL; readonly table: string };

/** An expression whose rows are kept up to date in files or a database. */
export interface Materialization {
  readonly materializationName: string;
  readonly expression: string;
  readonly destination: Destination;
  readonly resultBehavior: "all-results" | "final-results";
  readonly sliceFilter: SliceFilter | null;
  /** The file, or the database, that holds the rows. */
  readonly outputPath: string;
  readonly createTime: Date;
  /** When the output was written, the version of the data that it shows, and its rows; null before the first run. */
  readonly refreshTime: Date | null;
  readonly dataTokenId: string | null;
  readonly rowCount: number | null;
  /** How many entities the last run computed; null where it computed all. */
  readonly computedEntities: number | null;
  /** How many rows of tables the last run read; null before the first run. */
  readonly rowsRead: number | null;
  /** False where the tables it uses have newer data, because the last run failed. */
  readonly upToDate: boolean;
  /** Why the last run failed; null where it did not. */
  readonly failure: { readonly message: string; readonly time: Date } | null;
}

interface InSession {
  /** Default: the living session, or a new one with the defaults. */
  readonly session?: Session | null;
}

/** A materialization, by its name or as an answer of these functions. */
export type MaterializationLike = string | { readonly materializationName: string };

const nameRule: OptionRule = {
  expected: "the name of a materialization, or a materialization",
  holds: (value) => {
    const name = nameOf(value as MaterializationLike);
    return typeof name === "string" && name !== "";
  },
};

function nameOf(materialization: MaterializationLike): string {
  return typeof materialization === "string" ? materialization : materialization.materializationName;
}

const pathRule: OptionRule = {
  expected: "a path or a file: URL",
  holds: (value) => (typeof value === "string" && value !== "") || value instanceof URL,
};

function checkDestination(call: string, destination: Destination): MaterializationDestination {
  const place = `${call}: destination`;
  if ("database" in destination) {
    checkOptions(place, destination, { database: required(pathRule), table: required(nonEmptyText) });
    return { kind: "duckdb", database: resolveFile(place, destination.database), table: destination.table };
  }
  checkOptions(place, destination, {
    fileType: required({
      expected: '"parquet" or "csv"',
      holds: (value) => value === "parquet" || value === "csv",
    }),
    outputPrefixUri: required(pathRule),
  });
  return {
    kind: "files",
    fileType: destination.fileType,
    folder: resolveFile(place, destination.outputPrefixUri),
  };
}

function describe(stored: StoredMaterialization, store: Store): Materialization {
  const { name, destination, lastRun, failure } = stored;
  return {
    materializationName: name,
    expression: stored.expression,
    destination:
      destination.kind === "duckdb"
        ? { database: destination.database, table: destination.table }
        : { fileType: destination.fileType, outputPrefixUri: destination.folder },
    resultBehavior: stored.resultBehavior,
    sliceFilter: stored.slice as SliceFilter | null,
    outputPath: outputPathOf(name, destination),
    createTime: new Date(stored.createTime),
    refreshTime: lastRun === null ? null : new Date(lastRun.time),
    dataTokenId: lastRun?.dataToken ?? null,
    rowCount: lastRun?.rows ?? null,
    computedEntities: lastRun?.computedEntities ?? null,
    rowsRead: lastRun?.rowsRead ?? null,
    upToDate: failure === null && !isStale(store, stored),
    failure: failure === null ? null : { message: failure.message, time: new Date(failure.time) },
  };
}

/** Options of {@link createMaterialization}. */
export interface CreateMaterializationOptions extends InSession {
  readonly materializationName: string;
  readonly expression: string;
  readonly destination: Destination;
  /** The last row of each entity (the default), or all rows. */
  readonly resultBehavior?: "all-results" | "final-results" | null;
  /** Which entities are read; null reads all also where the session has a default slice. */
  readonly sliceFilter?: SliceFilter | null;
}

function check({ tables, views }: StoreContents, expression: string): void {
  const { diagnostics, sources } = analyze(expression, { tables, views });
  if (diagnostics.some(isError)) throw new FenlError(describeDiagnostics(diagnostics, sources));
}

/**
 * Creates a materialization and writes its output, now and after every load of a table that it uses. The same
 * materialization again is no error; another one under its name is.
 * @throws FenlError when the expression is wrong; WriteError when the output cannot be written
 */
export async function createMaterialization(options: CreateMaterializationOptions): Promise<Materialization> {
  const call = "createMaterialization";
  checkOptions(call, options, {
    materializationName: required(nonEmptyText),
    expression: required(nonEmptyText),
    destination: required({ expected: "an object", holds: (value) => typeof value === "object" }),
    resultBehavior: oneOf("all-results", "final-results"),
    sliceFilter: sliceRule,
    session: sessionOption,
  });
  const destination = checkDestination(call, options.destination);
  const session = await sessionOrDefault(options.session);
  const { store } = session;
  const slice = options.sliceFilter === undefined ? session.defaultSlice : options.sliceFilter;
  if (slice != null && "entityKeys" in slice && slice.entityKeys.some((key) => typeof key === "bigint")) {
    return await createMaterialization({ ...options, sliceFilter: { entityKeys: slice.entityKeys.map(String) } });
  }
  const name = options.materializationName;
  const definition = {
    name,
    expression: options.expression,
    destination,
    resultBehavior: options.resultBehavior ?? "final-results",
    slice: slice == null ? null : checkSlice(call, slice),
  };
  const stored = await store.materializations.create(definition, (contents) => check(contents, options.expression));
  if (stored.lastRun === null) {
    try {
      await refreshOne(store, name, { memoryLimit: session.memoryLimit ?? undefined });
    } catch (error) {
      // What cannot be forgotten now is there without an output: creating it again tries again.
      await forget(store, name).catch(() => {});
      throw error;
    }
  }
  session.log?.add("create materialization", { materialization: name, expression: options.expression });
  return describe(store.materializations.get(name), store);
}

/** The session's materializations whose names contain `search`, by name. */
export async function listMaterializations(options: ListOptions & InSession = {}): Promise<Listing<Materialization>> {
  checkOptions("listMaterializations", options, { ...listRules, session: sessionOption });
  const { store } = await sessionOrDefault(options.session);
  const all = store.materializations.list(options.search ?? undefined).map((stored) => describe(stored, store));
  return pageByName("listMaterializations", all, ({ materializationName }) => materializationName, options);
}

/** One materialization. */
export async function getMaterialization(
  materialization: MaterializationLike,
  options: InSession = {},
): Promise<Materialization> {
  checkOptions(
    "getMaterialization",
    { ...options, materialization },
    { materialization: required(nameRule), session: sessionOption },
  );
  const { store } = await sessionOrDefault(options.session);
  return describe(store.materializations.get(nameOf(materialization)), store);
}

/** Brings a materialization up to date now, as after a failure; one that is up to date stays as it is. */
export async function refreshMaterialization(
  materialization: MaterializationLike,
  options: { readonly signal?: AbortSignal | null } & InSession = {},
): Promise<Materialization> {
  checkOptions(
    "refreshMaterialization",
    { ...options, materialization },
    {
      materialization: required(nameRule),
      signal: { expected: "an AbortSignal", holds: (value) => value instanceof AbortSignal },
      session: sessionOption,
    },
  );
  const { store, memoryLimit } = await sessionOrDefault(options.session);
  const name = nameOf(materialization);
  await refreshOne(store, name, { signal: options.signal ?? undefined, memoryLimit: memoryLimit ?? undefined });
  return describe(store.materializations.get(name), store);
}

/** Deletes a materialization. Its output stays where it is. `force` is accepted: nothing depends on one. */
export async function deleteMaterialization(
  materialization: MaterializationLike,
  options: { readonly force?: boolean | null } & InSession = {},
): Promise<void> {
  checkOptions(
    "deleteMaterialization",
    { ...options, materialization },
    { materialization: required(nameRule), force: flag, session: sessionOption },
  );
  const { store, log } = await sessionOrDefault(options.session);
  await forget(store, nameOf(materialization));
  log?.add("delete materialization", { materialization: nameOf(materialization) });
}
