import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";
import type { FenlType } from "../../values/fenl-type.ts";
import type { ColumnData } from "../column-data.ts";
import { gather } from "../gather.ts";
import { columnFromArrow } from "../read/column-from-arrow.ts";
import { TableError } from "../table-error.ts";
import type { PreparedFile } from "../table-snapshot.ts";
import { type ReadField, readArrowFile } from "./arrow-columns.ts";
import { derivedColumn, derivedValues } from "./derived-time.ts";
import { type EntityIndex, entityIndex, entityOfRows, faultOf, hashesOfRows } from "./entity-index.ts";
import {
  ENTITIES_FIELD,
  ENTITY_FIELDS,
  FIRST_METADATA,
  fieldName,
  IDENTITY_FIELDS,
  TYPE_METADATA,
} from "./prepared-fields.ts";
import { wholeSubsorts } from "./stored-identity.ts";

/** What a prepared file holds, or the part of it that was asked for. */
export interface PreparedColumns {
  readonly rows: number;
  readonly entities: EntityIndex;
  /** Of each row. */
  readonly keyHash: BigUint64Array;
  /** Nanoseconds since 1970. */
  readonly time: BigInt64Array;
  readonly subsort: BigUint64Array;
  /** By the columns' names in the source. */
  readonly columns: ReadonlyMap<string, ColumnData>;
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
  const { rows, fields } = parse(file, options.verify ?? false);
  if (rows !== file.rows) throw damaged(file.path, `it holds ${rows} rows, and ${file.rows} were written`);
  const byName = new Map(fields.map((field) => [field.name, field]));
  const require = (name: string): ReadField => {
    const found = byName.get(name);
    if (found === undefined) throw new RangeError(`no field ${JSON.stringify(name)} in ${file.path}`);
    return found;
  };
  const [times, subsorts] = IDENTITY_FIELDS.map((name) => byName.get(name));
  if (times === undefined || subsorts === undefined)
    throw damaged(file.path, "it does not tell what identifies its rows");
  const time = times.data.values.subarray(0, rows) as BigInt64Array;
  const list = byName.get(ENTITIES_FIELD)?.data.fields[0]?.data;
  const entities =
    list === undefined
      ? entityIndex(require(ENTITY_FIELDS[0]).data.values.subarray(0, rows) as BigUint64Array)
      : indexOf(file, list);
  const read = new Map<string, ColumnData>();
  const derived = derivedColumn(times);
  for (const name of columns) {
    if (name === derived?.name) {
      read.set(name, { type: derived.type, values: derivedValues(derived, time) });
      continue;
    }
    const key = list === undefined ? undefined : entityField(list, fieldName(name));
    const { metadata, data } = key ?? require(fieldName(name));
    const column = columnFromArrow(JSON.parse(metadata.get(TYPE_METADATA)!) as FenlType, data);
    read.set(name, key === undefined ? column : gather(column, entityOfRows(entities)));
  }
  let keyHash: BigUint64Array | undefined;
  return {
    rows,
    entities,
    get keyHash() {
      keyHash ??= hashesOfRows(entities);
      return keyHash;
    },
    time,
    subsort: subsortsOf(subsorts, rows),
    columns: read,
  };
}

function entityField({ fields }: ReadField["data"], name: string): ReadField | undefined {
  return fields.find((field) => field.name === name);
}

/** The index of a file. @throws TableError where it cannot be one of the file's rows */
function indexOf(file: PreparedFile, list: ReadField["data"]): EntityIndex {
  const [hashes, ends] = ENTITY_FIELDS.map((name) => entityField(list, name)?.data.values.subarray(0, list.length));
  if (hashes?.length !== list.length || ends?.length !== list.length) throw damagedIndex(file, "some of it is missing");
  const index: EntityIndex = { hashes, ends };
  const fault = faultOf(index, file.rows);
  if (fault !== null) throw damagedIndex(file, fault);
  return index;
}

/** The error that a file's index is damaged. */
export function damagedIndex({ path }: PreparedFile, why: string): TableError {
  return damaged(path, `in its index of entities, ${why}`);
}

function subsortsOf({ metadata, data }: ReadField, rows: number): BigUint64Array {
  const first = metadata.get(FIRST_METADATA);
  const values = data.values.subarray(0, rows);
  return first === undefined ? values : wholeSubsorts(BigInt(first), values);
}

function damaged(path: string, why: string, cause?: unknown): TableError {
  return new TableError("store", `${path} is damaged: ${why}; load the table's data again`, { file: path }, { cause });
}

/** Files whose checksums were found right in this thread. */
const verified = new Set<string>();

function parse({ path, crc32: expected }: PreparedFile, verify: boolean): ReturnType<typeof readArrowFile> {
  const bytes = readBytes(path);
  if (expected !== undefined && (verify || !verified.has(path))) {
    if (crc32(bytes) !== expected) throw damaged(path, "its checksum does not fit its content");
    verified.add(path);
  }
  try {
    return readArrowFile(bytes);
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
