import type { FunctionRecord } from "./define.ts";
import { defineFunction } from "./define.ts";

const PEOPLE = "time,key,a,b,c\n2021-01-01T00:00:00,A,1,2,3\n2021-01-02T00:00:00,B,4,,6\n";

/** Functions that make records out of records. */
export const recordFunctions: readonly FunctionRecord[] = [
  defineFunction({
    name: "extend",
    signature: "extend(extension: record, base: record) -> record",
    family: "record",
    summary: "The fields of the extension, then those of the base that the extension does not have.",
    parameters: { extension: "A record whose fields come first and win.", base: "The record to extend." },
    nulls: "Each field keeps its own nulls; the record itself is not null.",
    examples: [
      {
        tables: { Input: PEOPLE },
        query: "{ a: Input.a, b: Input.b } | extend({ sum: $input.a + $input.b, b: 0 })",
        result: "_time,_key,sum,b,a\n2021-01-01T00:00:00,A,3,0,1\n2021-01-02T00:00:00,B,,0,4\n",
      },
    ],
    evaluation: { kind: "special", role: "extend" },
  }),
  defineFunction({
    name: "select_fields",
    signature: "select_fields(record: record, fields+: string) -> record",
    family: "record",
    summary: "The record with only the named fields, in the record's order.",
    parameters: {
      record: "A record; in a pipe, `$input`.",
      fields: "The names of the fields to keep, as string literals.",
    },
    nulls: "Each field keeps its own nulls.",
    examples: [
      {
        tables: { Input: PEOPLE },
        query: "Input | select_fields($input, 'b', 'a')",
        result: "_time,_key,a,b\n2021-01-01T00:00:00,A,1,2\n2021-01-02T00:00:00,B,4,\n",
      },
    ],
    evaluation: { kind: "special", role: "select_fields" },
  }),
  defineFunction({
    name: "remove_fields",
    signature: "remove_fields(record: record, fields+: string) -> record",
    family: "record",
    summary: "The record without the named fields.",
    parameters: {
      record: "A record; in a pipe, `$input`.",
      fields: "The names of the fields to drop, as string literals.",
    },
    nulls: "Each field keeps its own nulls.",
    examples: [
      {
        tables: { Input: PEOPLE },
        query: "Input | remove_fields($input, 'time', 'key', 'a')",
        result: "_time,_key,b,c\n2021-01-01T00:00:00,A,2,3\n2021-01-02T00:00:00,B,,6\n",
      },
    ],
    evaluation: { kind: "special", role: "remove_fields" },
  }),
];
