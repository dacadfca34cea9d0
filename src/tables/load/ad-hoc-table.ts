import type { FenlType } from "../../values/fenl-type.ts";
import { requireColumns } from "../prepared/prepare.ts";
import type { WrittenFile } from "../prepared/write-prepared.ts";
import { writePrepared } from "../prepared/write-prepared.ts";
import { memorySource } from "../read/byte-source.ts";
import { readCsv } from "../read/read-csv.ts";
import type { SourceTable } from "../read/source-table.ts";
import type { TableDefinition } from "../table-definition.ts";
import { checkedDefinition } from "../table-definition.ts";
import type { TableColumn, TableSnapshot } from "../table-snapshot.ts";
import type { FileFormat } from "./read-file.ts";
import { openFile } from "./read-file.ts";

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
  const columns = table.columns.map(({ name, type }) => ({ name, type }));
  return { snapshot: snapshotOf(checked, columns, key.type, files), warnings: table.warnings };
}

function snapshotOf(
  definition: TableDefinition,
  columns: readonly TableColumn[],
  keyType: FenlType,
  files: readonly WrittenFile[],
): TableSnapshot {
  return {
    name: definition.name,
    grouping: definition.grouping ?? definition.name,
    timeColumn: definition.timeColumn,
    keyColumn: definition.keyColumn,
    keyType,
    columns,
    files: files.map(({ bytes: _bytes, ...file }) => file),
  };
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
  const checked = checkedDefinition(definition);
  const file = await openFile(path, { format });
  try {
    const loaded = await file.loadInBulk({}, checked, { directory, durable: false, hashed: false, columns: null });
    if (loaded === null) return await prepareTable(checked, await file.read({}), directory);
    const { columns, keyType, written } = loaded;
    return { snapshot: snapshotOf(checked, columns, keyType, written), warnings: [] };
  } finally {
    await file.close();
  }
}
