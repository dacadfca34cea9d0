import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { Data, DataType } from "apache-arrow";
import {
  AsyncByteQueue,
  Field,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  TimestampNanosecond,
  Uint64,
} from "apache-arrow";
import type { FenlType } from "../../values/fenl-type.ts";
import { arrowData } from "../read/arrow-data.ts";
import type { SourceTable } from "../read/source-table.ts";
import type { TableDefinition } from "../table-definition.ts";
import type { PreparedFile, PreparedHead, TableColumn } from "../table-snapshot.ts";
import { writeNewFile } from "../write-new-file.ts";
import { DERIVED_METADATA } from "./derived-time.ts";
import type { PreparedRows, RowIdentities } from "./prepare.ts";
import { describeRows, prepareRows } from "./prepare.ts";
import { earliestRows, headPath, headRows, removePrepared } from "./prepared-head.ts";
import { fieldName, IDENTITY_FIELDS, TYPE_METADATA } from "./read-prepared.ts";
import { rememberWritten } from "./written-here.ts";

/** Sorted rows as an Arrow IPC file of one record batch. */
export function preparedBytes(prepared: PreparedRows): Uint8Array {
  const ids = { next: 0 };
  const columns = prepared.columns.map((column) => {
    return { name: column.name, type: column.type, data: arrowData(column, prepared.time.length, ids) };
  });
  return preparedFileBytes(prepared, columns);
}

/** Sorted rows as an Arrow IPC file of one record batch, from their columns as Arrow data; see `preparedFileParts`. */
export function preparedFileBytes(
  identity: RowIdentities,
  columns: readonly StoredColumn[],
  derived: TableColumn | null = null,
): Uint8Array {
  return Buffer.concat(preparedFileParts(identity, columns, derived));
}

/** Collects what a writer writes, without copying it. */
class PartsOfFile extends AsyncByteQueue {
  readonly parts: Uint8Array[] = [];

  override write(part: Uint8Array): void {
    if (part.byteLength > 0) this.parts.push(part);
  }
}

/** A column of a prepared file. */
export interface StoredColumn {
  readonly name: string;
  readonly type: FenlType;
  readonly data: Data;
}

/**
 * The bytes of `preparedFileBytes` in parts, some of which are the columns' own.
 * @param derived the time column, where it is not among the columns as the rows' times tell it
 */
export function preparedFileParts(
  identity: RowIdentities,
  columns: readonly StoredColumn[],
  derived: TableColumn | null = null,
): readonly Uint8Array[] {
  const rows = identity.time.length;
  const dense = { length: rows, nullCount: 0 };
  const [keyHash, time, subsort] = IDENTITY_FIELDS;
  const fields: Field[] = [];
  const children: Data[] = [];
  const add = (name: string, data: Data<DataType>, nullable: boolean, metadata?: Map<string, string>) => {
    fields.push(new Field(name, data.type, nullable, metadata));
    children.push(data);
  };
  add(keyHash, makeData({ type: new Uint64(), ...dense, data: identity.keyHash }), false);
  const origin = derived === null ? undefined : new Map([[DERIVED_METADATA, JSON.stringify(derived)]]);
  add(time, makeData({ type: new TimestampNanosecond(), ...dense, data: identity.time }), false, origin);
  add(subsort, makeData({ type: new Uint64(), ...dense, data: identity.subsort }), false);
  for (const { name, type, data } of columns) {
    add(fieldName(name), data, true, new Map([[TYPE_METADATA, JSON.stringify(type)]]));
  }
  const schema = new Schema(fields);
  const batch = new RecordBatch(schema, makeData({ type: new Struct(fields), ...dense, children }));
  const file = new PartsOfFile();
  const writer = new RecordBatchFileWriter().reset(file, schema);
  writer.write(batch);
  writer.finish();
  return file.parts;
}

/** A prepared file with what tells damage. */
export interface WrittenFile extends PreparedFile {
  readonly bytes: number;
  readonly crc32: number;
}

/**
 * Prepares a source and writes its files into a directory, under random names. `durable`: they are on the disk
 * afterwards. A failure removes what was written.
 */
export async function writePrepared(
  definition: TableDefinition,
  table: SourceTable,
  directory: string,
  durable: boolean,
  options: { readonly signal?: AbortSignal | undefined; onRows?(rows: number): void } = {},
): Promise<WrittenFile[]> {
  const files: WrittenFile[] = [];
  let written = 0;
  try {
    for await (const { rows, description } of prepareRows(definition, table)) {
      options.signal?.throwIfAborted();
      const bytes = preparedBytes(rows);
      const path = join(directory, `${randomUUID()}.arrow`);
      const file = { path, ...description, bytes: bytes.length, crc32: crc32(bytes) };
      files.push(file);
      writeNewFile(path, bytes, durable);
      rememberWritten(path);
      const head = writeHead(path, rows, durable);
      if (head) files[files.length - 1] = { ...file, head };
      written += description.rows;
      options.onRows?.(written);
    }
    return files;
  } catch (error) {
    for (const { path } of files) removePrepared(path);
    throw error;
  }
}

/** Writes the head of a prepared file beside it, of about `wanted` rows; undefined where the rows need none. */
export function writeHead(
  path: string,
  rows: PreparedRows,
  durable: boolean,
  wanted = headRows(rows.time.length),
): PreparedHead | undefined {
  const head = earliestRows(rows, wanted);
  if (head === null) return undefined;
  return writeHeadBytes(path, preparedBytes(head.rows), describeRows(head.rows), head.through, durable);
}

/** Writes the head of a prepared file beside it. */
export function writeHeadBytes(
  path: string,
  bytes: Uint8Array,
  description: Omit<PreparedFile, "path">,
  through: bigint,
  durable: boolean,
): PreparedHead {
  writeNewFile(headPath(path), bytes, durable);
  return { ...description, bytes: bytes.length, crc32: crc32(bytes), through: String(through) };
}
