import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { arrayOf } from "../../tables/prepared/arrow-columns.ts";
import {
  ARROW_TYPES,
  type ArrowBatch,
  type ArrowBlock,
  arrowBatch,
  arrowDictionary,
  arrowFooter,
  messageHeader,
  type SchemaField,
} from "../../tables/prepared/arrow-file.ts";
import { derivedColumn, nanosecondsOf } from "../../tables/prepared/derived-time.ts";
import { FlatReader } from "../../tables/prepared/flatbuffer.ts";
import {
  ENTITIES_FIELD,
  ENTITY_FIELDS,
  FIRST_METADATA,
  fieldName,
  IDENTITY_FIELDS,
} from "../../tables/prepared/prepared-fields.ts";
import { readPrepared } from "../../tables/prepared/read-prepared.ts";
import type { PreparedFile } from "../../tables/table-snapshot.ts";

/** Bytes of a file. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Where a column of fixed width stands in a prepared file. */
export interface ColumnPlace {
  /** Bits of bools, codes of texts, or values. */
  readonly form: "bits" | "codes" | "values";
  /** Bytes of a row, where they are what a stage reads: 4 or 8. */
  readonly width: number | null;
  /** A bit per row; null: all valid. */
  readonly validity: ByteRange | null;
  readonly values: ByteRange;
  /** Of a column of texts: the distinct ones. */
  readonly texts: TextsPlace | null;
  /** Whether there is a value for each entity, and not for each row. */
  readonly byEntity: boolean;
}

/** Where subsorts are: 8 bytes a row, or 4 to which the first is added. */
export interface SubsortsPlace extends ByteRange {
  readonly first: bigint | null;
}

/** Where the index of a file's entities is: a hash of 8 bytes for each, and 4 bytes for where its rows end. */
export interface EntitiesPlace {
  readonly count: number;
  readonly hashes: ByteRange;
  readonly ends: ByteRange;
}

/** Texts in a file: `count + 1` offsets of 4 bytes, and the bytes between them. */
export interface TextsPlace {
  readonly count: number;
  readonly offsets: ByteRange;
  readonly bytes: ByteRange;
}

/** Where a prepared file's columns are. */
export interface PreparedLayout {
  /** The entities, or the key hash of each row in files of earlier versions. */
  readonly entities: EntitiesPlace | null;
  readonly keyHash: ByteRange | null;
  readonly time: ByteRange;
  readonly subsort: SubsortsPlace;
  /** By the columns' names in the source; without those whose values vary in size. */
  readonly columns: ReadonlyMap<string, ColumnPlace>;
}

const MAGIC = "ARROW1";
const known = new Map<string, PreparedLayout | null>();
const MOST_KNOWN = 4096;

/**
 * The layout of a prepared file, from its end alone; null for a file that is not laid out as one. Cached: files do not
 * change.
 * @throws TableError where there is no such file
 */
export function preparedLayout(file: PreparedFile): PreparedLayout | null {
  let layout = known.get(file.path);
  if (layout === undefined) {
    layout = existsSync(file.path) ? layoutOrNull(file) : null;
    // The reader of whole files says what is wrong with one that is gone or damaged.
    if (layout === null) readPrepared(file, []);
    if (known.size === MOST_KNOWN) known.clear();
    known.set(file.path, layout);
  }
  return layout;
}

/** Whether a column of a file is known to have no nulls. */
export function isWithoutNulls(file: PreparedFile, column: string): boolean {
  return preparedLayout(file)?.columns.get(column)?.validity === null;
}

/** The layout; null where the end of the file tells of what is not there. */
function layoutOrNull(file: PreparedFile): PreparedLayout | null {
  try {
    return readLayout(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== undefined) throw error;
    return null;
  }
}

function readLayout(prepared: PreparedFile): PreparedLayout | null {
  const file = openSync(prepared.path, "r");
  try {
    const size = fstatSync(file).size;
    const end = readBytes(file, Math.max(0, size - 10), Math.min(size, 10));
    if (size < 16 || end.toString("latin1", 4) !== MAGIC) return null;
    const footerBytes = end.readInt32LE(0);
    if (footerBytes <= 0 || footerBytes > size) return null;
    const footer = arrowFooter(new FlatReader(readBytes(file, size - 10 - footerBytes, footerBytes)));
    if (footer.batches.length !== 1) return null;
    const dictionaries = new Map<number, TextsPlace>();
    for (const block of footer.dictionaries) {
      const { header, body } = readMessage(file, block);
      const dictionary = arrowDictionary(header);
      if (dictionary === null || dictionaries.has(dictionary.id)) return null;
      const { id, values } = dictionary;
      const [, offsets, bytes] = values.buffers;
      if (values.buffers.length === 3) {
        dictionaries.set(id, { count: values.length, offsets: place(body, offsets!), bytes: place(body, bytes!) });
      }
    }
    const { header, body } = readMessage(file, footer.batches[0]!);
    const batch = arrowBatch(header);
    if (batch.length !== prepared.rows) return null;
    return columnsOf(footer.fields, batch, body, dictionaries);
  } finally {
    closeSync(file);
  }
}

function columnsOf(
  schema: readonly SchemaField[],
  batch: ArrowBatch,
  body: number,
  dictionaries: ReadonlyMap<number, TextsPlace>,
): PreparedLayout | null {
  let node = 0;
  let buffer = 0;
  const columns = new Map<string, ColumnPlace>();
  let entities: EntitiesPlace | null = null;
  const addColumns = (fields: readonly SchemaField[], byEntity: boolean): boolean => {
    for (const field of fields) {
      const { name, dictionary } = field;
      const shape = partsOf(field);
      if (shape === null) return false;
      if (shape.fixed) {
        const { nullCount } = batch.nodes[node]!;
        columns.set(name, {
          form: dictionary !== null ? "codes" : field.typeId === ARROW_TYPES.bool ? "bits" : "values",
          width: widthOf(field),
          validity: nullCount === 0 ? null : place(body, batch.buffers[buffer]!),
          values: place(body, batch.buffers[buffer + 1]!),
          texts: dictionary === null ? null : (dictionaries.get(dictionary) ?? null),
          byEntity,
        });
      }
      node += shape.nodes;
      buffer += shape.buffers;
    }
    return true;
  };
  for (const field of schema) {
    if (field.name !== ENTITIES_FIELD) {
      if (!addColumns([field], false)) return null;
      continue;
    }
    // The list, and the structure that it is of.
    const count = batch.nodes[node + 1]!.length;
    [node, buffer] = [node + 2, buffer + 2];
    if (!addColumns(field.children[0]!.children, true)) return null;
    const [hashes, ends] = ENTITY_FIELDS.map((name) => columns.get(name)?.values);
    if (!hashes || !ends || hashes.length < 8 * count || ends.length < 4 * count) return null;
    entities = { count, hashes, ends };
  }
  const [time, subsort] = IDENTITY_FIELDS.map((name) => columns.get(name)?.values);
  const keyHash = entities === null ? columns.get(ENTITY_FIELDS[0])?.values : null;
  if (keyHash === undefined || !time || !subsort) return null;
  const prefix = fieldName("");
  const stored = [...columns].filter(([name]) => name.startsWith(prefix));
  const own = new Map(stored.map(([name, column]) => [name.slice(prefix.length), column]));
  const [times, subsorts] = IDENTITY_FIELDS.map((name) => schema.find((field) => field.name === name)!);
  const derived = derivedColumn(times!);
  if (derived !== null) {
    // In another unit they are no bytes of the file.
    const width = nanosecondsOf(derived.type) === 1n ? 8 : null;
    own.set(derived.name, { form: "values", width, validity: null, values: time, texts: null, byEntity: false });
  }
  const first = subsorts!.metadata.get(FIRST_METADATA);
  return {
    entities,
    keyHash,
    time,
    subsort: { ...subsort, first: first === undefined ? null : BigInt(first) },
    columns: own,
  };
}

/** Bytes of a row, where they are what a stage reads. */
function widthOf(field: SchemaField): number | null {
  if (field.dictionary !== null) return 4;
  const width = arrayOf(field)?.BYTES_PER_ELEMENT ?? 0;
  return width >= 4 ? width : null;
}

/** How many nodes and buffers of a batch a field takes; null: not known. */
function partsOf(field: SchemaField): { nodes: number; buffers: number; fixed: boolean } | null {
  if (field.dictionary !== null) return { nodes: 1, buffers: 2, fixed: true };
  switch (field.typeId) {
    case ARROW_TYPES.null:
      return { nodes: 1, buffers: 0, fixed: false };
    case ARROW_TYPES.utf8:
    case ARROW_TYPES.binary:
      return { nodes: 1, buffers: 3, fixed: false };
    case ARROW_TYPES.int:
    case ARROW_TYPES.float:
    case ARROW_TYPES.bool:
    case ARROW_TYPES.date:
    case ARROW_TYPES.time:
    case ARROW_TYPES.timestamp:
    case ARROW_TYPES.interval:
    case ARROW_TYPES.duration:
    case ARROW_TYPES.decimal:
    case ARROW_TYPES.fixedSizeBinary:
      return { nodes: 1, buffers: 2, fixed: true };
    case ARROW_TYPES.list:
    case ARROW_TYPES.map:
    case ARROW_TYPES.struct: {
      const own = field.typeId === ARROW_TYPES.struct ? 1 : 2;
      let total: ReturnType<typeof partsOf> = { nodes: 1, buffers: own, fixed: false };
      for (const child of field.children) {
        const parts = partsOf(child);
        if (parts === null) return null;
        total = { nodes: total.nodes + parts.nodes, buffers: total.buffers + parts.buffers, fixed: false };
      }
      return total;
    }
    default:
      return null;
  }
}

function readMessage(file: number, { offset, headBytes }: ArrowBlock): { header: FlatReader; body: number } {
  return { header: messageHeader(readBytes(file, offset, headBytes)), body: offset + headBytes };
}

function place(body: number, buffer: { offset: number; length: number }): ByteRange {
  return { offset: body + buffer.offset, length: buffer.length };
}

function readBytes(file: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  readAt(file, bytes, at);
  return bytes;
}

/** Fills bytes from a place of a file. @throws RangeError if the file ends before. */
export function readAt(file: number, bytes: Uint8Array, at: number): void {
  for (let read = 0; read < bytes.length; ) {
    const count = readSync(file, bytes, read, Math.min(bytes.length - read, 1 << 30), at + read);
    if (count === 0) throw new RangeError("a prepared file ends before its data does");
    read += count;
  }
}
