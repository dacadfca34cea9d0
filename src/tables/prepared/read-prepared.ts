import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";
import type { Table } from "apache-arrow";
import { tableFromIPC } from "apache-arrow";
import type { FenlType } from "../../values/fenl-type.ts";
import type { ColumnData } from "../column-data.ts";
import { columnFromArrow } from "../read/column-from-arrow.ts";
import { TableError } from "../table-error.ts";
import type { PreparedFile } from "../table-snapshot.ts";
import { derivedColumn, derivedValues } from "./derived-time.ts";

/** What a prepared file holds, or the part of it that was asked for. */
export interface PreparedColumns {
  readonly rows: number;
  readonly keyHash: BigUint64Array;
  /** Nanoseconds since 1970. */
  readonly time: BigInt64Array;
  readonly subsort: BigUint64Array;
  /** By the columns' names in the source. */
  readonly columns: ReadonlyMap<string, ColumnData>;
}

/** The field metadata under which a column's Fenl type is kept, as JSON. */
export const TYPE_METADATA = "fenl:type";

/** The fields before the source's columns. */
export const IDENTITY_FIELDS = ["_key_hash", "_time", "_subsort"] as const;

/** The field name of a source's column: prefixed, so that no name meets those of the identity. */
export function fieldName(column: string): string {
  return `.${column}`;
}

/**
 * Reads columns of a prepared file, by the source's names; the file's checksum is verified when a thread reads it
 * first, with `verify` always. Arrays are views of the file's bytes
 * where types allow.
 */
export function readPrepared(
  file: PreparedFile,
  columns: readonly string[],
  options: { readonly verify?: boolean } = {},
): PreparedColumns {
  const table = parse(file, options.verify ?? false);
  const { fields } = table.schema;
  const rows = table.numRows;
  if (table.batches.length !== 1 || rows !== file.rows) {
    throw damaged(file.path, `it holds ${rows} rows, and ${file.rows} were written`);
  }
  const children = table.batches[0]!.data.children;
  const position = new Map(fields.map((field, index) => [field.name, index]));
  const child = (name: string) => {
    const index = position.get(name);
    if (index === undefined) throw new RangeError(`no field ${JSON.stringify(name)} in ${file.path}`);
    return index;
  };
  const [keyHash, time, subsort] = IDENTITY_FIELDS.map((name) => children[child(name)]!.values.subarray(0, rows)) as [
    BigUint64Array,
    BigInt64Array,
    BigUint64Array,
  ];
  const read = new Map<string, ColumnData>();
  const derived = derivedColumn(fields[child(IDENTITY_FIELDS[1])]!);
  for (const name of columns) {
    if (name === derived?.name) {
      read.set(name, { type: derived.type, values: derivedValues(derived, time) });
      continue;
    }
    const index = child(fieldName(name));
    const type = JSON.parse(fields[index]!.metadata.get(TYPE_METADATA)!) as FenlType;
    read.set(name, columnFromArrow(type, children[index]!));
  }
  return { rows, keyHash, time, subsort, columns: read };
}

function damaged(path: string, why: string, cause?: unknown): TableError {
  return new TableError("store", `${path} is damaged: ${why}; load the table's data again`, { file: path }, { cause });
}

/** Files whose checksums were found right in this thread. */
const verified = new Set<string>();

function parse({ path, crc32: expected }: PreparedFile, verify: boolean): Table {
  const bytes = readBytes(path);
  if (expected !== undefined && (verify || !verified.has(path))) {
    if (crc32(bytes) !== expected) throw damaged(path, "its checksum does not fit its content");
    verified.add(path);
  }
  try {
    return tableFromIPC(bytes);
  } catch (error) {
    throw damaged(path, "it cannot be read as an Arrow file", error);
  }
}

const VERIFIED_AT_ONCE = 1 << 20;

/** Verifies the checksum of a file, a part of it in memory at a time. @throws TableError where it is damaged or gone */
export function verifyPrepared({ path, crc32: expected }: PreparedFile): void {
  if (expected === undefined) return;
  let found = 0;
  const bytes = Buffer.allocUnsafe(VERIFIED_AT_ONCE);
  const file = orGone(path, () => openSync(path, "r"));
  try {
    for (let count = readSync(file, bytes); count > 0; count = readSync(file, bytes)) {
      found = crc32(bytes.subarray(0, count), found);
    }
  } finally {
    closeSync(file);
  }
  if (found !== expected) throw damaged(path, "its checksum does not fit its content");
  verified.add(path);
}

function readBytes(path: string): Uint8Array {
  return orGone(path, () => readFileSync(path));
}

function orGone<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new TableError(
      "store",
      `the prepared file ${path} cannot be read (${(error as NodeJS.ErrnoException).code}): the table was deleted, or the store was changed from outside`,
      { file: path },
      { cause: error },
    );
  }
}
