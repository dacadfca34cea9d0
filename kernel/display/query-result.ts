import type { QueryResult } from "../../src/api/query-result.ts";
import { IDENTITY_COLUMNS } from "../../src/frames/output.ts";
import type { MimeBundle } from "../cell/cell-context.ts";
import { arrowGrid } from "./arrow-grid.ts";
import { escapeHtml } from "./escape-html.ts";
import { fieldsHtml } from "./fields-html.ts";
import { firstRows, type Grid, type RowRange } from "./grid.ts";
import { GRID_STYLE, gridHtml } from "./grid-html.ts";
import { gridText } from "./grid-text.ts";
import { TABS_STYLE, type Tab, tabsHtml } from "./tabs-html.ts";

/** Whether a value is the result of a query, of whatever copy of the library. */
export function isQueryResult(value: object): value is QueryResult {
  const result = value as Partial<QueryResult>;
  return (
    typeof result.expression === "string" &&
    typeof result.toParquet === "function" &&
    Array.isArray(result.schema) &&
    Array.isArray(result.diagnostics)
  );
}

/** A query's result as tabs: its first rows, its schema, how it was run, and what there is to say about the query. */
export function resultBundle(result: QueryResult, show: { readonly rows: boolean } = { rows: true }): MimeBundle {
  const grid = show.rows && !result.config.dryRun ? resultGrid(result) : null;
  const { diagnostics, warnings } = result;
  const notes = warnings.filter((warning) => !diagnostics.some(({ formatted }) => formatted.trimEnd() === warning));
  const tabs: Tab[] = [
    ...(grid === null ? [] : [{ title: "Dataframe", html: gridHtml(grid) }]),
    { title: "Schema", html: fieldsHtml(result.schema.map(({ name, type }) => [name, type])) },
    { title: "Details", html: fieldsHtml(details(result)) },
    { title: counted("Diagnostics", diagnostics.length + notes.length), html: diagnosticsHtml(result, notes) },
    ...(typeof result.plan === "string" ? [{ title: "Plan", html: planHtml(result.plan) }] : []),
  ];
  const start = !result.canExecute ? "Diagnostics" : grid === null ? "Details" : "Dataframe";
  const opened = tabs.findIndex(({ title }) => title.startsWith(start));
  const summary = result.canExecute ? `The query is right: ${typeText(result)}` : "The query has errors";
  const texts = [
    grid === null ? summary : gridText(grid),
    ...diagnostics.map((each) => each.formatted.trimEnd()),
    ...notes,
  ];
  return {
    "text/plain": texts.join("\n\n"),
    "text/html": `<style>\n${TABS_STYLE}\n${GRID_STYLE}\n</style>\n${tabsHtml(tabs, opened)}`,
  };
}

/** The rows of a result, the first ones unless told; what only puts rows in order takes less room. */
export function resultGrid(
  result: QueryResult,
  range: RowRange = firstRows(IDENTITY_COLUMNS + result.schema.length),
): Grid {
  // A large answer is not read as a whole to show some of it.
  const grid = arrowGrid(result.slice(range.from, range.from + range.rows), { ...range, from: 0 });
  const columns = grid.columns.map((column, at) => ({ ...column, minor: at === 1 || at === 2 }));
  return { ...grid, columns, from: range.from, totalRows: result.rowCount, preview: isPreview(result) };
}

/** The most lines of a plan that are shown. */
const MOST_LINES = 300;

function planHtml(plan: string): string {
  const lines = plan.trimEnd().split("\n");
  const more = lines.length - MOST_LINES;
  const note = more > 0 ? `<p>${more} more lines: %%fenl --explain=plan shows them.</p>` : "";
  return `<pre>${escapeHtml(lines.slice(0, MOST_LINES).join("\n"))}</pre>${note}`;
}

/** Whether the answer ends where a limit was reached. */
function isPreview({ config, rowCount }: QueryResult): boolean {
  return config.previewRows !== null && rowCount >= config.previewRows;
}

function typeText({ schema }: QueryResult): string {
  return `{${schema.map(({ name, type }) => `${name}: ${type}`).join(", ")}}`;
}

function details({ expression, queryId, dataTokenId, config, metrics }: QueryResult): [string, string][] {
  const rows: [string, string | null][] = [
    ["query id", queryId],
    ["data token", dataTokenId],
    ["result behavior", config.resultBehavior],
    ["row order", config.rowOrder],
    ["final result time", config.finalResultTime],
    ["changed since time", config.changedSinceTime],
    ["preview rows", config.previewRows === null ? null : String(config.previewRows)],
    [
      "slice",
      config.sliceFilter === null
        ? null
        : JSON.stringify(config.sliceFilter, (_, value) => (typeof value === "bigint" ? String(value) : value)),
    ],
    ["dry run", config.dryRun ? "yes" : null],
    ["rows read", `${metrics.processedInputRows} of ${metrics.totalInputRows}`],
    ["rows produced", String(metrics.producedOutputRows)],
    ["time preparing", seconds(metrics.timePreparing)],
    ["time computing", seconds(metrics.timeComputing)],
    ["query", expression],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== null);
}

function seconds(time: number): string {
  return time < 1 ? `${(time * 1000).toFixed(1)} ms` : `${time.toFixed(2)} s`;
}

function diagnosticsHtml({ diagnostics }: QueryResult, notes: readonly string[]): string {
  if (diagnostics.length + notes.length === 0) return "<p>No errors, no warnings.</p>";
  const blocks = diagnostics.map(({ formatted }) => `<pre>${escapeHtml(formatted.trimEnd())}</pre>`);
  return [...blocks, ...notes.map((note) => `<p>${escapeHtml(note)}</p>`)].join("\n");
}

function counted(title: string, count: number): string {
  return count === 0 ? title : `${title} (${count})`;
}
