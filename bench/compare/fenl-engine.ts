import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { batchesOutput, type Output } from "../../src/frames/output.ts";
import { writeParquet } from "../../src/frames/parquet/parquet-export.ts";
import { runFenl } from "../../src/run-fenl.ts";
import { prepareFile } from "../../src/tables/load/ad-hoc-table.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";
import { SHOP_TABLES } from "../events/tables.ts";
import type { Comparison, RowOrder } from "./comparison.ts";
import { type Engine, measured } from "./engine.ts";
import { areFresh } from "./fresh-tables.ts";

/** This engine, on tables prepared beside their Parquet files. In any order, its rows come entity by entity. */
export function fenlEngine(directory: string, order: RowOrder): Engine {
  const rowOrder = order === "by time" ? "time" : "entity";
  const prepared = join(directory, "fenl");
  const list = join(prepared, "tables.json");
  let tables: TableSnapshot[] = [];
  return {
    async load() {
      if (areFresh(list)) {
        tables = JSON.parse(readFileSync(list, "utf8"));
        return null;
      }
      rmSync(prepared, { recursive: true, force: true });
      mkdirSync(prepared);
      const measure = await measured(async () => {
        tables = await loadTables(directory, prepared);
      });
      writeFileSync(list, JSON.stringify(tables));
      return measure;
    },
    async run(comparison, path) {
      let writingSeconds = 0;
      const measure = await measured(async () => {
        const output = await answer(comparison, tables, rowOrder);
        writingSeconds = (await measured(() => writeParquet(output, path))).seconds;
        output.release?.();
      });
      return { ...measure, writingSeconds };
    },
    close: async () => {},
  };
}

async function loadTables(directory: string, prepared: string): Promise<TableSnapshot[]> {
  const sources = [
    ...SHOP_TABLES.map(({ name, fenl }) => ({ name: fenl, file: name, keyColumn: "user" })),
    { name: "ItemReviews", file: "reviews", keyColumn: "item" },
  ];
  const tables: TableSnapshot[] = [];
  for (const { name, file, keyColumn } of sources) {
    const definition = { name, timeColumn: "time", keyColumn, grouping: keyColumn };
    const { snapshot } = await prepareFile(definition, join(directory, `${file}.parquet`), prepared);
    tables.push(snapshot);
  }
  return tables;
}

async function answer(
  { fenl, final }: Comparison,
  tables: readonly TableSnapshot[],
  rowOrder: "time" | "entity",
): Promise<Output> {
  const resultBehavior = final ? "final-results" : "all-results";
  const { batches, diagnostics, continuous } = await runFenl(fenl, { tables, views: [] }, { resultBehavior, rowOrder });
  if (batches === undefined) throw new Error(diagnostics.map(({ code, message }) => `${code}: ${message}`).join("\n"));
  return batchesOutput(batches, continuous);
}
