import {
  Field,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  TimestampNanosecond,
  Uint64,
} from "apache-arrow";
import type { PreparedRows } from "../../src/tables/prepared/prepare.ts";
import { fieldName, TYPE_METADATA } from "../../src/tables/prepared/read-prepared.ts";
import { arrowData } from "../../src/tables/read/arrow-data.ts";

/** Rows as a prepared file of stores up to format 3: a key hash and a subsort of 64 bits for each row, and all columns. */
export function formerBytes({ keyHash, time, subsort, columns }: PreparedRows): Uint8Array {
  const rows = time.length;
  const ids = { next: 0 };
  const dense = { length: rows, nullCount: 0 };
  const parts = [
    { name: "_key_hash", nullable: false, data: makeData({ type: new Uint64(), ...dense, data: keyHash }) },
    { name: "_time", nullable: false, data: makeData({ type: new TimestampNanosecond(), ...dense, data: time }) },
    { name: "_subsort", nullable: false, data: makeData({ type: new Uint64(), ...dense, data: subsort }) },
    ...columns.map((column) => ({
      name: fieldName(column.name),
      nullable: true,
      data: arrowData(column, rows, ids),
      metadata: new Map([[TYPE_METADATA, JSON.stringify(column.type)]]),
    })),
  ];
  const fields = parts.map(({ name, data, nullable, ...more }) => {
    return new Field(name, data.type, nullable, "metadata" in more ? more.metadata : undefined);
  });
  const schema = new Schema(fields);
  const data = makeData({ type: new Struct(fields), ...dense, children: parts.map((part) => part.data) });
  return RecordBatchFileWriter.writeAll([new RecordBatch(schema, data)]).toUint8Array(true);
}
