import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { ArgumentError } from "../src/api/argument-error.ts";
import { type ColumnType, columnsRule, toColumns } from "../src/api/column-types.ts";
import type { LoadOptions } from "../src/tables/store/store.ts";
import type { TableDefinition } from "../src/tables/table-definition.ts";
import { nearest } from "../src/text/nearest.ts";

/** A table for one query: what it is, and the files with its rows. */
export interface AdHocTable {
  readonly definition: TableDefinition;
  /** Absolute paths. */
  readonly files: readonly string[];
  readonly reading: Pick<LoadOptions, "format" | "delimiter" | "quote" | "timeFormat" | "timeUnit" | "onError">;
}

/** A mistake in a file that lists tables; the message names the file and the entry. */
export class TableListError extends Error {
  override readonly name = "TableListError";
}

const REQUIRED = ["name", "file", "timeColumn", "entityKeyColumn"] as const;
const OPTIONAL = ["subsortColumn", "grouping"] as const;
const READING = ["delimiter", "quote", "timeFormat"] as const;
const CHOICES: ReadonlyMap<string, readonly unknown[]> = new Map([
  ["format", ["csv", "parquet", "jsonl", "arrow"]],
  ["timeUnit", ["s", "ms", "us", "ns"]],
  ["onError", ["fail", "skip"]],
]);
const NAMES: readonly string[] = [...REQUIRED, ...OPTIONAL, ...READING, ...CHOICES.keys(), "columns"];

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** A path of a list, relative to it; Spark's own (`s3a://bucket/events`) stay as they are. */
function pathOf(path: string, folder: string, reader: "local" | "spark"): string {
  return reader === "spark" && /^[a-z][a-z0-9+.-]*:\//i.test(path) ? path : resolve(folder, path);
}

function readEntry(entry: unknown, place: string, folder: string, reader: "local" | "spark"): AdHocTable {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
    throw new TableListError(`${place} must be an object with ${REQUIRED.join(", ")}.`);
  }
  const values = new Map<string, unknown>(Object.entries(entry));
  for (const name of values.keys()) {
    if (NAMES.includes(name)) continue;
    throw new TableListError(
      `${place} has an unknown property '${name}'. Nearest: ${nearest(name, NAMES, 2).join(", ")}.`,
    );
  }
  for (const name of REQUIRED) {
    if (!values.has(name)) throw new TableListError(`${place} has no '${name}'.`);
  }
  for (const [name, value] of values) {
    if (name === "columns" && columnsRule.holds(value)) continue;
    if (name === "columns") throw new TableListError(`${place}: 'columns' must be ${columnsRule.expected}.`);
    const choices = CHOICES.get(name);
    if (choices !== undefined && !choices.includes(value)) {
      throw new TableListError(`${place}: '${name}' must be one of ${choices.join(", ")}.`);
    }
    const right =
      isText(value) ||
      (name === "file" && Array.isArray(value) && value.length > 0 && value.every(isText)) ||
      (value === null && (OPTIONAL as readonly string[]).includes(name));
    if (!right) throw new TableListError(`${place}: '${name}' must be a text that is not empty.`);
  }
  const file = values.get("file") as string | string[];
  return {
    definition: {
      name: values.get("name") as string,
      timeColumn: values.get("timeColumn") as string,
      keyColumn: values.get("entityKeyColumn") as string,
      subsortColumn: (values.get("subsortColumn") as string | null | undefined) ?? null,
      grouping: (values.get("grouping") as string | null | undefined) ?? null,
      columns: columnsOf(place, values.get("columns") as readonly ColumnType[] | undefined),
    },
    reading: Object.fromEntries([...READING, ...CHOICES.keys()].map((name) => [name, values.get(name)])),
    files: [file].flat().map((path) => pathOf(path, folder, reader)),
  };
}

function columnsOf(place: string, columns: readonly ColumnType[] = []) {
  try {
    return toColumns(place, columns);
  } catch (error) {
    throw error instanceof ArgumentError ? new TableListError(error.message, { cause: error }) : error;
  }
}

/**
 * Reads a list of tables: `[{name, file, timeColumn, entityKeyColumn, subsortColumn?, grouping?, columns?, format?,
 * delimiter?, quote?, timeFormat?, timeUnit?, onError?}]`. `file` is a path relative to the list, or several.
 * @throws TableListError
 */
export async function readTableList(path: string, reader: "local" | "spark" = "local"): Promise<AdHocTable[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : message;
    throw new TableListError(`Cannot read the tables from ${path}: ${reason}.`, { cause: error });
  }
  let list: unknown;
  try {
    list = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    throw new TableListError(`${path} is not JSON: ${(error as Error).message}.`, { cause: error });
  }
  if (!Array.isArray(list)) throw new TableListError(`${path} must hold a list of tables.`);
  const tables = list.map((entry, index) =>
    readEntry(entry, `${path}: table ${index + 1}`, dirname(resolve(path)), reader),
  );
  const seen = new Set<string>();
  for (const { definition } of tables) {
    if (seen.has(definition.name)) throw new TableListError(`${path} has two tables named '${definition.name}'.`);
    seen.add(definition.name);
  }
  return tables;
}
