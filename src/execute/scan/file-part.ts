import { isTextKey } from "../../compile/stage-layout.ts";
import { type ColumnData, valueAt } from "../../tables/column-data.ts";
import { lowerBound, upperBound } from "../../tables/prepared/entity-index.ts";
import { readPrepared } from "../../tables/prepared/read-prepared.ts";
import type { HostValue } from "../../values/host-value.ts";
import { gatherRows, sliceRows } from "../rows/gather.ts";
import type { RowSetColumn } from "../rows/row-set.ts";
import type { JobSource, ScanFile, StoredRows } from "../rows/stage-job.ts";

type ScanSource = Extract<JobSource, { kind: "scan" }>;

/** The rows that a scan takes of one file, from all of the file read into memory. */
export function filePart(source: ScanSource, scan: ScanFile): StoredRows {
  const names = source.columns.map((column) => column.name);
  const wanted = source.keyColumn === undefined ? names : [...new Set([...names, source.keyColumn.name])];
  const file = readPrepared(scan.file, wanted);
  const column = (name: string): RowSetColumn => rowSetColumn(name, file.columns.get(name)!, file.rows);
  const { keyColumn } = source;
  const whole: StoredRows = {
    rows: file.rows,
    keyHash: file.keyHash,
    time: file.time,
    subsort: file.subsort,
    ...(keyColumn === undefined ? {} : { key: keyOf(column(keyColumn.name), scan) }),
    columns: source.columns.map(({ name }) => column(name)),
  };
  const from = lowerBound(file.keyHash, BigInt(source.range.first));
  const to = upperBound(file.keyHash, BigInt(source.range.last));
  const part = from === 0 && to === file.rows ? whole : sliceRows(whole, from, to);
  return source.keys === undefined ? part : entitiesOf(part, source.keys);
}

/** A column of entity keys; texts by their codes in the query's dictionary of keys. */
function keyOf(column: RowSetColumn, { keyBase }: ScanFile): RowSetColumn {
  if (!isTextKey(column.type)) return column;
  const { dictionary: _texts, ...key } = column;
  return { ...key, values: (column.values as Int32Array).map((code) => code + keyBase) };
}

function entitiesOf(rows: StoredRows, keys: readonly string[]): StoredRows {
  const chosen: number[] = [];
  for (const key of keys) {
    const hash = BigInt(key);
    const to = upperBound(rows.keyHash, hash);
    for (let row = lowerBound(rows.keyHash, hash); row < to; row++) chosen.push(row);
  }
  return gatherRows(rows, Uint32Array.from(chosen));
}

/** A column of a table as stages take it: records as host values. */
export function rowSetColumn(name: string, data: ColumnData, rows: number): RowSetColumn {
  if (data.type.kind === "record") {
    const values: HostValue[] = [];
    for (let row = 0; row < rows; row++) values.push(valueAt(data, row));
    return {
      name,
      type: data.type,
      values: Int32Array.from(values, (_, row) => row),
      valid: Uint8Array.from(values, (value) => (value === null ? 0 : 1)),
      dictionary: values,
    };
  }
  const { type, values, valid, dictionary } = data;
  return { name, type, values, ...(valid ? { valid } : {}), ...(dictionary ? { dictionary } : {}) };
}
