import { type Command, InvalidArgumentError, Option } from "commander";
import type { ColumnType } from "../src/api/column-types.ts";
import type { Table } from "../src/api/table.ts";
import type { FileFormat } from "../src/tables/load/read-file.ts";
import type { TimeUnit } from "../src/tables/read/time-unit.ts";
import { listText, recordText } from "./print-rows.ts";
import { withResources } from "./resource-options.ts";
import { nounCommand, overStore, readPageSize, type StoreOptions, storeCommand } from "./store-command.ts";

interface CreateOptions extends StoreOptions {
  readonly timeColumn: string;
  readonly entityKeyColumn: string;
  readonly subsortColumn?: string;
  readonly groupingId?: string;
  readonly column?: readonly ColumnType[];
}

interface LoadOptions extends StoreOptions {
  readonly type?: FileFormat;
  readonly delimiter?: string;
  readonly quote?: string;
  readonly column?: readonly ColumnType[];
  readonly timeFormat?: string;
  readonly timeUnit?: TimeUnit;
  readonly onError?: "fail" | "skip";
}

interface ListingOptions extends StoreOptions {
  readonly search?: string;
  readonly pageSize?: number;
  readonly pageToken?: string;
}

/** `fenl table ...`: the tables of a store. */
export function tableCommand(): Command {
  return nounCommand("table", "Create, load, list, show and delete the tables of a store.", [
    create(),
    load(),
    list(),
    get(),
    remove(),
  ]);
}

function create(): Command {
  return storeCommand("create", "Create a table.", [
    "fenl table create Purchase --time-column at --entity-key-column customer",
    "fenl table create Sale -t at -e shop -g shop --store data",
    "fenl table create Visit -t at -e user --column user:string --column seconds:f64",
  ])
    .argument("<name>", "an identifier, by which queries name the table")
    .requiredOption("-t, --time-column <column>", "the column that holds the time of the event")
    .requiredOption("-e, --entity-key-column <column>", "the column that names the entity")
    .option("-s, --subsort-column <column>", "the column that orders events of one time")
    .option("-g, --grouping-id <grouping>", "what the entities are (default: the table's name)")
    .option("--column <name:type>", "the type of a column (default: as the files tell); may be repeated", readColumn)
    .action(async (tableName: string, options: CreateOptions) => {
      await overStore("fenl table create", options, async (session) => {
        const { createTable } = await import("../src/api/table.ts");
        const table = await createTable({
          tableName,
          timeColumnName: options.timeColumn,
          entityKeyColumnName: options.entityKeyColumn,
          subsortColumnName: options.subsortColumn,
          groupingId: options.groupingId,
          columns: options.column,
          session,
        });
        return { json: table, text: `table ${table.tableName} is there, with ${table.rowCount} rows` };
      });
    });
}

/** Reads `name:type`; the name may hold colons, the type of a record as well. */
function readColumn(text: string, before: readonly ColumnType[] = []): readonly ColumnType[] {
  const [, name, type] = /^(.+?):([^:{]+|\{.*\})$/s.exec(text) ?? [];
  if (name === undefined || type === undefined) throw new InvalidArgumentError("It must be written name:type.");
  return [...before, { name, type: type.trim() }];
}

function loading(examples: readonly string[]): Command {
  return withResources(storeCommand("load", "Load files into a table: each one whole or not at all.", examples));
}

function load(): Command {
  return loading([
    "fenl table load Purchase purchases.csv",
    "fenl table load Purchase 2024-*.parquet --json",
    "fenl table load Visit visits.csv --time-format '%d/%m/%Y %H:%M' --on-error skip",
  ])
    .argument("<name>", "the table")
    .argument("<files...>", "paths, patterns of paths, or file:, http:, https:, s3: or gs: addresses")
    .addOption(
      new Option("--type <type>", "the files' format (default: by extension)").choices([
        "csv",
        "parquet",
        "jsonl",
        "arrow",
      ]),
    )
    .option("--delimiter <character>", "what divides the cells of CSV (default: a comma; of .tsv a tab)")
    .option("--quote <character>", 'what quotes the cells of CSV (default: ")')
    .option("--column <name:type>", "the type of a column (default: as the file tells); may be repeated", readColumn)
    .addOption(
      new Option("--time-format <format>", "how the time column is written, as for strptime: %d/%m/%Y").conflicts(
        "timeUnit",
      ),
    )
    .addOption(
      new Option("--time-unit <unit>", "what integers of the time column count (default: ns)").choices([
        "s",
        "ms",
        "us",
        "ns",
      ]),
    )
    .addOption(
      new Option("--on-error <action>", "what becomes of rows that cannot be read or used (default: fail)").choices([
        "fail",
        "skip",
      ]),
    )
    .action(async (tableName: string, files: readonly string[], options: LoadOptions) => {
      await overStore("fenl table load", options, async (session, signal) => {
        const { load: loadFile } = await import("../src/api/table.ts");
        const { type: fileType, column: columns, delimiter, quote, timeFormat, timeUnit, onError } = options;
        const reading = { fileType, columns, delimiter, quote, timeFormat, timeUnit, onError };
        const loaded = [];
        for (const file of files) {
          loaded.push({ file, ...(await loadFile({ ...reading, tableName, file, signal, session })) });
        }
        const lines = loaded.map(({ file, rowCount, added }) =>
          added ? `${file}: ${rowCount} rows` : `${file}: the table has its content already`,
        );
        const last = loaded.at(-1)!;
        const json = loaded.map(({ table, ...rest }) => ({
          ...rest,
          tableName: table.tableName,
          version: table.version,
        }));
        return {
          json,
          text: `${lines.join("\n")}\n${last.table.tableName} has ${last.table.rowCount} rows in version ${last.table.version}, data token ${last.dataTokenId}`,
          warnings: loaded.flatMap(({ warnings }) => warnings),
        };
      });
    });
}

function list(): Command {
  return storeCommand("list", "List tables by name.", ["fenl table list --search Pur", "fenl table list -p 20 --json"])
    .option("--search <text>", "only those whose names contain this")
    .option("-p, --page-size <n>", "the most to list (1 to 1000; default: all)", readPageSize)
    .option("--page-token <token>", "go on where the page before ended")
    .action(async ({ search, pageSize, pageToken, ...options }: ListingOptions) => {
      await overStore("fenl table list", options, async (session) => {
        const { listTables } = await import("../src/api/table.ts");
        const tables = await listTables({ search, pageSize, pageToken, session });
        const { nextPageToken } = tables;
        const rows = tables.map((table) => [
          table.tableName,
          table.timeColumnName,
          table.entityKeyColumnName,
          table.groupingId,
          table.rowCount,
          table.version,
          table.createTime,
        ]);
        const headings = ["name", "time column", "entity key column", "grouping", "rows", "version", "created"];
        return { json: { tables, nextPageToken }, text: listText(headings, rows, nextPageToken) };
      });
    });
}

function get(): Command {
  return storeCommand("get", "Show a table with its columns.", ["fenl table get Purchase"])
    .argument("<name>", "the table")
    .action(async (name: string, options: StoreOptions) => {
      await overStore("fenl table get", options, async (session) => {
        const { getTable } = await import("../src/api/table.ts");
        const table = await getTable(name, { session });
        return { json: table, text: describe(table) };
      });
    });
}

function describe(table: Table): string {
  const properties: [string, unknown][] = [
    ["name", table.tableName],
    ["time column", table.timeColumnName],
    ["entity key column", table.entityKeyColumnName],
    ["subsort column", table.subsortColumnName ?? "(generated)"],
    ["grouping", table.groupingId],
    ["rows", table.rowCount],
    ["version", table.version],
    ["created", table.createTime],
  ];
  const columns = table.columns.map(({ name, type }) => [`.${name}`, type] as const);
  return recordText([...properties, ...columns]);
}

function remove(): Command {
  return storeCommand("delete", "Delete a table with its data.", ["fenl table delete Purchase --force"])
    .argument("<name>", "the table")
    .option("--force", "also where views or materializations use it")
    .action(async (name: string, { force, ...options }: StoreOptions & { force?: boolean }) => {
      await overStore("fenl table delete", options, async (session) => {
        const { deleteTable } = await import("../src/api/table.ts");
        const deleted = await deleteTable(name, { force, session });
        return { json: deleted, text: `table ${name} is deleted` };
      });
    });
}
