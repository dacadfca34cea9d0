import { type Allocate, owned, type RowArray, shared } from "../rows/allocate.ts";
import { compactDictionaries } from "../rows/compact-dictionaries.ts";
import { concatRows, gatherRows, sliceRows } from "../rows/gather.ts";
import { orderRows, type SortKey } from "../rows/row-order.ts";
import type { StoredRows } from "../rows/row-set.ts";
import type { RunReader } from "./run-reader.ts";

/** What rows are put in order by: 64-bit keys, and what decides among rows that are equal in them. */
export interface RowOrder {
  keys(rows: StoredRows): readonly { readonly values: BigInt64Array | BigUint64Array }[];
  ties(rows: StoredRows): readonly SortKey[];
}

/** Rows put in order; those that are equal stay as they are. */
export function sorted(rows: StoredRows, order: RowOrder, allocate: Allocate = shared): StoredRows {
  return gatherRows(rows, orderRows(rows.rows, order.keys(rows), order.ties(rows)), allocate);
}

/** The rows of a run that are in memory and not given out yet. */
interface Buffered {
  readonly reader: RunReader;
  /** The run's row after the last one in memory. */
  next: number;
  rows: StoredRows;
  at: number;
  columns: readonly RowArray[];
}

/**
 * Reads runs, each in the same order, as one in that order; rows that are equal come in the order of the runs. Of all
 * runs together at most about `mostRows` rows are in memory.
 */
export class RunMerge {
  readonly #order: RowOrder;
  readonly #each: number;
  /** Rows that are given out at once, at least. */
  readonly #least: number;
  readonly #runs: Buffered[];

  constructor(readers: readonly RunReader[], order: RowOrder, mostRows: number) {
    this.#order = order;
    this.#least = mostRows / 4;
    this.#each = Math.max(1, Math.floor(mostRows / Math.max(1, readers.length)));
    this.#runs = readers.filter(({ rows }) => rows > 0).map((reader) => this.#first(reader));
  }

  /** The next rows; null after the last ones. */
  next(): StoredRows | null {
    const parts: StoredRows[] = [];
    for (let rows = 0; rows < this.#least || parts.length === 0; ) {
      const part = this.#step();
      if (part === null) break;
      parts.push(part);
      rows += part.rows;
    }
    return parts.length === 0 ? null : concatRows(parts, owned);
  }

  /** The rows up to the first one at which a run has to be read on. */
  #step(): StoredRows | null {
    for (const run of this.#runs) if (run.at === run.rows.rows && run.next < run.reader.rows) this.#fill(run);
    const bound = this.#bound();
    const parts: StoredRows[] = [];
    for (const [index, run] of this.#runs.entries()) {
      const end = bound === null ? run.rows.rows : this.#end(run, index, bound);
      if (end > run.at) parts.push(compactDictionaries(sliceRows(run.rows, run.at, end)));
      run.at = end;
    }
    if (parts.length === 0) return null;
    return parts.length === 1 ? parts[0]! : sorted(concatRows(parts, owned), this.#order, owned);
  }

  #first(reader: RunReader): Buffered {
    const rows = reader.read(0, Math.min(this.#each, reader.rows));
    return { reader, next: rows.rows, rows, at: 0, columns: this.#columns(rows) };
  }

  #fill(run: Buffered): void {
    run.rows = run.reader.read(run.next, Math.min(run.next + this.#each, run.reader.rows));
    run.next += run.rows.rows;
    run.at = 0;
    run.columns = this.#columns(run.rows);
  }

  #columns(rows: StoredRows): RowArray[] {
    return [...this.#order.keys(rows), ...this.#order.ties(rows)].map(({ values }) => values);
  }

  /** The least last row in memory of the runs that have more: what comes up to it is complete. */
  #bound(): number | null {
    let least: number | null = null;
    for (const [index, run] of this.#runs.entries()) {
      if (run.next === run.reader.rows) continue;
      if (least === null || this.#compare(run, run.rows.rows - 1, this.#runs[least]!) < 0) least = index;
    }
    return least;
  }

  /** Up to which row a run's rows come before the bound: the last row in memory of run `bound`. */
  #end(run: Buffered, index: number, bound: number): number {
    if (index === bound) return run.rows.rows;
    const limit = this.#runs[bound]!;
    let from = run.at;
    let to = run.rows.rows;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const order = this.#compare(run, middle, limit);
      if (order < 0 || (order === 0 && index < bound)) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** Compares a row of a run with the last one in memory of another. */
  #compare(run: Buffered, row: number, other: Buffered): number {
    const last = other.rows.rows - 1;
    for (let column = 0; column < run.columns.length; column++) {
      const own = run.columns[column]![row]!;
      const others = other.columns[column]![last]!;
      if (own !== others) return own < others ? -1 : 1;
    }
    return 0;
  }
}
