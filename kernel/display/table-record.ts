import type { LoadedTable, Table } from "../../src/api/table.ts";
import type { MimeBundle } from "../cell/cell-context.ts";
import { escapeHtml } from "./escape-html.ts";
import { fieldsHtml } from "./fields-html.ts";
import type { Grid } from "./grid.ts";
import { GRID_STYLE, gridHtml } from "./grid-html.ts";
import { gridText } from "./grid-text.ts";
import { hostCell } from "./host-cell.ts";

/** What a table, a list of tables or the outcome of a load looks like; null for any other value. */
export function tableRecordBundle(value: object): MimeBundle | null {
  if (isTable(value)) return tableBundle(value);
  if (isLoadedTable(value)) return loadBundle(value);
  if (Array.isArray(value) && value.length > 0 && value.every(isTable)) return gridBundle(listGrid(value));
  return null;
}

function isTable(value: unknown): value is Table {
  const table = value as Partial<Table> | null;
  return (
    typeof table?.tableName === "string" &&
    typeof table.timeColumnName === "string" &&
    typeof table.entityKeyColumnName === "string" &&
    Array.isArray(table.columns) &&
    table.createTime instanceof Date
  );
}

function isLoadedTable(value: object): value is LoadedTable {
  const loaded = value as Partial<LoadedTable>;
  return (
    typeof loaded.dataTokenId === "string" &&
    typeof loaded.added === "boolean" &&
    Array.isArray(loaded.warnings) &&
    isTable(loaded.table)
  );
}

function tableBundle(table: Table): MimeBundle {
  const fields = tableFields(table);
  const columns = table.columns.map(({ name, type }) => [name, type] as const);
  return {
    "text/plain": [
      `Table ${table.tableName}`,
      fieldsText(fields),
      ...(columns.length > 0 ? ["", "Columns", fieldsText(columns)] : []),
    ].join("\n"),
    "text/html": styled(
      `<p><b>Table ${escapeHtml(table.tableName)}</b></p>${fieldsHtml(fields)}` +
        (columns.length > 0 ? `<p><b>Columns</b></p>${fieldsHtml(columns)}` : ""),
    ),
  };
}

function fieldsText(fields: readonly (readonly [string, string])[]): string {
  const width = Math.max(...fields.map(([name]) => name.length));
  return fields.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
}

function tableFields(table: Table): [string, string][] {
  return [
    ["time column", table.timeColumnName],
    ["entity key column", table.entityKeyColumnName],
    ["subsort column", table.subsortColumnName ?? "(generated)"],
    ["grouping", table.groupingId],
    ["rows", table.rowCount.toLocaleString("en-US")],
    ["version", String(table.version)],
    ["created", table.createTime.toISOString()],
  ];
}

function loadBundle({ table, rowCount, added, warnings }: LoadedTable): MimeBundle {
  const rows = (n: number) => `${n.toLocaleString("en-US")} ${n === 1 ? "row" : "rows"}`;
  const summary = added
    ? `Loaded ${rows(rowCount)} into ${table.tableName}, which has ${rows(table.rowCount)} now.`
    : `${table.tableName} had this content already; it has ${rows(table.rowCount)}.`;
  const lines = [summary, ...warnings.map((warning) => `Warning: ${warning}`)];
  return { "text/plain": lines.join("\n"), "text/html": lines.map((line) => `<p>${escapeHtml(line)}</p>`).join("") };
}

function listGrid(tables: readonly Table[]): Grid {
  const columns = ["name", "time column", "entity key column", "grouping", "columns", "rows", "version", "created"];
  return {
    columns: columns.map((name) => ({ name, type: "" })),
    rows: tables.map((table) =>
      [
        table.tableName,
        table.timeColumnName,
        table.entityKeyColumnName,
        table.groupingId,
        table.columns.length,
        table.rowCount,
        table.version,
        table.createTime,
      ].map(hostCell),
    ),
    totalRows: tables.length,
    totalColumns: columns.length,
  };
}

function gridBundle(grid: Grid): MimeBundle {
  return { "text/plain": gridText(grid), "text/html": styled(gridHtml(grid)) };
}

function styled(html: string): string {
  return `<style>\n${GRID_STYLE}\n</style>\n${html}`;
}
