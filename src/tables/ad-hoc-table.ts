import { memorySource } from "./byte-source.ts";
import { requireColumns } from "./prepare.ts";
import { readCsv } from "./read-csv.ts";
import type { FileFormat } from "./read-file.ts";
import { readFile } from "./read-file.ts";
import type { SourceTable } from "./source-table.ts";
import type { TableDefinition } from "./table-definition.ts";
import { checkedDefinition } from "./table-definition.ts";
import type { TableSnapshot } from "./table-snapshot.ts";
import { writePrepared } from "./write-prepared.ts";

/** A table for one run, without a store. */
export interface AdHocTable {
  readonly snapshot: TableSnapshot;
  /** Columns that could not be used, and values that were changed. */
  readonly warnings: readonly string[];
}

/** Prepares a source's rows into a directory as a table of its own. */
export async function prepareTable(
  definition: TableDefinition,
  table: SourceTable,
  directory: string,
): Promise<AdHocTable> {
  const checked = checkedDefinition(definition);
  const { key } = requireColumns(checked, table);
  const files = await writePrepared(checked, table, directory, false);
  const snapshot: TableSnapshot = {
    name: checked.name,
    grouping: checked.grouping ?? checked.name,
    timeColumn: checked.timeColumn,
    keyColumn: checked.keyColumn,
    keyType: key.type,
    columns: table.columns.map(({ name, type }) => ({ name, type })),
    files: files.map(({ bytes: _bytes, ...file }) => file),
  };
  return { snapshot, warnings: table.warnings };
}

/** Prepares CSV text as a table. */
export async function prepareCsvText(
  definition: TableDefinition,
  text: string,
  directory: string,
): Promise<TableSnapshot> {
  const source = memorySource(`${definition.name}.csv`, new TextEncoder().encode(text));
  return (await prepareTable(definition, await readCsv(source), directory)).snapshot;
}

/** Prepares a CSV, Parquet or Arrow file as a table; the format is that of the extension unless given. */
export async function prepareFile(
  definition: TableDefinition,
  path: string,
  directory: string,
  format?: FileFormat,
): Promise<AdHocTable> {
  checkedDefinition(definition);
  return prepareTable(definition, await readFile(path, format, {}), directory);
}
