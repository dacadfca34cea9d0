/** What a cell of a grid holds, as far as it shows: nulls, NaN and numbers look different from text. */
export type CellKind = "text" | "number" | "nan" | "null";

export interface GridCell {
  readonly text: string;
  readonly kind: CellKind;
}

export interface GridColumn {
  readonly name: string;
  /** The type shown under the name; empty for none. */
  readonly type: string;
  /** Whether people seldom read the column: it takes less room. */
  readonly minor?: boolean;
}

/** Some rows of a table, ready to be drawn as HTML or as text. */
export interface Grid {
  readonly columns: readonly GridColumn[];
  readonly rows: readonly (readonly GridCell[])[];
  /** How many of them are shown at once; the others on demand, where the form allows it. Absent: all. */
  readonly shown?: number;
  /** The number of the first row, from 0. Absent: 0. */
  readonly from?: number;
  /** Names of the rows, for tables that have them. */
  readonly index?: readonly string[];
  /** How many rows and columns there are in all. */
  readonly totalRows: number;
  readonly totalColumns: number;
  /** The rows are the first ones of an answer of which no more is known. */
  readonly preview?: boolean;
}

/** Which rows of a table are read. */
export interface RowRange {
  readonly from: number;
  readonly rows: number;
  /** How many of them are shown at once; absent: all. */
  readonly shown?: number;
}

/** How many rows and columns of a table are shown. */
const SHOWN_ROWS = 10;
export const SHOWN_COLUMNS = 50;

/** The first rows: ten at once, and fifty on demand, or fewer where the columns are many. */
export function firstRows(columns: number): RowRange {
  const most = Math.floor(1500 / Math.max(1, columns));
  return { from: 0, rows: Math.max(SHOWN_ROWS, Math.min(50, most)), shown: SHOWN_ROWS };
}

/** The rows that are shown at once. */
export function shownRows(grid: Grid): Grid["rows"] {
  return grid.rows.slice(0, grid.shown ?? grid.rows.length);
}

/** The most characters shown of one value. */
const MOST_CHARACTERS = 200;

/** `12 rows x 4 columns (first 10 rows shown)`; of a preview `first 12 rows x 4 columns`. */
export function sizeText(grid: Grid): string {
  const part = partText(grid);
  return totalText(grid) + (part === "" ? "" : ` ${part}`);
}

/** `12 rows x 4 columns`. */
export function totalText(grid: Grid): string {
  return `${grid.preview ? "first " : ""}${count(grid.totalRows, "row")} x ${count(grid.totalColumns, "column")}`;
}

/** `(first 10 rows shown)`, or nothing where all are. */
export function partText(grid: Grid): string {
  const shown: string[] = [];
  const [from, rows] = [grid.from ?? 0, shownRows(grid).length];
  if (from > 0) shown.push(rows === 0 ? `no rows from ${from}` : `rows ${from} to ${from + rows - 1}`);
  else if (rows < grid.totalRows) shown.push(`first ${rows} rows`);
  if (grid.columns.length < grid.totalColumns) shown.push(`first ${grid.columns.length} columns`);
  return shown.length > 0 ? `(${shown.join(", ")} shown)` : "";
}

/** Whether what the column shows are numbers, which line up at their right edge. */
export function isNumeric(grid: Grid, column: number): boolean {
  const kinds = grid.rows.map((row) => row[column]!.kind).filter((kind) => kind !== "null");
  if (kinds.length === 0) return /^[iuf](8|16|32|64)$/.test(grid.columns[column]!.type);
  return kinds.every((kind) => kind === "number" || kind === "nan");
}

export const NULL_CELL: GridCell = { text: "null", kind: "null" };

/** A cell with text, shortened if it is very long. */
export function textCell(text: string): GridCell {
  if (text.length <= MOST_CHARACTERS) return { text, kind: "text" };
  // A cut between the halves of a surrogate pair would leave half a character.
  const cut = text.slice(0, MOST_CHARACTERS).replace(/[\ud800-\udbff]$/, "");
  return { text: `${cut}…`, kind: "text" };
}

/** A cell with a number; -0 keeps its sign. */
export function numberCell(value: number): GridCell {
  if (Number.isNaN(value)) return { text: "NaN", kind: "nan" };
  return { text: Object.is(value, -0) ? "-0" : String(value), kind: "number" };
}

function count(n: number, noun: string): string {
  return `${n.toLocaleString("en-US")} ${noun}${n === 1 ? "" : "s"}`;
}
