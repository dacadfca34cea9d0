import type { Materialization } from "../../src/api/materialization.ts";
import type { PastQuery } from "../../src/api/query.ts";
import type { View } from "../../src/api/view.ts";
import type { MimeBundle } from "../cell/cell-context.ts";
import { escapeHtml } from "./escape-html.ts";
import { fieldsHtml } from "./fields-html.ts";
import type { Grid } from "./grid.ts";
import { GRID_STYLE, gridHtml } from "./grid-html.ts";
import { gridText } from "./grid-text.ts";
import { hostCell } from "./host-cell.ts";

type Properties = readonly (readonly [string, string | number | Date | null])[];

/** What a kind of thing is called, how one is told, and what of it is shown. */
interface Kind<T> {
  readonly name: string;
  is(value: unknown): value is T;
  title(value: T): string;
  properties(value: T): Properties;
}

const view: Kind<View> = {
  name: "View",
  is(value): value is View {
    const candidate = value as Partial<View> | null;
    return (
      typeof candidate?.viewName === "string" && Array.isArray(candidate.freeNames) && isDate(candidate.createTime)
    );
  },
  title: ({ viewName }) => viewName,
  properties: (one) => [
    ["name", one.viewName],
    ["expression", one.expression],
    ["uses", one.freeNames.join(", ")],
    ["missing", one.missingNames.join(", ")],
    ["created", one.createTime],
  ],
};

const materialization: Kind<Materialization> = {
  name: "Materialization",
  is(value): value is Materialization {
    const candidate = value as Partial<Materialization> | null;
    return typeof candidate?.materializationName === "string" && typeof candidate.outputPath === "string";
  },
  title: ({ materializationName }) => materializationName,
  properties: (one) => [
    ["name", one.materializationName],
    ["expression", one.expression],
    ["output", one.outputPath],
    ["rows", one.rowCount],
    ["up to date", one.upToDate ? "yes" : `no${one.failure === null ? "" : `: ${one.failure.message}`}`],
    ["refreshed", one.refreshTime],
    ["created", one.createTime],
  ],
};

const pastQuery: Kind<PastQuery> = {
  name: "Query",
  is(value): value is PastQuery {
    const candidate = value as Partial<PastQuery> | null;
    return typeof candidate?.queryId === "string" && typeof candidate.runWithLatest === "function";
  },
  title: ({ queryId }) => queryId,
  properties: (one) => [
    ["id", one.queryId],
    ["expression", one.expression],
    ["results", one.config.resultBehavior],
    ["data token", one.dataTokenId],
    ["run", one.createTime],
  ],
};

function isDate(value: unknown): value is Date {
  return value instanceof Date;
}

function shown(value: string | number | Date | null): string {
  if (value === null || value === "") return "-";
  return value instanceof Date ? value.toISOString() : String(value);
}

function one<T>(kind: Kind<T>, value: T): MimeBundle {
  const title = `${kind.name} ${kind.title(value)}`;
  const fields = kind.properties(value).map(([name, property]) => [name, shown(property)] as const);
  const width = Math.max(...fields.map(([name]) => name.length));
  return {
    "text/plain": [title, ...fields.map(([name, property]) => `${name.padEnd(width)}  ${property}`)].join("\n"),
    "text/html": styled(`<p><b>${escapeHtml(title)}</b></p>${fieldsHtml(fields)}`),
  };
}

function list<T>(kind: Kind<T>, values: readonly T[]): MimeBundle {
  const rows = values.map((value) => kind.properties(value));
  const names = rows[0]!.map(([name]) => name);
  const grid: Grid = {
    columns: names.map((name) => ({ name, type: "" })),
    rows: rows.map((row) => row.map(([, property]) => hostCell(property))),
    totalRows: values.length,
    totalColumns: names.length,
  };
  return { "text/plain": gridText(grid), "text/html": styled(gridHtml(grid)) };
}

function styled(html: string): string {
  return `<style>\n${GRID_STYLE}\n</style>\n${html}`;
}

function bundleAs<T>(kind: Kind<T>, value: object): MimeBundle | null {
  if (kind.is(value)) return one(kind, value);
  if (Array.isArray(value) && value.length > 0 && value.every((entry) => kind.is(entry))) return list(kind, value);
  return null;
}

/** What a view, a materialization, a past query or a list of such looks like; null for any other value. */
export function catalogueBundle(value: object): MimeBundle | null {
  return bundleAs(view, value) ?? bundleAs(materialization, value) ?? bundleAs(pastQuery, value);
}
