import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { dictionaryReader } from "../../src/execute/rows/dictionary.ts";
import type { QueryRows, RowSetColumn } from "../../src/execute/rows/row-set.ts";
import { type FenlOptions, runFenl } from "../../src/run-fenl.ts";
import { columnOf } from "../../src/tables/column-data.ts";
import { describeRows, type PreparedRows } from "../../src/tables/prepared/prepare.ts";
import { storedIdentity } from "../../src/tables/prepared/stored-identity.ts";
import { preparedBytes, writeHead } from "../../src/tables/prepared/write-prepared.ts";
import type { PreparedFile, TableSnapshot } from "../../src/tables/table-snapshot.ts";
import type { Diagnostic, SourceTexts } from "../../src/text/diagnostic.ts";
import type { HostValue } from "../../src/values/host-value.ts";
import { hashOf } from "../oracle/hash.ts";
import type { Answer, AnswerRow } from "../oracle/oracle.ts";
import type { OracleEvent, OracleTable } from "../oracle/tables.ts";
import { toHostValue } from "../oracle/value.ts";
import { formerBytes } from "../tables/former-files.ts";

interface PlacedEvent {
  readonly event: OracleEvent;
  readonly hash: bigint;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byPlace(a: PlacedEvent, b: PlacedEvent): number {
  return compare(a.hash, b.hash) || compare(a.event.time, b.event.time) || compare(a.event.subsort, b.event.subsort);
}

/** How a table's rows are put into a file: `former`, as stores of earlier versions have them. */
interface FileForm {
  readonly headRows: number;
  readonly former: boolean;
}

function prepareFile(path: string, table: OracleTable, events: readonly OracleEvent[], form: FileForm): PreparedFile {
  const placed = events.map((event) => ({ event, hash: hashOf(table.keyType, event.key) })).sort(byPlace);
  const columns = table.columns.map((column, index) => ({
    name: column.name,
    ...columnOf(
      column.type,
      placed.map(({ event }) => toHostValue(column.type, event.values[index]!)),
    ),
  }));
  const rows: PreparedRows = {
    key: table.keyColumn,
    keyHash: BigUint64Array.from(placed, ({ hash }) => hash),
    time: BigInt64Array.from(placed, ({ event }) => event.time),
    subsort: BigUint64Array.from(placed, ({ event }) => event.subsort),
    columns,
  };
  writeFileSync(path, form.former ? formerBytes(rows) : preparedBytes(rows));
  const { firstSubsort, ...description } = describeRows(storedIdentity(rows));
  if (form.former) return { path, ...description };
  const head = writeHead(path, rows, false, form.headRows);
  return { path, ...description, ...(firstSubsort ? { firstSubsort } : {}), ...(head ? { head } : {}) };
}

/**
 * A table of rows as the product reads it, in files of at most `rowsPerFile` rows in `folder`, with heads of about
 * `headRows`. Where there are no heads, one file of three is as stores of earlier versions have it, or all or none are.
 */
export function prepareTable(
  folder: string,
  table: OracleTable,
  rowsPerFile = Number.POSITIVE_INFINITY,
  headRows = 0,
  allFormer?: boolean,
): TableSnapshot {
  const files: PreparedFile[] = [];
  for (let from = 0; from < table.rows.length; from += rowsPerFile) {
    const path = join(folder, `${table.name}-${files.length}.arrow`);
    const former = allFormer ?? (headRows === 0 && (files.length + table.rows.length) % 3 === 0);
    files.push(prepareFile(path, table, table.rows.slice(from, from + rowsPerFile), { headRows, former }));
  }
  return {
    name: table.name,
    grouping: table.grouping,
    timeColumn: table.timeColumn,
    keyColumn: table.keyColumn,
    keyType: table.keyType,
    columns: table.columns,
    files,
  };
}

function cellOf(column: RowSetColumn, row: number): HostValue {
  if (column.valid !== undefined && column.valid[row] === 0) return null;
  const value = column.values[row]!;
  if (column.dictionary !== undefined) return dictionaryReader(column.dictionary)(Number(value));
  if (column.type.kind === "null") return null;
  if (column.type.kind === "bool") return value !== 0;
  if (column.type.kind === "u64") return BigInt.asUintN(64, value as bigint);
  if (column.type.kind === "u32") return (value as number) >>> 0;
  return value;
}

/** The rows of an answer, or of a part of it. */
export function answerRowsOf({ rows, key }: QueryRows): AnswerRow[] {
  return Array.from({ length: rows.rows }, (_, row) => ({
    time: rows.time[row]!,
    subsort: rows.subsort[row]!,
    keyHash: rows.keyHash[row]!,
    key: cellOf(key, row),
    keyType: key.type,
    values: rows.columns.map((column) => cellOf(column, row)),
  }));
}

/** What the product says to a query: rows, or the diagnostics of a wrong one. */
export type ProductOutcome =
  | { readonly kind: "rows"; readonly answer: Answer }
  | { readonly kind: "wrong"; readonly diagnostics: readonly Diagnostic[]; readonly sources: SourceTexts };

/** Runs a query in the product. */
export async function runProduct(
  query: string,
  tables: readonly TableSnapshot[],
  options: FenlOptions,
): Promise<ProductOutcome> {
  const { batches, schema, diagnostics, sources } = await runFenl(query, { tables, views: [] }, options);
  if (batches === undefined) return { kind: "wrong", diagnostics, sources };
  const answerRows = [...batches.batches()].flatMap(answerRowsOf);
  assert.equal(batches.rows, answerRows.length);
  assert.equal(batches.whole().rows.rows, answerRows.length);
  batches.release();
  return { kind: "rows", answer: { fields: schema!, rows: answerRows } };
}
