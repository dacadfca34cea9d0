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
}

/** The first rows of a table, ready to be drawn as HTML or as text. */
export interface Grid {
  readonly columns: readonly GridColumn[];
  readonly rows: readonly (readonly GridCell[])[];
  /** Names of the rows, for tables that have them. */
  readonly index?: readonly string[];
  /** How many rows and columns there are in all. */
  readonly totalRows: number;
  readonly totalColumns: number;
  /** The rows are the first ones of an answer of which no more is known. */
  readonly preview?: boolean;
}

/** How many rows and columns of a table are shown. */
export const SHOWN_ROWS = 10;
export const SHOWN_COLUMNS = 50;

/** The most characters shown of one value. */
const MOST_CHARACTERS = 200;

/** `12 rows x 4 columns (first 10 rows shown)`; of a preview `first 12 rows x 4 columns`. */
export function sizeText(grid: Grid): string {
  const size = `${grid.preview ? "first " : ""}${count(grid.totalRows, "row")} x ${count(grid.totalColumns, "column")}`;
  const shown: string[] = [];
  if (grid.rows.length < grid.totalRows) shown.push(`first ${grid.rows.length} rows`);
  if (grid.columns.length < grid.totalColumns) shown.push(`first ${grid.columns.length} columns`);
  return size + (shown.length > 0 ? ` (${shown.join(", ")} shown)` : "");
}

/** Whether most of what the column shows are numbers, which line up at their right edge. */
export function isNumeric(grid: Grid, column: number): boolean {
  const kinds = grid.rows.map((row) => row[column]!.kind).filter((kind) => kind !== "null");
  return kinds.length > 0 && kinds.every((kind) => kind === "number" || kind === "nan");
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
