import { mkdir } from "node:fs/promises";
import { join } from "node:path";

/** Writes the answers of SQL queries as the Parquet files of a folder. */
export async function writeEventFiles(folder: string, queries: readonly string[]): Promise<string> {
  const duckdb = await import("@duckdb/node-api");
  const instance = await duckdb.DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    await mkdir(folder, { recursive: true });
    for (const [index, query] of queries.entries()) {
      const path = join(folder, `part-${String(index).padStart(4, "0")}.parquet`);
      await connection.run(`COPY (${query}) TO ${duckdb.quotedString(path)} (FORMAT parquet)`);
    }
    return folder;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
