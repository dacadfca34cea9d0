import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { QueryRows } from "../../src/execute/rows/row-set.ts";
import { toCsvPieces } from "../../src/frames/csv-export.ts";
import { toOutput } from "../../src/frames/output.ts";
import { type FenlOptions, runFenl } from "../../src/run-fenl.ts";
import type { SparkTableDefinition } from "../../src/spark/spark-table.ts";
import { prepareFile } from "../../src/tables/load/ad-hoc-table.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";

/** The tables that are on Spark as the local engine loads them: each file in the order of their names. */
export async function localTables(
  definitions: readonly SparkTableDefinition[],
  folder: string,
): Promise<TableSnapshot[]> {
  const tables: TableSnapshot[] = [];
  for (const definition of definitions) {
    const files = definition.paths.flatMap((path) =>
      statSync(path).isDirectory()
        ? readdirSync(path)
            .filter((name) => name.endsWith(".parquet"))
            .sort()
            .map((name) => join(path, name))
        : [path],
    );
    const parts: TableSnapshot[] = [];
    for (const [index, file] of files.entries()) {
      const place = join(folder, `${definition.name}-${index}`);
      mkdirSync(place, { recursive: true });
      parts.push((await prepareFile(definition, file, place)).snapshot);
    }
    tables.push({ ...parts[0]!, files: parts.flatMap((part) => part.files) });
  }
  return tables;
}

/** What the local engine answers, as CSV. */
export async function localCsv(query: string, tables: readonly TableSnapshot[], options: FenlOptions): Promise<string> {
  const { rows, diagnostics } = await runFenl(query, { tables, views: [] }, options);
  if (rows === null) throw new Error(JSON.stringify(diagnostics));
  return csvOf(rows);
}

/** An answer as CSV, with the whole identity of its rows. */
export function csvOf(rows: QueryRows): string {
  return [...toCsvPieces(toOutput(rows))].join("");
}
