/** How the rows of an answer are wanted. */
export type RowOrder = "any order" | "by time";

/** One question in both languages. */
export interface Comparison {
  readonly name: string;
  readonly fenl: string;
  /** The last row of each entity instead of all rows. */
  readonly final?: boolean;
  /**
   * The best SQL for it: a SELECT whose columns are `key`, `time` (not of final results) and the fields by their names,
   * in any order of rows.
   */
  readonly sql: string;
}

/** Comparisons on one set of tables. */
export interface ComparisonSuite {
  readonly name: string;
  readonly title: string;
  readonly comparisons: readonly Comparison[];
}
