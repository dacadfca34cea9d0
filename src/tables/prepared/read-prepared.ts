import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";
import type { Data, Field, Struct, Table } from "apache-arrow";
import { tableFromIPC } from "apache-arrow";
import type { FenlType } from "../../values/fenl-type.ts";
import type { ColumnData } from "../column-data.ts";
import { gather } from "../gather.ts";
import { columnFromArrow } from "../read/column-from-arrow.ts";
import { TableError } from "../table-error.ts";
import type { PreparedFile } from "../table-snapshot.ts";
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
  const table = parse(file, options.verify ?? false);
  const { fields } = table.schema;
  const rows = table.numRows;
  if (table.batches.length !== 1 || rows !== file.rows) {
    throw damaged(file.path, `it holds ${rows} rows, and ${file.rows} were written`);
  }
  const { children } = table.batches[0]!.data;
  const position = new Map(fields.map((field, index) => [field.name, index]));
  const find = (name: string): FoundField | undefined => {
    const index = position.get(name);
    return index === undefined ? undefined : { field: fields[index]!, data: children[index]! };
  };
  const require = (name: string): FoundField => {
    const found = find(name);
    if (found === undefined) throw new RangeError(`no field ${JSON.stringify(name)} in ${file.path}`);
    return found;
  };
  const ofRows = (name: string) => require(name).data.values.subarray(0, rows);
  const [timeName, subsortName] = IDENTITY_FIELDS;
  const time = ofRows(timeName) as BigInt64Array;
  const list = find(ENTITIES_FIELD)?.data.children[0];
  const entities = list === undefined ? entityIndex(ofRows(ENTITY_FIELDS[0]) as BigUint64Array) : indexOf(file, list);
  const read = new Map<string, ColumnData>();
  const derived = derivedColumn(require(timeName).field);
  for (const name of columns) {
    if (name === derived?.name) {
      read.set(name, { type: derived.type, values: derivedValues(derived, time) });
      continue;
    }
    const key = list === undefined ? undefined : entityField(list, fieldName(name));
    const { field, data } = key ?? require(fieldName(name));
    const column = columnFromArrow(JSON.parse(field.metadata.get(TYPE_METADATA)!) as FenlType, data);
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
    subsort: subsortsOf(require(subsortName), rows),
    columns: read,
  };
}

interface FoundField {
  readonly field: Field;
  readonly data: Data;
}

function entityField(list: Data, name: string): FoundField | undefined {
  const index = (list.type as Struct).children.findIndex((field) => field.name === name);
  return index < 0 ? undefined : { field: (list.type as Struct).children[index]!, data: list.children[index]! };
}

/** The index of a file. @throws TableError where it cannot be one of the file's rows */
function indexOf(file: PreparedFile, list: Data): EntityIndex {
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

function subsortsOf({ field, data }: FoundField, rows: number): BigUint64Array {
  const first = field.metadata.get(FIRST_METADATA);
  const values = data.values.subarray(0, rows);
  return first === undefined ? values : wholeSubsorts(BigInt(first), values);
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
