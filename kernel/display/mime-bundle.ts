import { inspect } from "node:util";
import type { Table } from "apache-arrow";
import type { MimeBundle } from "../cell/cell-context.ts";
import { arrowGrid } from "./arrow-grid.ts";
import { catalogueBundle } from "./catalogue-record.ts";
import { frameGrid, isDanfoFrame } from "./frame-grid.ts";
import type { Grid } from "./grid.ts";
import { GRID_STYLE, gridHtml } from "./grid-html.ts";
import { gridText } from "./grid-text.ts";
import { isQueryResult, resultBundle } from "./query-result.ts";
import { tableRecordBundle } from "./table-record.ts";

/** A value may say itself how it is shown: a method of this name gives its MIME bundle. */
const JUPYTER_DISPLAY = Symbol.for("Jupyter.display");

/**
 * What a value looks like: always `text/plain`, and `text/html` for results, frames and tables. What a value holds is
 * escaped; only a bundle that the value makes itself is taken as it is.
 */
export function toMimeBundle(value: unknown): MimeBundle {
  try {
    return (typeof value === "object" && value !== null ? objectBundle(value) : null) ?? textBundle(value);
  } catch (error) {
    // A getter or an inspector of the user's own may throw whatever it likes.
    return {
      "text/plain": `[a value that cannot be shown: ${error instanceof Error ? error.message : "unknown error"}]`,
    };
  }
}

function objectBundle(value: object): MimeBundle | null {
  const own = ownBundle(value);
  if (own !== null) return own;
  if (isQueryResult(value)) return resultBundle(value);
  if (isDanfoFrame(value)) return gridBundle(frameGrid(value));
  if (isArrowTable(value)) return gridBundle(arrowGrid(value));
  return tableRecordBundle(value) ?? catalogueBundle(value);
}

function ownBundle(value: object): MimeBundle | null {
  const method = (value as { [JUPYTER_DISPLAY]?: unknown })[JUPYTER_DISPLAY];
  if (typeof method !== "function") return null;
  const bundle: unknown = method.call(value);
  if (typeof bundle !== "object" || bundle === null || bundle instanceof Promise) return null;
  return { "text/plain": inspect(value, { depth: 0 }), ...bundle };
}

/** Whether a value is an Arrow table, of whatever copy of the library. */
export function isArrowTable(value: object): value is Table {
  const table = value as Partial<Table>;
  return (
    Array.isArray(table.batches) &&
    Array.isArray(table.schema?.fields) &&
    typeof table.numRows === "number" &&
    typeof table.getChildAt === "function"
  );
}

/** What a grid looks like. */
export function gridBundle(grid: Grid): MimeBundle {
  return { "text/plain": gridText(grid), "text/html": `<style>\n${GRID_STYLE}\n</style>\n${gridHtml(grid)}` };
}

function textBundle(value: unknown): MimeBundle {
  return { "text/plain": inspect(value, { depth: 4, maxArrayLength: 100, maxStringLength: 10_000, breakLength: 100 }) };
}
