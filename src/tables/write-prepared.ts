import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import type { Data, DataType } from "apache-arrow";
import {
  Field,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  TimestampNanosecond,
  tableToIPC,
  Uint64,
} from "apache-arrow";
import { arrowData } from "./arrow-data.ts";
import type { NamedColumn } from "./column-data.ts";
import { fieldName, IDENTITY_FIELDS, TYPE_METADATA } from "./read-prepared.ts";

/** Rows of a prepared file, sorted. */
export interface PreparedRows {
  readonly keyHash: BigUint64Array;
  readonly time: BigInt64Array;
  readonly subsort: BigUint64Array;
  readonly columns: readonly NamedColumn[];
}

/** Sorted rows as an Arrow IPC file of one record batch. */
export function preparedBytes(prepared: PreparedRows): Uint8Array {
  const rows = prepared.time.length;
  const dense = { length: rows, nullCount: 0 };
  const [keyHash, time, subsort] = IDENTITY_FIELDS;
  const fields: Field[] = [];
  const children: Data[] = [];
  const add = (name: string, data: Data<DataType>, nullable: boolean, metadata?: Map<string, string>) => {
    fields.push(new Field(name, data.type, nullable, metadata));
    children.push(data);
  };
  add(keyHash, makeData({ type: new Uint64(), ...dense, data: prepared.keyHash }), false);
  add(time, makeData({ type: new TimestampNanosecond(), ...dense, data: prepared.time }), false);
  add(subsort, makeData({ type: new Uint64(), ...dense, data: prepared.subsort }), false);
  const ids = { next: 0 };
  for (const column of prepared.columns) {
    const metadata = new Map([[TYPE_METADATA, JSON.stringify(column.type)]]);
    add(fieldName(column.name), arrowData(column, rows, ids), true, metadata);
  }
  const schema = new Schema(fields);
  const batch = new RecordBatch(schema, makeData({ type: new Struct(fields), ...dense, children }));
  return tableToIPC(new Table(schema, [batch]), "file");
}

/** Writes a file that is on the disk when this returns. */
export function writeDurably(path: string, bytes: Uint8Array): void {
  const file = openSync(path, "wx", 0o644);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, Math.min(bytes.length - at, 1 << 30));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
