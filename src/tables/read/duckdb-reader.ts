import { resolve } from "node:path";
import type { DuckDBConnection, DuckDBType, DuckDBValue } from "@duckdb/node-api";
import type { FenlType } from "../../values/fenl-type.ts";
import type { ColumnData } from "../column-data.ts";
import { shown, TableError } from "../table-error.ts";
import type { ByteSource } from "./byte-source.ts";
import type { VectorLike } from "./duckdb-column.ts";
import { columnCollector } from "./duckdb-column.ts";
import { fenlTypeOfDuckDb, isDecimal, needsTextCast } from "./duckdb-type.ts";
import type { ReadOptions } from "./read-csv.ts";

/** A column to read: its name in the file, the SQL that reads it, and what it becomes. */
export interface PlannedColumn {
  readonly name: string;
  readonly sql: string;
  readonly type: FenlType;
  readonly from: DuckDBType;
}

/**
 * Reads a file through a DuckDB database in memory, which is closed afterwards.
 * @param format what the file should be, for the message
 * @param read gets the file's absolute path
 * @throws TableError where DuckDB cannot read it, with DuckDB's reason and the source's own name
 */
export async function readThroughDuckDb<T>(
  source: ByteSource,
  path: string,
  format: string,
  { signal }: ReadOptions,
  read: (connection: DuckDBConnection, path: string) => Promise<T>,
): Promise<T> {
  const absolute = resolve(path);
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:");
  try {
    const connection = await instance.connect();
    try {
      return await read(connection, absolute);
    } finally {
      connection.closeSync();
    }
  } catch (error) {
    if (error instanceof TableError || signal?.aborted) throw error;
    const reason = (error as Error).message.split("\n", 1)[0]!.replaceAll(absolute, source.label).trimEnd();
    const message = `${source.label} cannot be read as ${format}: ${reason}`;
    throw new TableError("format", message, { file: source.label }, { cause: error });
  } finally {
    instance.closeSync();
  }
}

/**
 * How to read a column of a type of DuckDB's; null, with a warning, where its values cannot be had.
 * @param column what DuckDB calls it, where that is not its name in the file
 */
export function planColumn(
  label: string,
  name: string,
  from: DuckDBType,
  warnings: string[],
  column: string = name,
): PlannedColumn | null {
  const mapping = fenlTypeOfDuckDb(from);
  if (mapping.type === null) {
    warnings.push(`${label}, column ${shown(name)} cannot be used and was left out: ${mapping.reason}`);
    return null;
  }
  if (mapping.remark !== undefined) warnings.push(`${label}, column ${shown(name)}: ${mapping.remark}`);
  const quoted = `"${column.replaceAll('"', '""')}"`;
  const as = isDecimal(from) ? "DOUBLE" : needsTextCast(from) ? "VARCHAR" : null;
  return { name, from, type: mapping.type, sql: as === null ? quoted : `CAST(${quoted} AS ${as})` };
}

/**
 * The columns of all rows in order.
 * @param from what stands behind FROM, with the values of its parameters
 * @param rows how many there are
 */
export async function readColumns(
  connection: DuckDBConnection,
  planned: readonly PlannedColumn[],
  from: { readonly sql: string; readonly values?: DuckDBValue[] },
  rows: number,
  source: ByteSource,
  options: ReadOptions,
): Promise<ColumnData[]> {
  const collectors = planned.map((column) => columnCollector(column.type, column.from, rows));
  if (rows > 0 && planned.length > 0) {
    const result = await connection.stream(
      `SELECT ${planned.map(({ sql }) => sql).join(", ")} FROM ${from.sql}`,
      from.values,
    );
    let read = 0;
    for (;;) {
      options.signal?.throwIfAborted();
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) break;
      for (const [index, collector] of collectors.entries()) {
        collector.add(chunk.getColumnVector(index) as unknown as VectorLike);
      }
      read += chunk.rowCount;
      const bytes = Math.floor((source.size * read) / rows);
      options.onProgress?.({ phase: "reading", rows: read, bytes, totalBytes: source.size });
    }
    if (read !== rows) throw new Error(`it holds ${read} rows, and says ${rows}`);
  }
  return collectors.map((collector) => collector.finish());
}
