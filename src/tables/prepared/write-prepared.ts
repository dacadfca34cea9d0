import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { FenlType } from "../../values/fenl-type.ts";
import { gather } from "../gather.ts";
import type { SourceTable } from "../read/source-table.ts";
import type { TableDefinition } from "../table-definition.ts";
import type { PreparedFile, PreparedHead, TableColumn } from "../table-snapshot.ts";
import { writeNewFile } from "../write-new-file.ts";
import { arrowData, aside, denseData } from "./arrow-data.ts";
import { type ArrowData, type ArrowField, arrowFileParts } from "./arrow-file.ts";
import { DERIVED_METADATA } from "./derived-time.ts";
import { firstRows } from "./entity-index.ts";
import type { PreparedRows } from "./prepare.ts";
import { describeRows, prepareRows } from "./prepare.ts";
import {
  ENTITIES_FIELD,
  ENTITY_FIELDS,
  FIRST_METADATA,
  fieldName,
  IDENTITY_FIELDS,
  TYPE_METADATA,
} from "./prepared-fields.ts";
import { earliestRows, headPath, headRows, removePrepared } from "./prepared-head.ts";
import { isStoredByEntity, type StoredIdentity, storedIdentity } from "./stored-identity.ts";
import { rememberWritten } from "./written-here.ts";

/** Sorted rows as an Arrow IPC file of one record batch. */
export function preparedBytes(prepared: PreparedRows): Uint8Array {
  const ids = { next: 0 };
  const identity = storedIdentity(prepared);
  const { entities } = identity;
  const columns = prepared.columns.map((column): StoredColumn => {
    const { name, type } = column;
    if (name !== prepared.key || !isStoredByEntity(type)) {
      return { name, type, data: arrowData(column, prepared.time.length, ids) };
    }
    const keys = gather(column, firstRows(entities));
    return { name, type, byEntity: true, data: arrowData(keys, entities.ends.length, ids) };
  });
  return preparedFileBytes(identity, columns);
}

/** Sorted rows as an Arrow IPC file of one record batch, from their columns as Arrow data; see `preparedFileParts`. */
export function preparedFileBytes(
  identity: StoredIdentity,
  columns: readonly StoredColumn[],
  derived: TableColumn | null = null,
): Uint8Array {
  return Buffer.concat(preparedFileParts(identity, columns, derived));
}

/** A column of a prepared file. */
export interface StoredColumn {
  readonly name: string;
  readonly type: FenlType;
  readonly data: ArrowData;
  /** It has a value for each entity, not for each row. */
  readonly byEntity?: boolean;
}

/**
 * The bytes of `preparedFileBytes` in parts, some of which are the columns' own.
 * @param derived the time column, where it is not among the columns as the rows' times tell it
 */
export function preparedFileParts(
  identity: StoredIdentity,
  columns: readonly StoredColumn[],
  derived: TableColumn | null = null,
): readonly Uint8Array[] {
  const [time, subsort] = IDENTITY_FIELDS;
  const { first, values } = identity.subsorts;
  const fields: ArrowField[] = [
    { name: ENTITIES_FIELD, nullable: false, data: entitiesData(identity, columns) },
    {
      name: time,
      nullable: false,
      ...(derived === null ? {} : { metadata: { [DERIVED_METADATA]: JSON.stringify(derived) } }),
      data: denseData("timestamp_ns", identity.time),
    },
    {
      name: subsort,
      nullable: false,
      ...(first === null ? {} : { metadata: { [FIRST_METADATA]: String(first) } }),
      data: denseData(first === null ? "u64" : "u32", values),
    },
    ...columns.filter(({ byEntity }) => !byEntity).map(storedField),
  ];
  return arrowFileParts(fields, identity.time.length);
}

/** The entities, as a list of none of them for each row: so they are of any number. */
function entitiesData({ entities, time }: StoredIdentity, columns: readonly StoredColumn[]): ArrowData {
  const { hashes, ends } = entities;
  const [hash, end] = ENTITY_FIELDS;
  const fields: ArrowField[] = [
    { name: hash, nullable: false, data: denseData("u64", hashes) },
    { name: end, nullable: false, data: denseData("u32", ends) },
    ...columns.filter(({ byEntity }) => byEntity).map(storedField),
  ];
  return aside(fields, ends.length, time.length);
}

function storedField({ name, type, data }: StoredColumn): ArrowField {
  return { name: fieldName(name), nullable: true, metadata: { [TYPE_METADATA]: JSON.stringify(type) }, data };
}

/** A prepared file, with its checksum where it may outlast the process. */
export interface WrittenFile extends PreparedFile {
  readonly bytes: number;
}

/** The checksum of a file that is there for longer: what goes with its process is as that has written it. */
export function checksumOf(parts: readonly Uint8Array[], durable: boolean): { readonly crc32?: number } {
  return durable ? { crc32: parts.reduce((sum, part) => crc32(part, sum), 0) } : {};
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
      const file = { path, ...description, bytes: bytes.length, ...checksumOf([bytes], durable) };
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
  return writeHeadBytes(path, preparedBytes(head.rows), describeRows(storedIdentity(head.rows)), head.through, durable);
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
  return { ...description, bytes: bytes.length, ...checksumOf([bytes], durable), through: String(through) };
}
