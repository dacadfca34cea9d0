import type { FenlType } from "../../values/fenl-type.ts";
import { encodeFlat, FlatReader, type FlatTable, type FlatValue, flatNumber, flatTable } from "./flatbuffer.ts";

/** Arrow's numbers of its types. */
export const ARROW_TYPES = {
  null: 1,
  int: 2,
  float: 3,
  binary: 4,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  time: 9,
  timestamp: 10,
  interval: 11,
  list: 12,
  struct: 13,
  fixedSizeBinary: 15,
  fixedSizeList: 16,
  map: 17,
  duration: 18,
} as const;

/** A type as a schema tells it. */
export interface ArrowType {
  readonly id: number;
  /** What is told of it beside its number. */
  readonly slots: readonly FlatValue[];
}

/** A column of Arrow, or a part of one. */
export interface ArrowData {
  /** Of the texts, where there are codes of a dictionary. */
  readonly type: ArrowType;
  readonly length: number;
  readonly nullCount: number;
  /** As the format has them for the type: the validity, a bit a row, is empty where there are no nulls. */
  readonly buffers: readonly Uint8Array[];
  readonly children: readonly ArrowField[];
  readonly dictionary?: { readonly id: number; readonly values: ArrowData };
}

/** Data with a name. */
export interface ArrowField {
  readonly name: string;
  readonly nullable: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly data: ArrowData;
}

/** The bytes of a typed array. */
export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A signed or unsigned integer of some bits. */
export function intType(bits: number, isSigned: boolean): ArrowType {
  return { id: ARROW_TYPES.int, slots: [flatNumber(4, bits), flatNumber(1, isSigned ? 1 : 0)] };
}

/** What a file begins and ends with. */
export const MAGIC = new TextEncoder().encode("ARROW1");
const NO_MORE = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);
const ZEROS = new Uint8Array(8);
/** Messages by what they have. */
const SCHEMA = 1;
const DICTIONARY = 2;
const RECORDS = 3;
const VERSION = flatNumber(2, 4);

/**
 * An Arrow IPC file of one record batch, in parts, some of which are the columns' own bytes. Apache Arrow's own writer takes
 * each thread 50 ms of a processor until it is fast.
 */
export function arrowFileParts(fields: readonly ArrowField[], rows: number): Uint8Array[] {
  const file = new FileParts();
  const schema = flatTable(flatNumber(2, 0), { kind: "tables", tables: fields.map(fieldTable) });
  file.add(MAGIC);
  file.message(SCHEMA, schema, []);
  const dictionaries: number[] = [];
  for (const { id, values } of fields.flatMap(({ data }) => dictionariesOf(data))) {
    const { table, body } = batchOf([values], values.length);
    dictionaries.push(...file.message(DICTIONARY, flatTable(flatNumber(8, id), table, flatNumber(1, 0)), body));
  }
  const { table, body } = batchOf(
    fields.map(({ data }) => data),
    rows,
  );
  const records = file.message(RECORDS, table, body);
  file.add(NO_MORE);
  const footer = encodeFlat(
    flatTable(
      VERSION,
      schema,
      { kind: "structures", count: dictionaries.length / 3, words: dictionaries },
      { kind: "structures", count: 1, words: records },
    ),
  );
  const end = new Uint8Array(4 + MAGIC.length);
  new DataView(end.buffer).setInt32(0, footer.length, true);
  end.set(MAGIC, 4);
  file.add(footer);
  file.add(end);
  return file.parts;
}

class FileParts {
  readonly parts: Uint8Array[] = [];
  private end = 0;

  /** Adds bytes; all but those at the end are followed by others at a multiple of eight. */
  add(bytes: Uint8Array): void {
    const missing = -this.end & 7;
    for (const part of missing > 0 ? [ZEROS.subarray(0, missing), bytes] : [bytes]) {
      if (part.length > 0) this.parts.push(part);
      this.end += part.length;
    }
  }

  /** Adds a message. @returns its place, the size of what comes before its body, and that of the body */
  message(kind: number, header: FlatTable, body: readonly Uint8Array[]): readonly [number, number, number] {
    const size = body.reduce((sum, bytes) => sum + padded(bytes.length), 0);
    const encoded = encodeFlat(flatTable(VERSION, flatNumber(1, kind), header, flatNumber(8, size)));
    const bytes = new Uint8Array(8 + encoded.length);
    const view = new DataView(bytes.buffer);
    view.setInt32(0, -1, true);
    view.setInt32(4, encoded.length, true);
    bytes.set(encoded, 8);
    this.add(ZEROS.subarray(0, 0));
    const at = this.end;
    this.add(bytes);
    for (const part of body) this.add(part);
    this.add(ZEROS.subarray(0, 0));
    return [at, bytes.length, size];
  }
}

function padded(size: number): number {
  return Math.ceil(size / 8) * 8;
}

function dictionariesOf({ dictionary, children }: ArrowData): { readonly id: number; readonly values: ArrowData }[] {
  return [...(dictionary ? [dictionary] : []), ...children.flatMap(({ data }) => dictionariesOf(data))];
}

function batchOf(
  columns: readonly ArrowData[],
  rows: number,
): { readonly table: FlatTable; readonly body: Uint8Array[] } {
  const nodes: number[] = [];
  const buffers: number[] = [];
  const body: Uint8Array[] = [];
  let end = 0;
  const add = ({ length, nullCount, buffers: own, children }: ArrowData) => {
    nodes.push(length, nullCount);
    for (const bytes of own) {
      buffers.push(end, bytes.length);
      body.push(bytes);
      end += padded(bytes.length);
    }
    for (const { data } of children) add(data);
  };
  for (const column of columns) add(column);
  const table = flatTable(
    flatNumber(8, rows),
    { kind: "structures", count: nodes.length / 2, words: nodes },
    { kind: "structures", count: buffers.length / 2, words: buffers },
  );
  return { table, body };
}

function fieldTable({ name, nullable, metadata, data }: ArrowField): FlatTable {
  const { type, dictionary, children } = data;
  const text = (value: string): FlatValue => ({ kind: "text", text: value });
  const entries = metadata && Object.entries(metadata).map(([key, value]) => flatTable(text(key), text(value)));
  return flatTable(
    text(name),
    flatNumber(1, nullable ? 1 : 0),
    flatNumber(1, type.id),
    flatTable(...type.slots),
    dictionary
      ? flatTable(flatNumber(8, dictionary.id), flatTable(...intType(32, true).slots), flatNumber(1, 0))
      : null,
    { kind: "tables", tables: children.map(fieldTable) },
    entries ? { kind: "tables", tables: entries } : null,
  );
}

/** A field as it is read from a schema. */
export interface SchemaField {
  readonly name: string;
  /** The type's number, and what is told of it beside. */
  readonly typeId: number;
  readonly type: FlatReader | null;
  /** The id of the dictionary, where there are codes. */
  readonly dictionary: number | null;
  readonly children: readonly SchemaField[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** What the end of a file tells: its fields, and where its dictionaries and batches are. */
export interface ArrowFooter {
  readonly fields: readonly SchemaField[];
  readonly dictionaries: readonly ArrowBlock[];
  readonly batches: readonly ArrowBlock[];
}

/** Where a message is, and the size of what comes before its body. */
export interface ArrowBlock {
  readonly offset: number;
  readonly headBytes: number;
}

/** A message, whose size may be marked. @throws RangeError where it is cut off */
function messageOf(bytes: Uint8Array): FlatReader {
  const isMarked = bytes[0] === 0xff && bytes[3] === 0xff;
  return new FlatReader(bytes.subarray(isMarked ? 8 : 4));
}

/** What a message has before its body. @throws Error where it has nothing, or is damaged */
export function messageHeader(head: Uint8Array): FlatReader {
  const header = messageOf(head).table(2);
  if (header === null) throw new RangeError("a message is empty");
  return header;
}

/** Reads a file's footer. */
export function arrowFooter(footer: FlatReader): ArrowFooter {
  // The second word of a block is of four bytes, and what follows them is none of it.
  const blocks = (slot: number) =>
    footer.structures(slot, 3).map(([offset, head]): ArrowBlock => ({ offset: offset!, headBytes: head! % 2 ** 32 }));
  return {
    fields: (footer.table(1)?.tables(1) ?? []).map(schemaField),
    dictionaries: blocks(2),
    batches: blocks(3),
  };
}

function schemaField(field: FlatReader): SchemaField {
  return {
    name: field.text(0),
    typeId: field.number(2, 1),
    type: field.table(3),
    dictionary: field.table(4)?.number(0, 8) ?? null,
    children: field.tables(5).map(schemaField),
    metadata: new Map(field.tables(6).map((entry) => [entry.text(0), entry.text(1)])),
  };
}

/** The fields of a schema that stands by itself, as a message. @throws Error where it is none, or damaged */
export function schemaFields(message: Uint8Array): SchemaField[] {
  const root = messageOf(message);
  if (root.number(1, 1) !== SCHEMA) throw new Error("the message has no schema");
  return root.table(2)!.tables(1).map(schemaField);
}

const UNITS = ["s", "ms", "us", "ns"] as const;

/** The type of times and durations; undefined for all others. */
export function unitTypeOf({ typeId, type }: SchemaField): FenlType | undefined {
  if (typeId === ARROW_TYPES.timestamp) return { kind: `timestamp_${UNITS[type!.number(0, 2)]!}` };
  // Milliseconds are meant where nothing is told.
  return typeId === ARROW_TYPES.duration ? { kind: `duration_${UNITS[type!.number(0, 2, 1)]!}` } : undefined;
}

/** The rows of a batch, and the lengths and nulls and the places of its parts. */
export interface ArrowBatch {
  readonly length: number;
  readonly nodes: readonly { readonly length: number; readonly nullCount: number }[];
  readonly buffers: readonly { readonly offset: number; readonly length: number }[];
}

/** Reads a batch of records. */
export function arrowBatch(batch: FlatReader): ArrowBatch {
  return {
    length: batch.number(0, 8),
    nodes: batch.structures(1, 2).map(([length, nullCount]) => ({ length: length!, nullCount: nullCount! })),
    buffers: batch.structures(2, 2).map(([offset, length]) => ({ offset: offset!, length: length! })),
  };
}

/** Reads a batch of a dictionary; null where it is told how one before goes on. */
export function arrowDictionary(batch: FlatReader): { readonly id: number; readonly values: ArrowBatch } | null {
  const values = batch.table(1);
  return values === null || batch.number(2, 1) !== 0 ? null : { id: batch.number(0, 8), values: arrowBatch(values) };
}
