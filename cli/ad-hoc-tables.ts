import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { TableDefinition } from "../src/tables/table-definition.ts";
import { nearest } from "../src/text/nearest.ts";

/** A table for one query: what it is, and the files with its rows. */
export interface AdHocTable {
  readonly definition: TableDefinition;
  /** Absolute paths. */
  readonly files: readonly string[];
}

/** A mistake in a file that lists tables; the message names the file and the entry. */
export class TableListError extends Error {
  override readonly name = "TableListError";
}

const REQUIRED = ["name", "file", "timeColumn", "entityKeyColumn"] as const;
const OPTIONAL = ["subsortColumn", "grouping"] as const;
const NAMES: readonly string[] = [...REQUIRED, ...OPTIONAL];

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function readEntry(entry: unknown, place: string, folder: string): AdHocTable {
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
    },
    files: [file].flat().map((path) => resolve(folder, path)),
  };
}

/**
 * Reads a list of tables: `[{name, file, timeColumn, entityKeyColumn, subsortColumn?, grouping?}]`. `file` is a path
 * relative to the list, or several.
 * @throws TableListError
 */
export async function readTableList(path: string): Promise<AdHocTable[]> {
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
  const tables = list.map((entry, index) => readEntry(entry, `${path}: table ${index + 1}`, dirname(resolve(path))));
  const seen = new Set<string>();
  for (const { definition } of tables) {
    if (seen.has(definition.name)) throw new TableListError(`${path} has two tables named '${definition.name}'.`);
    seen.add(definition.name);
  }
  return tables;
}
