import { existsSync } from "node:fs";
import { TableError } from "../table-error.ts";

/**
 * The files that a path stands for: itself, or where it is a pattern (`*`, `**`, `?`, `[a-c]`) and no file, those that
 * match, by name.
 * @throws TableError where none matches
 */
export async function matchFiles(path: string): Promise<string[]> {
  if (!/[*?[]/.test(path) || existsSync(path)) return [path];
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:");
  try {
    const connection = await instance.connect();
    try {
      const found = await connection.runAndReadAll("SELECT file FROM glob($1) ORDER BY file", [path]);
      const files = found.getRows().map(([file]) => String(file));
      if (files.length > 0) return files;
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
  throw new TableError("file", `cannot read ${path}: no file matches this pattern`, { file: path });
}
