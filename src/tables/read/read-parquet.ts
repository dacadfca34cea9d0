import { resolve } from "node:path";
import type { DuckDBConnection, DuckDBType } from "@duckdb/node-api";
import type { FenlType } from "../../values/fenl-type.ts";
import { shown, TableError } from "../table-error.ts";
import { typesOfArrowSchema } from "./arrow-schema.ts";
import type { ByteSource } from "./byte-source.ts";
import { digestSource } from "./byte-source.ts";
import type { VectorLike } from "./duckdb-column.ts";
import { columnCollector } from "./duckdb-column.ts";
import { fenlTypeOfDuckDb, isDecimal, isZoned, needsTextCast } from "./duckdb-type.ts";
import type { ReadOptions } from "./read-csv.ts";
import type { SourceColumn, SourceTable } from "./source-table.ts";

/** A column to read: its name in the file, the SQL that reads it, and what it becomes. */
interface PlannedColumn {
  readonly name: string;
  readonly sql: string;
  readonly type: FenlType;
  readonly from: DuckDBType;
}

/** Without the directories' names read as columns (`key=value/`), and with row order kept. */
const READ = "read_parquet($1, hive_partitioning = false)";

/** Reads a Parquet file through DuckDB, column by column in file order. */
export async function readParquet(source: ByteSource, path: string, options: ReadOptions = {}): Promise<SourceTable> {
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
    const reason = (error as Error).message.split("\n", 1)[0]!;
    const message = `${source.label} cannot be read as Parquet: ${reason}`;
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
  const planned = await planColumns(connection, label, path, warnings);
  const counted = await connection.runAndReadAll("SELECT num_rows FROM parquet_file_metadata($1)", [path]);
  const rows = Number(counted.getRows()[0]![0]);
  const collectors = planned.map((column) => columnCollector(column.type, column.from, rows));
  if (rows > 0 && planned.length > 0) {
    const select = `SELECT ${planned.map((column) => column.sql).join(", ")} FROM ${READ}`;
    const result = await connection.stream(select, [path]);
    let read = 0;
    for (;;) {
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
    if (read !== rows) throw new Error(`it holds ${read} rows, and says ${rows}`);
  }
  const columns: SourceColumn[] = planned.map((column, index) => ({
    name: column.name,
    ...collectors[index]!.finish(),
  }));
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
    const mapping = fenlTypeOfDuckDb(from);
    if (mapping.type === null) {
      warnings.push(`${label}, column ${shown(name)} cannot be used and was left out: ${mapping.reason}`);
      continue;
    }
    if (mapping.remark !== undefined) warnings.push(`${label}, column ${shown(name)}: ${mapping.remark}`);
    const quoted = `"${described.columnName(index).replaceAll('"', '""')}"`;
    if (isZoned(from) && unit === "ns") {
      warnings.push(`${label}, column ${shown(name)}: its times are read to the microsecond, as they have a zone`);
    }
    planned.push({ name, from, ...refined(quoted, from, mapping.type, unit, arrow?.get(name)) });
  }
  return planned;
}

/** Types that DuckDB forgets but the file knows: units of times, and durations. */
function refined(
  quoted: string,
  from: DuckDBType,
  type: FenlType,
  unit: string | null,
  arrow: FenlType | undefined,
): { sql: string; type: FenlType } {
  if (isDecimal(from)) return { sql: `CAST(${quoted} AS DOUBLE)`, type };
  if (needsTextCast(from)) return { sql: `CAST(${quoted} AS VARCHAR)`, type };
  if (type.kind === "i64" && arrow?.kind.startsWith("duration_")) return { sql: quoted, type: arrow };
  if (type.kind === "timestamp_us" && unit === "ms") {
    if (arrow?.kind === "timestamp_s") return { sql: `CAST(epoch_ms(${quoted}) // 1000 AS BIGINT)`, type: arrow };
    return { sql: `epoch_ms(${quoted})`, type: { kind: "timestamp_ms" } };
  }
  if (type.kind === "timestamp_us" && unit === "ns")
    return { sql: `epoch_ns(${quoted})`, type: { kind: "timestamp_ns" } };
  return { sql: quoted, type };
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
