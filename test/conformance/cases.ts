import { readFileSync } from "node:fs";
import { parseTimestamp } from "../../src/values/timestamp.ts";
import type { OracleOptions } from "../oracle/oracle.ts";
import { type CsvTable, tableFromCsv } from "../oracle/read-csv.ts";
import type { OracleTable } from "../oracle/tables.ts";

export interface ExpectedDiagnostic {
  readonly code: string;
  readonly severity: string;
  /** Line and column, from 1; null: anywhere. */
  readonly at: readonly [number, number] | null;
}

export interface ConformanceCase {
  readonly id: string;
  readonly group: string;
  readonly query: string;
  readonly result_behavior?: string;
  readonly final_time?: string;
  readonly csv?: string;
  readonly diagnostics?: readonly ExpectedDiagnostic[];
}

/** Cases whose query has become legal: ordering and `lag` of strings and bools. */
const RETIRED: ReadonlySet<string> = new Set(["error-37"]);

function read(name: string): string {
  return readFileSync(new URL(name, import.meta.url), "utf8");
}

/** The cases of one file, the retired ones left out. */
export function readCases(file: "cases.jsonl" | "random-cases.jsonl"): ConformanceCase[] {
  const lines = read(file)
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as ConformanceCase).filter(({ id }) => !RETIRED.has(id));
}

interface TableEntry {
  readonly file: string;
  readonly time_column: string;
  readonly subsort_column: string;
  readonly key_column: string;
  readonly grouping: string;
}

/** The six tables as CSV text. */
export function conformanceSources(): (CsvTable & { readonly file: string })[] {
  const entries = Object.entries(JSON.parse(read("tables.json")) as Record<string, TableEntry>);
  return entries.map(([name, entry]) => ({
    name,
    file: entry.file,
    csv: read(`tables/${entry.file}`),
    timeColumn: entry.time_column,
    subsortColumn: entry.subsort_column,
    keyColumn: entry.key_column,
    grouping: entry.grouping,
  }));
}

/** The six tables as rows. */
export function conformanceTables(): OracleTable[] {
  return conformanceSources().map(tableFromCsv);
}

/** How a case wants its query run. */
export function optionsOf(conformanceCase: ConformanceCase): OracleOptions {
  const { final_time } = conformanceCase;
  return {
    resultBehavior: conformanceCase.result_behavior === "final" ? "final-results" : "all-results",
    finalTime: final_time === undefined ? undefined : parseTimestamp(final_time)!,
  };
}

/** Cases under their group's name, in order of appearance. */
export function casesByGroup(cases: readonly ConformanceCase[]): Map<string, ConformanceCase[]> {
  const groups = new Map<string, ConformanceCase[]>();
  for (const one of cases) {
    const group = groups.get(one.group);
    if (group === undefined) groups.set(one.group, [one]);
    else group.push(one);
  }
  return groups;
}
