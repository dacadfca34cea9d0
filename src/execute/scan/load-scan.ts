import type { PreparedFile } from "../../tables/table-snapshot.ts";
import { type FenlType, isHostType } from "../../values/fenl-type.ts";
import { concatRows, gatherRows } from "../rows/gather.ts";
import { orderRows } from "../rows/row-order.ts";
import type { RowSetColumn } from "../rows/row-set.ts";
import type { HashRange, JobSource, ScanFile, StoredRows } from "../rows/stage-job.ts";
import { preparedReader } from "./prepared-reader.ts";

type ScanSource = Extract<JobSource, { kind: "scan" }>;

/** The rows of a table for a range of entities, in (key hash, time, subsort) order, from all of its files. */
export function loadScan(source: ScanSource): StoredRows {
  const files = source.files.filter(({ file }) => overlaps(file, source.range));
  const parts = files.flatMap((scan) => rangeOf(source, scan));
  if (parts.length === 0) return emptyRows(source);
  const rows = concatRows(parts);
  if (parts.length === 1) return rows;
  const keys = [{ values: rows.keyHash }, { values: rows.time }];
  return gatherRows(rows, orderRows(rows.rows, keys, [{ values: rows.subsort }]));
}

/** The rows of the range in one file, and nothing else of it. */
function rangeOf(source: ScanSource, scan: ScanFile): StoredRows[] {
  const reader = preparedReader(source, scan);
  try {
    const parts: StoredRows[] = [];
    for (let at = 0; at < reader.rows; at += parts.at(-1)!.rows) parts.push(reader.read(at, reader.rows));
    return parts;
  } finally {
    reader.close();
  }
}

function overlaps(file: PreparedFile, range: HashRange): boolean {
  return BigInt(file.lastKeyHash) >= BigInt(range.first) && BigInt(file.firstKeyHash) <= BigInt(range.last);
}

function emptyRows(source: ScanSource): StoredRows {
  const column = (name: string, type: FenlType): RowSetColumn => emptyColumn(name, type);
  return {
    rows: 0,
    keyHash: new BigUint64Array(0),
    time: new BigInt64Array(0),
    subsort: new BigUint64Array(0),
    columns: source.columns.map(({ name, type }) => column(name, type)),
  };
}

/** A column without rows. */
export function emptyColumn(name: string, type: FenlType): RowSetColumn {
  return { name, type, values: new Int32Array(0), ...(isHostType(type) ? { dictionary: [] } : {}) };
}
