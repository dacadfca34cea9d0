import { resolve } from "node:path";
import { createFilledTable } from "./duckdb-rows.ts";
import type { Output } from "./output.ts";
import { WriteError } from "./write-file.ts";

/**
 * Puts the output in place of a table of a local DuckDB database, as one transaction; the database is made where there
 * is none.
 * @returns the absolute path of the database
 * @throws WriteError
 */
export async function writeDuckDbTable(output: Output, database: string, table: string): Promise<string> {
  const path = resolve(database);
  const duckdb = await import("@duckdb/node-api");
  try {
    const instance = await duckdb.DuckDBInstance.create(path, { threads: "1" });
    try {
      const connection = await instance.connect();
      try {
        await connection.run("BEGIN TRANSACTION");
        await connection.run(`DROP TABLE IF EXISTS ${duckdb.quotedIdentifier(table)}`);
        await createFilledTable(duckdb, connection, output, table);
        await connection.run("COMMIT");
      } finally {
        connection.closeSync();
      }
    } finally {
      instance.closeSync();
    }
    return path;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n", 1)[0]! : String(error);
    throw new WriteError(path, reason.replace(/\.$/, ""), error);
  }
}
