import { rmSync } from "node:fs";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { SHOP_TABLES } from "../events/tables.ts";
import { type Engine, measured } from "./engine.ts";

/** How a SELECT's rows are wanted. */
export type RowOrder = "any order" | "by time";

/** DuckDB's Node package, on native tables sorted by entity and time in a database beside their Parquet files. */
export async function duckDbEngine(directory: string, threads: number, order: RowOrder): Promise<Engine> {
  const instance = await DuckDBInstance.create(join(directory, "node.duckdb"), { threads: String(threads) });
  const connection = await instance.connect();
  return {
    async load() {
      const found = await connection.runAndReadAll("SELECT count(*) FROM duckdb_tables()");
      if (Number(found.getRows()[0]![0]) > 0) return null;
      return await measured(() => loadTables(connection, directory));
    },
    run: ({ sql, final }, path) =>
      measured(() =>
        connection.run(`COPY (${ordered(sql, final ? "any order" : order)}) TO '${path}' (FORMAT parquet)`),
      ),
    async close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Removes the database of an earlier run. */
export function dropDuckDb(directory: string): void {
  for (const name of ["node.duckdb", "node.duckdb.wal"]) rmSync(join(directory, name), { force: true });
}

/** A SELECT with its rows in the order that is wanted. */
export function ordered(sql: string, order: RowOrder): string {
  return order === "any order" ? sql : `SELECT * FROM (${sql}) ORDER BY "time"`;
}

/** The statements that load the tables. */
export function loadStatements(directory: string): string[] {
  const load = (table: string, file: string, key: string) =>
    `CREATE TABLE ${table} AS SELECT * FROM '${join(directory, file)}.parquet' ORDER BY ${key}, "time"`;
  return [
    ...SHOP_TABLES.map(({ name }) => load(name, name, '"user"')),
    load("item_reviews", "reviews", "item"),
    "CHECKPOINT",
  ];
}

async function loadTables(connection: DuckDBConnection, directory: string): Promise<void> {
  for (const statement of loadStatements(directory)) await connection.run(statement);
}
