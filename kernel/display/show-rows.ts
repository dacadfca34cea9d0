import type { MimeBundle } from "../cell/cell-context.ts";
import { arrowGrid } from "./arrow-grid.ts";
import { frameGrid, isDanfoFrame } from "./frame-grid.ts";
import type { Grid } from "./grid.ts";
import { gridBundle, isArrowTable } from "./mime-bundle.ts";
import { isQueryResult, resultGrid } from "./query-result.ts";

/** Which rows {@link showRows} shows. */
export interface ShowRowsOptions {
  /** The number of the first row, from 0. */
  readonly from?: number;
  /** How many rows: 50 unless told, and at most 1000. */
  readonly rows?: number;
}

/** Rows of a table, which a cell that ends in them shows. */
export interface ShownRows {
  /** The rows as plain text. */
  readonly text: string;
}

const USUAL = 50;
const MOST = 1000;
const OPTIONS: ReadonlySet<string> = new Set(["from", "rows"] satisfies (keyof ShowRowsOptions)[]);

/**
 * Rows of a query's result, a frame or an Arrow table, from anywhere in it, with their numbers.
 * @throws TypeError for what is no table, and for numbers that cannot be
 */
export function showRows(value: object, options: ShowRowsOptions = {}): ShownRows {
  for (const name of Object.keys(options)) {
    if (!OPTIONS.has(name)) throw new TypeError(`showRows has no option "${name}"; it has from and rows`);
  }
  const { from = 0, rows = USUAL } = options;
  if (!Number.isSafeInteger(from) || from < 0) throw new TypeError("showRows: from must be a whole number from 0");
  if (!Number.isSafeInteger(rows) || rows < 1 || rows > MOST) {
    throw new TypeError(`showRows: rows must be a whole number from 1 to ${MOST}`);
  }
  const grid = numbered(gridOf(value, { from, rows }));
  const bundle = gridBundle(grid);
  const show = { value: (): MimeBundle => bundle };
  const text = String(bundle["text/plain"]);
  return Object.defineProperty({ text }, Symbol.for("Jupyter.display"), show) as ShownRows;
}

function gridOf(value: unknown, range: { readonly from: number; readonly rows: number }): Grid {
  if (typeof value === "object" && value !== null) {
    if (isQueryResult(value)) return resultGrid(value, range);
    if (isDanfoFrame(value)) return frameGrid(value, range);
    if (isArrowTable(value)) return arrowGrid(value, range);
  }
  throw new TypeError("showRows takes the result of a query, a frame or an Arrow table");
}

function numbered(grid: Grid): Grid {
  return { ...grid, index: grid.index ?? grid.rows.map((_, at) => String((grid.from ?? 0) + at)) };
}

/** Gives cells the global function `showRows(result, { from, rows })`. */
export function installShowRows(): void {
  Object.defineProperty(globalThis, "showRows", { value: showRows, writable: true, configurable: true });
}
