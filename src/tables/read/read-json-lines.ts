import { resolve } from "node:path";
import type { DuckDBConnection, DuckDBType } from "@duckdb/node-api";
import type { FenlType } from "../../values/fenl-type.ts";
import type { ColumnData } from "../column-data.ts";
import { valueAt } from "../column-data.ts";
import { shown, TableError } from "../table-error.ts";
import type { ByteSource } from "./byte-source.ts";
import { digestSource } from "./byte-source.ts";
import { CsvColumn } from "./csv-column.ts";
import type { VectorLike } from "./duckdb-column.ts";
import { columnCollector } from "./duckdb-column.ts";
import { fenlTypeOfDuckDb, isDecimal, needsTextCast } from "./duckdb-type.ts";
import type { ReadOptions } from "./read-csv.ts";
import type { SourceColumn, SourceTable } from "./source-table.ts";

// Every value of a column tells its type. Texts stay texts here: our own reader knows times to the nanosecond.
const READ =
  "read_json($1, format = 'newline_delimited', sample_size = -1, maximum_depth = -1, dateformat = '~', timestampformat = '~', convert_strings_to_integers = false, maximum_object_size = 1073741824, union_by_name = true)";

/** Reads JSON lines, an object a row, through DuckDB; the columns are those of all rows together. */
export async function readJsonLines(source: ByteSource, path: string, options: ReadOptions = {}): Promise<SourceTable> {
  const digest = await digestSource(source);
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:");
  try {
    const connection = await instance.connect();
    try {
      return await readAll(connection, source, resolve(path), digest, options);
    } finally {
      connection.closeSync();
    }
  } catch (error) {
    if (error instanceof TableError || options.signal?.aborted) throw error;
    const reason = (error as Error).message.split("\n", 1)[0]!.replaceAll(resolve(path), source.label).trimEnd();
    const message = `${source.label} cannot be read as JSON lines: ${reason}`;
    throw new TableError("format", message, { file: source.label }, { cause: error });
  } finally {
    instance.closeSync();
  }
}

async function readAll(
  connection: DuckDBConnection,
  source: ByteSource,
  path: string,
  digest: { contentHash: string; subsort: bigint },
  options: ReadOptions,
): Promise<SourceTable> {
  const { label } = source;
  const warnings: string[] = [];
  if (source.size === 0) {
    throw new TableError("format", `${label} is empty; expected an object on each line`, { file: label });
  }
  await connection.run(`CREATE TEMP TABLE lines AS SELECT * FROM ${READ}`, [path]);
  options.signal?.throwIfAborted();
  const described = await connection.run("SELECT * FROM lines LIMIT 0");
  const planned: { name: string; sql: string; from: DuckDBType; type: FenlType }[] = [];
  for (let index = 0; index < described.columnCount; index++) {
    const name = described.columnName(index);
    const from = described.columnType(index);
    const mapping = fenlTypeOfDuckDb(from);
    if (mapping.type === null) {
      warnings.push(`${label}, column ${shown(name)} cannot be used and was left out: ${mapping.reason}`);
      continue;
    }
    if (mapping.remark !== undefined) warnings.push(`${label}, column ${shown(name)}: ${mapping.remark}`);
    const quoted = `"${name.replaceAll('"', '""')}"`;
    const as = isDecimal(from) ? "DOUBLE" : needsTextCast(from) ? "VARCHAR" : null;
    planned.push({ name, from, type: mapping.type, sql: as === null ? quoted : `CAST(${quoted} AS ${as})` });
  }
  const counted = await connection.runAndReadAll("SELECT count(*) FROM lines");
  const rows = Number(counted.getRows()[0]![0]);
  const collectors = planned.map((column) => columnCollector(column.type, column.from, rows));
  if (planned.length > 0) {
    const result = await connection.stream(`SELECT ${planned.map(({ sql }) => sql).join(", ")} FROM lines`);
    for (let read = 0; ; ) {
      options.signal?.throwIfAborted();
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) break;
      for (const [index, collector] of collectors.entries()) {
        collector.add(chunk.getColumnVector(index) as unknown as VectorLike);
      }
      read += chunk.rowCount;
      options.onProgress?.({
        phase: "reading",
        rows: read,
        bytes: Math.floor((source.size * read) / rows),
        totalBytes: source.size,
      });
    }
  }
  const columns: SourceColumn[] = planned.map(({ name }, index) => {
    const column = collectors[index]!.finish();
    return { name, ...(options.textColumns?.has(name) ? column : withTimes(column, rows)) };
  });
  return {
    label,
    rows,
    columns,
    ...digest,
    warnings,
    inferred: true,
    placeOf: (row, column) => ({ file: label, row: row + 1, column }),
  };
}

/** A column of texts that are all dates, or all times, as such; any other column as it is. */
function withTimes(column: ColumnData, rows: number): ColumnData & { undetermined?: boolean } {
  if (column.type.kind !== "string") return column;
  const records: string[][] = [];
  let texts = 0;
  for (let row = 0; row < rows; row++) {
    const value = valueAt(column, row) as string | null;
    if (value === "") return column;
    if (value !== null) texts++;
    records.push([value ?? ""]);
  }
  if (texts === 0) return { ...column, undetermined: true };
  const times = new CsvColumn(false);
  times.addAll(records, 0);
  const finished = times.finish();
  const isTime = finished.kind === "done" && /^(date|timestamp)/.test(finished.data.type.kind);
  return isTime ? finished.data : column;
}
