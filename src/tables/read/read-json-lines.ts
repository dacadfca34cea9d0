import type { DuckDBConnection } from "@duckdb/node-api";
import type { ColumnData } from "../column-data.ts";
import { valueAt } from "../column-data.ts";
import { TableError } from "../table-error.ts";
import type { ByteSource } from "./byte-source.ts";
import { digestSource } from "./byte-source.ts";
import { CsvColumn } from "./csv-column.ts";
import { planColumn, readColumns, readThroughDuckDb } from "./duckdb-reader.ts";
import type { ReadOptions } from "./read-csv.ts";
import type { SourceColumn, SourceTable } from "./source-table.ts";

// Every value of a column tells its type. Texts stay texts here: our own reader knows times to the nanosecond.
const READ =
  "read_json($1, format = 'newline_delimited', sample_size = -1, maximum_depth = -1, dateformat = '~', timestampformat = '~', convert_strings_to_integers = false, maximum_object_size = 1073741824, union_by_name = true)";

/** Reads JSON lines, an object a row, through DuckDB; the columns are those of all rows together. */
export async function readJsonLines(source: ByteSource, path: string, options: ReadOptions = {}): Promise<SourceTable> {
  const digest = await digestSource(source);
  return await readThroughDuckDb(source, path, "JSON lines", options, (connection, absolute) =>
    readAll(connection, source, absolute, digest, options),
  );
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
  const planned = Array.from({ length: described.columnCount }, (_, index) =>
    planColumn(label, described.columnName(index), described.columnType(index), warnings),
  ).filter((column) => column !== null);
  const counted = await connection.runAndReadAll("SELECT count(*) FROM lines");
  const rows = Number(counted.getRows()[0]![0]);
  const read = await readColumns(connection, planned, { sql: "lines" }, rows, source, options);
  const columns: SourceColumn[] = planned.map(({ name }, index) => {
    const column = read[index]!;
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
