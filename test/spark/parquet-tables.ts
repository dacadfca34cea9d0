import { join } from "node:path";
import { createFilledTable } from "../../src/frames/duckdb-rows.ts";
import type { toOutput } from "../../src/frames/output.ts";
import type { SparkTableDefinition } from "../../src/spark/spark-table.ts";
import { columnOf } from "../../src/tables/column-data.ts";
import type { OracleTable } from "../oracle/tables.ts";
import { toHostValue } from "../oracle/value.ts";

/** Writes tables of the tests as Parquet files, several a table. */
export async function writeParquetTables(
  folder: string,
  tables: readonly (OracleTable & { readonly subsortColumn?: string })[],
  rowsPerFile = Number.POSITIVE_INFINITY,
): Promise<SparkTableDefinition[]> {
  const duckdb = await import("@duckdb/node-api");
  const instance = await duckdb.DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const definitions: SparkTableDefinition[] = [];
  for (const table of tables) {
    const { name, timeColumn, keyColumn, grouping, rows } = table;
    let files = 0;
    for (let from = 0; from === 0 || from < rows.length; from += rowsPerFile) {
      const part = rows.slice(from, from + rowsPerFile);
      const columns = table.columns.map((column, index) => {
        const values = part.map((row) => toHostValue(column.type, row.values[index]!));
        const { dictionary, ...data } = columnOf(column.type, values);
        return { name: column.name, ...data, ...(dictionary ? { dictionary } : {}) };
      });
      const output = { rows: part.length, columns, warnings: [] } as unknown as ReturnType<typeof toOutput>;
      const sql = `part${definitions.length}_${files}`;
      await createFilledTable(duckdb, connection, output, sql);
      const path = join(folder, name, `part-${String(files++).padStart(4, "0")}.parquet`);
      await import("node:fs/promises").then(({ mkdir }) => mkdir(join(folder, name), { recursive: true }));
      await connection.run(`COPY ${sql} TO ${duckdb.quotedString(path)} (FORMAT parquet)`);
    }
    definitions.push({
      name,
      timeColumn,
      keyColumn,
      subsortColumn: table.subsortColumn ?? null,
      grouping,
      paths: [join(folder, name)],
    });
  }
  connection.closeSync();
  instance.closeSync();
  return definitions;
}
