import type { NamedColumn } from "../column-data.ts";
import type { TablePlace } from "../table-error.ts";

/** A column as it was read. */
export interface SourceColumn extends NamedColumn {
  /** True where no value told the type: such a column fits any. */
  readonly undetermined?: boolean;
}

/** A row that could not be read, and is not among the others; row and line count from 1. */
export interface RejectedLine {
  readonly row: number;
  readonly line: number;
  readonly reason: string;
  /** As it stands in the file. */
  readonly text: string;
}

/** A file's rows in columnar form and file order, before they are prepared. */
export interface SourceTable {
  /** What messages call it. */
  readonly label: string;
  readonly rows: number;
  readonly columns: readonly SourceColumn[];
  /** SHA-256 of the bytes, in hex. */
  readonly contentHash: string;
  /** The generated subsort of the first row. */
  readonly subsort: bigint;
  /** Columns that could not be used, and values that were changed. */
  readonly warnings: readonly string[];
  /** True where the types were told from the values, so that another file of the same kind may have others. */
  readonly inferred?: boolean;
  /** Rows that were put aside, where that was asked for. */
  readonly rejected?: readonly RejectedLine[];
  /** Where a row (from 0) is, for messages. */
  placeOf(row: number, column: string): TablePlace;
}
