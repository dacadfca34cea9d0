import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { csvLine, csvQuoted, plainText } from "../../values/csv-text.ts";
import { fitsNanoseconds, readTime } from "../../values/timestamp.ts";
import type { ColumnData } from "../column-data.ts";
import { valueAt } from "../column-data.ts";
import { gather } from "../gather.ts";
import { requireColumns } from "../prepared/prepare.ts";
import { subsortsOf } from "../prepared/subsort-column.ts";
import { CsvColumn } from "../read/csv-column.ts";
import type { SourceColumn, SourceTable } from "../read/source-table.ts";
import { timesInNanoseconds, valueError } from "../read/time-column.ts";
import { storeFailure } from "../store-failure.ts";
import type { TableDefinition } from "../table-definition.ts";
import { TableError } from "../table-error.ts";
import { writeNewFile } from "../write-new-file.ts";

/** A source without the rows that cannot be events, and why each of those cannot. */
export interface SkippedRows {
  readonly source: SourceTable;
  readonly rejected: readonly { readonly row: number; readonly reason: string }[];
}

function someRows(source: SourceTable, order: Uint32Array): SourceTable {
  return {
    ...source,
    rows: order.length,
    columns: source.columns.map((column) => ({ ...column, ...gather(column, order) })),
    placeOf: (row, column) => source.placeOf(order[row]!, column),
  };
}

/** The reasons of the rows at which a check of whole columns fails: it is asked for ever smaller parts. */
function failingRows(source: SourceTable, check: (part: SourceTable) => void, reasons: Map<number, string>): void {
  const parts: [number, number][] = [[0, source.rows]];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const [from, to] = part;
    if (from === to) continue;
    try {
      check(
        someRows(
          source,
          Uint32Array.from({ length: to - from }, (_, index) => from + index),
        ),
      );
    } catch (error) {
      if (!(error instanceof TableError) || error.kind !== "value") throw error;
      if (to - from === 1) reasons.set(from, error.message);
      else {
        const middle = (from + to) >>> 1;
        parts.push([from, middle], [middle, to]);
      }
    }
  }
}

function reject(
  source: SourceTable,
  column: SourceColumn,
  role: string,
  expected: string,
  isBad: (row: number) => boolean,
) {
  const reasons: [number, string][] = [];
  for (let row = 0; row < source.rows; row++) {
    if (isBad(row)) reasons.push([row, valueError(source, column, row, role, expected).message]);
  }
  return reasons;
}

function isInteger(text: string): boolean {
  return /^[+-]?\d{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}

function isAbsent(column: SourceColumn): (row: number) => boolean {
  return (row) => column.undetermined === true || column.valid?.[row] === 0;
}

/** Leaves out the rows whose time, entity key or subsort cannot be used, and those that are known to be wrong. */
export function skipRows(
  definition: TableDefinition,
  source: SourceTable,
  known: ReadonlyMap<number, string> = new Map(),
): SkippedRows {
  const { time, key, subsort } = requireColumns(definition, source);
  const reasons = new Map<number, string>();
  const narrow = (columns: readonly SourceColumn[]) => ({ ...source, columns });
  if (time.type.kind === "string") {
    const parsed = { seconds: 0, nanos: 0, digits: 0 };
    const texts = time.dictionary as readonly string[];
    const isTime = (text: string) => readTime(text, parsed) && fitsNanoseconds(parsed.seconds, parsed.nanos);
    // Integers are times as well, but for what stands among them.
    const isCount = source.inferred === true && !texts.some(isTime);
    const bad = texts.map((text) => !(isCount ? isInteger(text) : isTime(text)));
    const absent = isAbsent(time);
    const isBad = (row: number) => absent(row) || bad[time.values[row] as number] === true;
    for (const [row, reason] of reject(source, time, "a time", "a time such as 2022-01-31T08:30:00Z", isBad)) {
      reasons.set(row, reason);
    }
  } else {
    failingRows(narrow([time]), (part) => timesInNanoseconds(part, part.columns[0]!), reasons);
  }
  for (const [row, reason] of reject(source, key, "an entity key", "an entity key in every row", isAbsent(key))) {
    reasons.set(row, reason);
  }
  if (subsort !== null) failingRows(narrow([subsort]), (part) => subsortsOf(part, part.columns[0]!), reasons);
  for (const [row, reason] of known) reasons.set(row, reason);
  if (reasons.size === 0) return { source, rejected: [] };
  const kept = Uint32Array.from({ length: source.rows }, (_, row) => row).filter((row) => !reasons.has(row));
  const rest = someRows(source, kept);
  const columns = rest.columns.map((column) =>
    column.name === time.name && source.inferred ? { name: column.name, ...asTimes(column, rest.rows) } : column,
  );
  const rejected = [...reasons].map(([row, reason]) => ({ row, reason })).sort((a, b) => a.row - b.row);
  return { source: { ...rest, columns }, rejected };
}

/** Texts that are all times now, as what they would have been without the rows that were left out. */
function asTimes(column: SourceColumn, rows: number): ColumnData {
  if (column.type.kind !== "string" || rows === 0) return column;
  const times = new CsvColumn(false);
  times.addAll(
    Array.from({ length: rows }, (_, row) => [String(valueAt(column, row) ?? "")]),
    0,
  );
  const finished = times.finish();
  return finished.kind === "done" ? finished.data : column;
}

/**
 * Writes rows that were left out as a CSV file of a store: the reason and the line, then the text of what is no row, or the
 * row's cells.
 */
export function writeRejects(
  store: string,
  table: string,
  source: SourceTable,
  rejected: SkippedRows["rejected"],
): string {
  const path = join(store, "rejects", `${table}-${randomUUID()}.csv`);
  const names = source.columns.map(({ name }) => name);
  const own = ["reason", "line", "text"].map((name) => distinct(name, names));
  const rows = rejected.map(({ row, reason }) => {
    const place = source.placeOf(row, source.columns[0]!.name);
    const cells = source.columns.map((column) => {
      const value = valueAt(column, row);
      return value === null ? "" : csvQuoted(plainText(column.type, value));
    });
    return { at: place.row ?? row, line: csvLine([csvQuoted(reason), String(place.line ?? ""), "", ...cells]) };
  });
  for (const { row, line, reason, text } of source.rejected ?? []) {
    const cells = [csvQuoted(reason), String(line), csvQuoted(text), ...names.map(() => "")];
    rows.push({ at: row, line: csvLine(cells) });
  }
  rows.sort((a, b) => a.at - b.at);
  const lines = [csvLine([...own, ...names].map(csvQuoted)), ...rows.map(({ line }) => line)];
  try {
    mkdirSync(join(store, "rejects"), { recursive: true });
    writeNewFile(path, Buffer.from(`${lines.join("\n")}\n`), false);
  } catch (error) {
    throw storeFailure("write", path, error);
  }
  return path;
}

/** A name that is not among others. */
function distinct(name: string, others: readonly string[]): string {
  return others.includes(name) ? distinct(`${name}_`, others) : name;
}
