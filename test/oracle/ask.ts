import assert from "node:assert/strict";
import { analyze } from "../../src/analyze/analyze.ts";
import type { FenlType } from "../../src/values/fenl-type.ts";
import { answerCsv } from "../conformance/judge.ts";
import { answer, type OracleOptions } from "./oracle.ts";
import { tableFromCsv } from "./read-csv.ts";

/** Small tables by name: CSV text with the columns `time`, `key` and, where ties matter, `subsort`. `Name@grouping` names the grouping. */
export type SmallTables = Readonly<Record<string, string>>;

/** The evaluator's answer to a query over small tables, as the lines of CSV without the header; all tables have one grouping; types of `Table.column` as given. */
export function ask(
  query: string,
  tables: SmallTables,
  options: Partial<OracleOptions> = {},
  columnTypes: Readonly<Record<string, FenlType>> = {},
): string[] {
  const sources = Object.entries(tables).map(([key, csv]) => {
    const [name, grouping] = key.split("@") as [string, string?];
    const subsortColumn = csv.split("\n")[0]!.split(",").includes("subsort") ? "subsort" : undefined;
    const types = Object.entries(columnTypes).map(([column, type]) => [column.split("."), type] as const);
    const ownTypes = types.filter(([[table]]) => table === name).map(([[, column], type]) => [column, type] as const);
    return tableFromCsv({
      columnTypes: Object.fromEntries(ownTypes),
      name,
      csv,
      timeColumn: "time",
      keyColumn: "key",
      subsortColumn,
      grouping: grouping ?? "g",
    });
  });
  const analysis = analyze(query, { tables: sources, views: [] });
  const errors = analysis.diagnostics.filter(({ severity }) => severity !== "warning");
  assert.ok(analysis.query, `${query}\n${JSON.stringify(errors)}`);
  const result = answer(analysis.query, sources, { resultBehavior: "all-results", ...options });
  return answerCsv(result).trimEnd().split("\n").slice(1);
}

/** Only the last field of each line. */
export function lastField(lines: readonly string[]): string[] {
  return lines.map((line) => line.slice(line.lastIndexOf(",") + 1));
}

/** A table of one entity A with a row a day, from the cells of its columns. */
export function daily(header: string, rows: readonly string[]): string {
  const lines = rows.map((row, index) => `2021-01-${String(index + 1).padStart(2, "0")}T00:30:00,A,${row}`);
  return [`time,key,${header}`, ...lines, ""].join("\n");
}
