import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { SHOP_TABLES } from "../events/tables.ts";
import type { RowOrder } from "./comparison.ts";
import { type Engine, measured } from "./engine.ts";

/** DuckDB's Node package, on native tables sorted by entity and time in a database beside their Parquet files. */
export function duckDbEngine(directory: string, threads: number, order: RowOrder): Engine {
  const path = join(directory, "node.duckdb");
  let instance: DuckDBInstance | undefined;
  let connection: DuckDBConnection | undefined;
  return {
    async load() {
      const measure = existsSync(path) ? null : await measured(() => loadTables(directory, path, threads));
      // Several processes may read a database that none of them changes.
      instance = await DuckDBInstance.create(path, { threads: String(threads), access_mode: "READ_ONLY" });
      connection = await instance.connect();
      return measure;
    },
    run: ({ sql, final }, answer) => {
      const select = final || order === "any order" ? sql : `SELECT * FROM (${sql}) ORDER BY "time"`;
      return measured(() => connection!.run(`COPY (${select}) TO '${answer}' (FORMAT parquet)`));
    },
    async close() {
      connection?.closeSync();
      instance?.closeSync();
    },
  };
}

async function loadTables(directory: string, path: string, threads: number): Promise<void> {
  const instance = await DuckDBInstance.create(path, { threads: String(threads) });
  try {
    const connection = await instance.connect();
    const load = (table: string, file: string, key: string) =>
      connection.run(
        `CREATE TABLE ${table} AS SELECT * FROM '${join(directory, file)}.parquet' ORDER BY "${key}", "time"`,
      );
    for (const { name } of SHOP_TABLES) await load(name, name, "user");
    await load("item_reviews", "reviews", "item");
    await connection.run("CHECKPOINT");
    connection.closeSync();
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    instance.closeSync();
  }
}
