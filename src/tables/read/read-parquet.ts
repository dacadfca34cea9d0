import type { DuckDBConnection } from "@duckdb/node-api";
import type { FenlType } from "../../values/fenl-type.ts";
import { shown, TableError } from "../table-error.ts";
import { typesOfArrowSchema } from "./arrow-schema.ts";
import type { ByteSource } from "./byte-source.ts";
import { digestSource } from "./byte-source.ts";
import { type PlannedColumn, planColumn, readColumns, readThroughDuckDb } from "./duckdb-reader.ts";
import { isZoned } from "./duckdb-type.ts";
import type { ReadOptions } from "./read-csv.ts";
import type { SourceColumn, SourceTable } from "./source-table.ts";

/** Without the directories' names read as columns (`key=value/`), and with row order kept. */
const READ = "read_parquet($1, hive_partitioning = false)";

/** Reads a Parquet file through DuckDB, column by column in file order. */
export async function readParquet(source: ByteSource, path: string, options: ReadOptions = {}): Promise<SourceTable> {
  const digest = await digestSource(source);
  return await readThroughDuckDb(source, path, "Parquet", options, (connection, absolute) =>
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
  const planned = await planColumns(connection, label, path, warnings);
  const counted = await connection.runAndReadAll("SELECT num_rows FROM parquet_file_metadata($1)", [path]);
  const rows = Number(counted.getRows()[0]![0]);
  const read = await readColumns(connection, planned, { sql: READ, values: [path] }, rows, source, options);
  const columns: SourceColumn[] = planned.map(({ name }, index) => ({ name, ...read[index]! }));
  return {
    label,
    rows,
    columns,
    ...digest,
    warnings,
    placeOf: (row, column) => ({ file: label, row: row + 1, column }),
  };
}

async function planColumns(
  connection: DuckDBConnection,
  label: string,
  path: string,
  warnings: string[],
): Promise<PlannedColumn[]> {
  const described = await connection.run(`SELECT * FROM ${READ} LIMIT 0`, [path]);
  const leaves = await topLevelColumns(connection, path);
  const arrow = await arrowTypes(connection, path);
  const planned: PlannedColumn[] = [];
  const seen = new Set<string>();
  for (let index = 0; index < described.columnCount; index++) {
    const from = described.columnType(index);
    const { name, unit } = leaves[index]!;
    if (seen.has(name)) {
      throw new TableError("format", `${label} has two columns named ${shown(name)}`, { file: label, column: name });
    }
    seen.add(name);
    const column = planColumn(label, name, from, warnings, described.columnName(index));
    if (column === null) continue;
    if (isZoned(from) && unit === "ns") {
      warnings.push(`${label}, column ${shown(name)}: its times are read to the microsecond, as they have a zone`);
    }
    planned.push({ ...column, ...refined(column, unit, arrow?.get(name)) });
  }
  return planned;
}

/** Types that DuckDB forgets but the file knows: units of times, and durations. */
function refined(
  { sql, type }: PlannedColumn,
  unit: string | null,
  arrow: FenlType | undefined,
): { sql: string; type: FenlType } {
  if (type.kind === "i64" && arrow?.kind.startsWith("duration_")) return { sql, type: arrow };
  if (type.kind === "timestamp_us" && unit === "ms") {
    if (arrow?.kind === "timestamp_s") return { sql: `CAST(epoch_ms(${sql}) // 1000 AS BIGINT)`, type: arrow };
    return { sql: `epoch_ms(${sql})`, type: { kind: "timestamp_ms" } };
  }
  if (type.kind === "timestamp_us" && unit === "ns") return { sql: `epoch_ns(${sql})`, type: { kind: "timestamp_ns" } };
  return { sql, type };
}

/** The file's own names, which DuckDB changes where they differ in case only, and the units of times. */
async function topLevelColumns(
  connection: DuckDBConnection,
  path: string,
): Promise<{ name: string; unit: "ms" | "us" | "ns" | null }[]> {
  const schema = await connection.runAndReadAll(
    "SELECT name, num_children, logical_type, converted_type FROM parquet_schema($1)",
    [path],
  );
  const rows = schema.getRows() as [string, bigint | null, string | null, string | null][];
  const columns: { name: string; unit: "ms" | "us" | "ns" | null }[] = [];
  const skip = (index: number): number => {
    let next = index + 1;
    for (let child = 0; child < Number(rows[index]![1] ?? 0); child++) next = skip(next);
    return next;
  };
  for (let index = 1; index < rows.length; index = skip(index)) {
    const [name, , logical, converted] = rows[index]!;
    const unit =
      /MILLIS=M/.test(logical ?? "") || converted === "TIMESTAMP_MILLIS"
        ? "ms"
        : /NANOS=N/.test(logical ?? "")
          ? "ns"
          : null;
    columns.push({ name, unit });
  }
  return columns;
}

/** The types of the Arrow schema that Arrow's writers leave in a file, by column. */
async function arrowTypes(connection: DuckDBConnection, path: string): Promise<Map<string, FenlType> | null> {
  const found = await connection.runAndReadAll(
    "SELECT decode(value) FROM parquet_kv_metadata($1) WHERE key = 'ARROW:schema'::BLOB",
    [path],
  );
  const encoded = found.getRows()[0]?.[0];
  return typeof encoded === "string" ? typesOfArrowSchema(encoded) : null;
}
