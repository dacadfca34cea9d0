import type { QueryBatches } from "../execute/query-batches.ts";
import { dictionarySize, isListed } from "../execute/rows/dictionary.ts";
import type { QueryRows, RowSet, RowSetColumn } from "../execute/rows/row-set.ts";
import { isCoded } from "../values/fenl-type.ts";

/** A query's answer as a table: the identity columns, then the fields of the result, under distinct names. */
export interface Output {
  readonly rows: number;
  /** `_time`, `_subsort`, `_key_hash`, `_key`, then the fields. */
  readonly columns: readonly RowSetColumn[];
  /** What a reader of the table should know: fields that had to be renamed. */
  readonly warnings: readonly string[];
  /** A byte per row: 0 for rows that were moved in time, 1 for others. Absent: all 1. */
  readonly rank?: Uint8Array;
  /** By field: whether its value stands between its rows. Absent: unknown. */
  readonly continuous?: readonly boolean[];
  /** Only of an answer of several parts, whose columns are put together as a whole when they are first asked for. */
  readonly divided?: DividedOutput;
  /** Lets go of what holds the rows, which nobody may read afterwards: temporary files, or memory for later answers. */
  release?(): void;
}

/** What can be had of an answer without all of its rows. */
export interface DividedOutput {
  /** Whether the answer is too large for memory, so that its parts are read from temporary files. */
  readonly isSpilled: boolean;
  /** The columns without rows. */
  readonly form: Output;
  /** The rows a part at a time, in order. */
  parts(): Iterable<Output>;
}

/** How many columns of an {@link Output} stand before the fields. */
export const IDENTITY_COLUMNS = 4;

function asSigned(values: BigUint64Array): BigInt64Array {
  return new BigInt64Array(values.buffer, values.byteOffset, values.length);
}

/** A name that is not in `taken`: the name itself, or with the first free number after it. */
export function freeName(name: string, taken: { has(name: string): boolean }): string {
  if (!taken.has(name)) return name;
  for (let number = 1; ; number++) {
    if (!taken.has(`${name}_${number}`)) return `${name}_${number}`;
  }
}

/** The rows' hashes, which are made when they are first asked for. */
function hashColumn(rows: RowSet): RowSetColumn {
  return {
    name: "_key_hash",
    type: { kind: "u64" },
    get values() {
      return asSigned(rows.keyHash);
    },
  };
}

/** Lays an answer's rows out as a table. Nothing is copied. */
export function toOutput({ rows, key }: QueryRows, continuous?: readonly boolean[]): Output {
  const columns: RowSetColumn[] = [
    { name: "_time", type: { kind: "timestamp_ns" }, values: rows.time },
    { name: "_subsort", type: { kind: "u64" }, values: asSigned(rows.subsort) },
    hashColumn(rows),
    { ...key, name: "_key" },
  ];
  const own = new Set(rows.columns.map((column) => column.name));
  const taken = new Set(columns.map((column) => column.name));
  const warnings: string[] = [];
  for (const column of rows.columns) {
    const name = taken.has(column.name)
      ? freeName(column.name, { has: (candidate) => taken.has(candidate) || own.has(candidate) })
      : column.name;
    if (name !== column.name) {
      warnings.push(
        `The field "${column.name}" is named "${name}" here, because "${column.name}" is a column of every result.`,
      );
    }
    taken.add(name);
    columns.push(name === column.name ? column : { ...column, name });
  }
  return { rows: rows.rows, columns, warnings, rank: rows.rank, continuous };
}

/** Lays an answer out as a table; one of several parts stays as it is. */
export function batchesOutput(answer: QueryBatches, continuous?: readonly boolean[]): Output {
  const release = () => answer.release();
  if (!answer.isDivided) return { ...toOutput(answer.whole(), continuous), release };
  const parts = function* () {
    for (const batch of answer.batches()) yield toOutput(batch, continuous);
  };
  const form = formOf(parts());
  let whole: Output | undefined;
  const read = () => {
    whole ??= toOutput(answer.whole(), continuous);
    return whole;
  };
  return {
    rows: answer.rows,
    warnings: form.warnings,
    continuous,
    divided: { isSpilled: answer.isSpilled, form, parts },
    release,
    get columns() {
      return read().columns;
    },
    get rank() {
      return read().rank;
    },
  };
}

function formOf(parts: Iterable<Output>): Output {
  for (const part of parts) return { ...part, rows: 0, columns: part.columns.map(withoutRows), rank: undefined };
  throw new Error("an answer has a part, be it without rows");
}

/** Nothing is read for that: neither hashes nor texts. */
function withoutRows({ name, type }: RowSetColumn): RowSetColumn {
  return { name, type, values: new Int32Array(0), ...(isCoded(type) ? { dictionary: [] } : {}) };
}

/** The output's columns for what can be told from their names and types. */
export function outputForm(output: Output): Output {
  return output.divided?.form ?? output;
}

/** The output in parts of at most `mostRows` rows, in order; at least one, which may have no rows. */
export function* outputParts(output: Output, mostRows = Number.POSITIVE_INFINITY): Generator<Output> {
  for (const part of output.divided?.parts() ?? [output]) {
    if (part.rows <= mostRows) yield part;
    else for (let row = 0; row < part.rows; row += mostRows) yield sliceOutput(part, row, row + mostRows);
  }
}

/** Rows `first` up to `to` of an output that is in memory. */
export function sliceOutput(output: Output, first: number, to: number): Output {
  const from = Math.min(first, output.rows);
  const end = Math.max(from, Math.min(to, output.rows));
  return {
    ...output,
    rows: end - from,
    columns: output.columns.map(({ dictionary, ...column }) => ({
      ...column,
      values: column.values.subarray(from, end),
      ...(column.valid ? { valid: column.valid.subarray(from, end) } : {}),
      ...(dictionary ? { dictionary } : {}),
    })),
    ...(output.rank ? { rank: output.rank.subarray(from, end) } : {}),
  };
}

/** True where a column has a value in a row. */
export function isValid(column: RowSetColumn, row: number): boolean {
  if (column.type.kind === "null" || (column.valid !== undefined && column.valid[row] === 0)) return false;
  const { dictionary } = column;
  if (dictionary === undefined) return true;
  const code = Number(column.values[row]);
  return isListed(dictionary) ? (dictionary[code] ?? null) !== null : code >= 0 && code < dictionarySize(dictionary);
}
