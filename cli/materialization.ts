import { type Command, Option } from "commander";
import type { Destination, Materialization } from "../src/api/materialization.ts";
import { listText, recordText } from "./print-rows.ts";
import { withResources } from "./resource-options.ts";
import { nounCommand, overStore, readPageSize, type StoreOptions, storeCommand } from "./store-command.ts";

interface CreateOptions extends StoreOptions {
  readonly pathUri?: string;
  readonly fileKind: "csv" | "parquet";
  readonly database?: string;
  readonly databaseTable?: string;
  readonly resultBehavior?: "all-results" | "final-results";
  readonly slicePercent?: number;
  readonly entity?: readonly string[];
}

interface ListingOptions extends StoreOptions {
  readonly search?: string;
  readonly pageSize?: number;
  readonly pageToken?: string;
}

/** `fenl materialization ...`: expressions whose rows are kept up to date outside the store. */
export function materializationCommand(): Command {
  return nounCommand("materialization", "Keep the rows of expressions up to date in files or a DuckDB database.", [
    create(),
    list(),
    get(),
    refresh(),
    remove(),
  ]);
}

function computing(...command: Parameters<typeof storeCommand>): Command {
  return withResources(storeCommand(...command));
}

function create(): Command {
  return computing("create", "Create a materialization: its rows are written now and after every load.", [
    "fenl materialization create Totals '{ total: sum(Purchase.amount) }' --path-uri features --file-kind parquet",
    "fenl materialization create Totals '{ total: sum(Purchase.amount) }' --database features.duckdb",
  ])
    .argument("<name>", "an identifier, by which the files are named")
    .argument("<expression>", "the Fenl text")
    .option("-u, --path-uri <folder>", "the folder for the file, as a path or a file: URL")
    .addOption(new Option("-k, --file-kind <kind>", "the file's format").choices(["csv", "parquet"]).default("csv"))
    .option("--database <file>", "a DuckDB database instead of files")
    .option("--database-table <table>", "its table (default: NAME)")
    .addOption(
      new Option("-r, --result-behavior <behavior>", "the last row of each entity, or all rows").choices([
        "final-results",
        "all-results",
      ]),
    )
    .option("--slice-percent <percent>", "read this share of the entities (0.1 to 100)", Number)
    .option("--entity <key...>", "read these entities only")
    .action(async (materializationName: string, expression: string, options: CreateOptions) => {
      await overStore("fenl materialization create", options, async (session) => {
        const { createMaterialization } = await import("../src/api/materialization.ts");
        const made = await createMaterialization({
          materializationName,
          expression,
          destination: await destinationOf(materializationName, options),
          resultBehavior: options.resultBehavior,
          sliceFilter: await sliceOf(options),
          session,
        });
        return { json: made, text: `${made.rowCount} rows written to ${made.outputPath}` };
      });
    });
}

async function destinationOf(name: string, options: CreateOptions): Promise<Destination> {
  const { pathUri, database, databaseTable, fileKind } = options;
  const { UsageError } = await import("./report-error.ts");
  if ((pathUri === undefined) === (database === undefined)) {
    throw new UsageError("give --path-uri for files, or --database for a DuckDB database");
  }
  return database === undefined
    ? { fileType: fileKind, outputPrefixUri: pathUri! }
    : { database, table: databaseTable ?? name };
}

async function sliceOf({ slicePercent, entity }: CreateOptions) {
  const { UsageError } = await import("./report-error.ts");
  if (slicePercent !== undefined && entity !== undefined) {
    throw new UsageError("give --slice-percent or --entity, not both");
  }
  if (slicePercent !== undefined) return { percent: slicePercent };
  return entity === undefined ? null : { entityKeys: entity };
}

function list(): Command {
  return storeCommand("list", "List materializations by name.", ["fenl materialization list --json"])
    .option("--search <text>", "only those whose names contain this")
    .option("-p, --page-size <n>", "the most to list (1 to 1000; default: all)", readPageSize)
    .option("--page-token <token>", "go on where the page before ended")
    .action(async ({ search, pageSize, pageToken, ...options }: ListingOptions) => {
      await overStore("fenl materialization list", options, async (session) => {
        const { listMaterializations } = await import("../src/api/materialization.ts");
        const materializations = await listMaterializations({ search, pageSize, pageToken, session });
        const { nextPageToken } = materializations;
        const rows = materializations.map((one) => [
          one.materializationName,
          one.rowCount,
          one.upToDate ? "yes" : "no",
          one.refreshTime,
          one.outputPath,
        ]);
        const headings = ["name", "rows", "up to date", "refreshed", "output"];
        return { json: { materializations, nextPageToken }, text: listText(headings, rows, nextPageToken) };
      });
    });
}

function describe(one: Materialization): string {
  return recordText([
    ["name", one.materializationName],
    ["expression", one.expression],
    ["output", one.outputPath],
    ["results", one.resultBehavior],
    ["rows", one.rowCount],
    ["up to date", one.upToDate ? "yes" : "no"],
    ["refreshed", one.refreshTime],
    ["data token", one.dataTokenId],
    ["created", one.createTime],
    ...(one.failure === null ? [] : [["failure", one.failure.message] as const]),
  ]);
}

function get(): Command {
  return storeCommand("get", "Show a materialization.", ["fenl materialization get Totals"])
    .argument("<name>", "the materialization")
    .action(async (name: string, options: StoreOptions) => {
      await overStore("fenl materialization get", options, async (session) => {
        const { getMaterialization } = await import("../src/api/materialization.ts");
        const one = await getMaterialization(name, { session });
        return { json: one, text: describe(one) };
      });
    });
}

function refresh(): Command {
  return computing("refresh", "Bring a materialization up to date, as after a failure.", [
    "fenl materialization refresh Totals",
  ])
    .argument("<name>", "the materialization")
    .action(async (name: string, options: StoreOptions) => {
      await overStore("fenl materialization refresh", options, async (session, signal) => {
        const { refreshMaterialization } = await import("../src/api/materialization.ts");
        const one = await refreshMaterialization(name, { signal, session });
        return { json: one, text: describe(one) };
      });
    });
}

function remove(): Command {
  return storeCommand("delete", "Delete a materialization; its output stays where it is.", [
    "fenl materialization delete Totals",
  ])
    .argument("<name>", "the materialization")
    .option("--force", "accepted: nothing depends on a materialization")
    .action(async (name: string, { force, ...options }: StoreOptions & { force?: boolean }) => {
      await overStore("fenl materialization delete", options, async (session) => {
        const { deleteMaterialization } = await import("../src/api/materialization.ts");
        await deleteMaterialization(name, { force, session });
        return { json: { materializationName: name }, text: `materialization ${name} is deleted` };
      });
    });
}
