import { firstRows, type Grid, type RowRange, SHOWN_COLUMNS } from "./grid.ts";
import { hostCell } from "./host-cell.ts";

/** The state of a Danfo DataFrame or Series. Its getters are not safe: a column named `shape` hides the frame's own. */
interface DanfoFrame {
  readonly $data: readonly unknown[];
  readonly $columns: readonly (string | number)[];
  readonly $dtypes: readonly string[];
  readonly $index: readonly (string | number)[];
  readonly $isSeries: boolean;
}

/** Whether a value is a Danfo DataFrame or Series, of whatever copy of the library. */
export function isDanfoFrame(value: object): value is DanfoFrame {
  const frame = value as Partial<DanfoFrame>;
  return (
    Array.isArray(frame.$data) &&
    Array.isArray(frame.$columns) &&
    Array.isArray(frame.$dtypes) &&
    Array.isArray(frame.$index) &&
    typeof frame.$isSeries === "boolean"
  );
}

/** Rows of a Danfo frame, the first ones unless told, with its dtypes and index. */
export function frameGrid(frame: DanfoFrame, range: RowRange = firstRows(frame.$columns.length)): Grid {
  const names = frame.$columns.slice(0, SHOWN_COLUMNS);
  const rows = frame.$data.slice(range.from, range.from + range.rows);
  return {
    columns: names.map((name, at) => ({ name: String(name), type: String(frame.$dtypes[at] ?? "") })),
    rows: rows.map((row) => names.map((_, at) => hostCell(frame.$isSeries ? row : (row as readonly unknown[])[at]))),
    index: rows.map((_, at) => String(frame.$index[range.from + at] ?? range.from + at)),
    shown: range.shown,
    from: range.from,
    totalRows: frame.$data.length,
    totalColumns: frame.$columns.length,
  };
}
