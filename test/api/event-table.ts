import { Field, Int64, makeData, RecordBatch, Schema, Struct, Table, TimestampNanosecond } from "apache-arrow";

const SECOND = 1_000_000_000n;

/** `rows` events, one a second, with the columns `at`, `key` (as `keyOf` has it) and `n`, the event's number. */
export function eventTable(rows: number, keyOf: (row: number) => number): Table {
  const column = (of: (row: number) => bigint) => BigInt64Array.from({ length: rows }, (_, row) => of(row));
  const columns = {
    at: { type: new TimestampNanosecond(), data: column((row) => BigInt(row) * SECOND) },
    key: { type: new Int64(), data: column((row) => BigInt(keyOf(row))) },
    n: { type: new Int64(), data: column(BigInt) },
  };
  const dense = { length: rows, nullCount: 0 };
  const fields = Object.entries(columns).map(([name, { type }]) => new Field(name, type, false));
  const children = Object.values(columns).map(({ type, data }) =>
    makeData({ type, ...dense, data } as Parameters<typeof makeData>[0]),
  );
  const schema = new Schema(fields);
  return new Table(schema, [new RecordBatch(schema, makeData({ type: new Struct(fields), ...dense, children }))]);
}
