import assert from "node:assert/strict";
import {
  Dictionary,
  DurationMicrosecond,
  DurationMillisecond,
  DurationNanosecond,
  DurationSecond,
  Field,
  Int32,
  Int64,
  List,
  Schema,
  Struct,
  Table,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  tableToIPC,
  Utf8,
} from "apache-arrow";
import { schemaFields, unitTypeOf } from "../../src/tables/prepared/arrow-file.ts";
import { typesOfArrowSchema } from "../../src/tables/read/arrow-schema.ts";

describe("the Arrow schema of a file's writer", () => {
  const types = [
    new Int64(),
    new Utf8(),
    new Dictionary(new Utf8(), new Int32()),
    new List(new Field("item", new DurationSecond(), true)),
    new Struct([new Field("inner", new TimestampSecond(), true)]),
    ...[new DurationSecond(), new DurationMillisecond(), new DurationMicrosecond(), new DurationNanosecond()],
    ...[new TimestampSecond(), new TimestampMillisecond(), new TimestampMicrosecond(), new TimestampNanosecond()],
    new TimestampMicrosecond("Europe/Berlin"),
  ];
  const metadata = new Map([["pandas", "{}"]]);
  const schema = new Schema(types.map((type, index) => new Field(`c${index}`, type, true, metadata)));
  const message = tableToIPC(new Table(schema), "stream");

  it("tells the units of times and durations as Apache Arrow does", () => {
    const all = typesOfArrowSchema(Buffer.from(message).toString("base64"))!;
    const expected = [...all].filter(([, { kind }]) => /^(timestamp|duration)_/.test(kind));
    const found = schemaFields(message).flatMap((field) => {
      const type = unitTypeOf(field);
      return type === undefined ? [] : [[field.name, type]];
    });
    assert.deepEqual(found, expected);
    assert.equal(found.length, 9);
  });

  it("is none where it is cut off", () => {
    for (const size of [0, 4, 8, 40, 100]) assert.throws(() => schemaFields(message.subarray(0, size)));
  });
});
