import type { FunctionRecord, Operand } from "./define.ts";
import { defineFunction } from "./define.ts";

const TRUTH_TABLE =
  "time,key,a,b\n2021-01-01T00:00:00,A,true,false\n2021-01-02T00:00:00,A,true,\n2021-01-03T00:00:00,A,false,\n2021-01-04T00:00:00,A,,\n";
const CONDITIONS =
  "time,key,v,c,word\n2021-01-01T00:00:00,A,57.8,false,pear\n2021-01-02T00:00:00,A,58.7,true,fig\n2021-01-03T00:00:00,A,876,,kiwi\n2021-01-04T00:00:00,A,,true,plum\n";

/** Three-valued logic and conditional values. */
export const logicalFunctions: readonly FunctionRecord[] = [
  defineFunction({
    name: "logical_and",
    signature: "logical_and(a: bool, b: bool) -> bool",
    family: "logical",
    operator: "a and b",
    summary: "True where both sides are true, false where one is false.",
    parameters: { a: "A condition.", b: "A condition." },
    nulls: "False where one side is false even when the other is null; otherwise null when a side is null.",
    examples: [
      {
        tables: { Input: TRUTH_TABLE },
        query: "{ both: Input.a and Input.b }",
        result:
          "_time,_key,both\n2021-01-01T00:00:00,A,false\n2021-01-02T00:00:00,A,\n2021-01-03T00:00:00,A,false\n2021-01-04T00:00:00,A,\n",
      },
    ],
    evaluation: {
      kind: "row",
      nulls: "free",
      wat: ([a, b]) => {
        const value = `(i32.and ${isTrue(a!)} ${isTrue(b!)})`;
        return { value, valid: `(i32.or ${value} (i32.or ${isFalse(a!)} ${isFalse(b!)}))` };
      },
    },
  }),
  defineFunction({
    name: "logical_or",
    signature: "logical_or(a: bool, b: bool) -> bool",
    family: "logical",
    operator: "a or b",
    summary: "True where one side is true, false where both are false.",
    parameters: { a: "A condition.", b: "A condition." },
    nulls: "True where one side is true even when the other is null; otherwise null when a side is null.",
    examples: [
      {
        tables: { Input: TRUTH_TABLE },
        query: "{ either: Input.a or Input.b }",
        result:
          "_time,_key,either\n2021-01-01T00:00:00,A,true\n2021-01-02T00:00:00,A,true\n2021-01-03T00:00:00,A,\n2021-01-04T00:00:00,A,\n",
      },
    ],
    evaluation: {
      kind: "row",
      nulls: "free",
      wat: ([a, b]) => {
        const value = `(i32.or ${isTrue(a!)} ${isTrue(b!)})`;
        return { value, valid: `(i32.or ${value} (i32.and ${isFalse(a!)} ${isFalse(b!)}))` };
      },
    },
  }),
  defineFunction({
    name: "not",
    signature: "not(input: bool) -> bool",
    family: "logical",
    operator: "!a",
    summary: "True where the condition is false and false where it is true.",
    parameters: { input: "A condition." },
    nulls: "Null when the condition is null.",
    examples: [
      {
        tables: {
          Input: "time,key,a\n2021-01-01T00:00:00,A,true\n2021-01-02T00:00:00,A,false\n2021-01-03T00:00:00,A,\n",
        },
        query: "{ not: !Input.a }",
        result: "_time,_key,not\n2021-01-01T00:00:00,A,false\n2021-01-02T00:00:00,A,true\n2021-01-03T00:00:00,A,\n",
      },
    ],
    evaluation: { kind: "row", nulls: "strict", wat: ([input]) => `(i32.eqz ${input!.value})` },
  }),
  defineFunction({
    name: "if",
    signature: "if<T: any>(condition: bool, value: T) -> T",
    family: "logical",
    summary: "The value where the condition is true; all rows stay, those of other conditions with null.",
    parameters: { condition: "Which rows keep their value.", value: "A value of any type." },
    nulls: "Null when the condition is false or null, and when the value is null.",
    examples: [
      {
        tables: { Input: CONDITIONS },
        query: "{ v: Input.v | if(Input.c), word: Input.word | if(Input.c) }",
        result:
          "_time,_key,v,word\n2021-01-01T00:00:00,A,,\n2021-01-02T00:00:00,A,58.7,fig\n2021-01-03T00:00:00,A,,\n2021-01-04T00:00:00,A,,plum\n",
      },
    ],
    evaluation: { kind: "special", role: "if" },
  }),
  defineFunction({
    name: "null_if",
    signature: "null_if<T: any>(condition: bool, value: T) -> T",
    family: "logical",
    summary: "The value where the condition is false.",
    parameters: { condition: "Which rows lose their value.", value: "A value of any type." },
    nulls: "Null when the condition is true or null, and when the value is null.",
    examples: [
      {
        tables: { Input: CONDITIONS },
        query: "{ v: Input.v | null_if(Input.c), word: Input.word | null_if(Input.c) }",
        result:
          "_time,_key,v,word\n2021-01-01T00:00:00,A,57.8,pear\n2021-01-02T00:00:00,A,,\n2021-01-03T00:00:00,A,,\n2021-01-04T00:00:00,A,,\n",
      },
    ],
    evaluation: { kind: "special", role: "null_if" },
  }),
  defineFunction({
    name: "else",
    signature: "else<T: any>(default: T, value: T) -> T",
    family: "logical",
    summary: "The value, or the default where the value is null.",
    parameters: { default: "What stands for null.", value: "A value of any type." },
    nulls: "Null only when both arguments are null.",
    examples: [
      {
        tables: { Input: CONDITIONS },
        query: "{ v: Input.v | else(42.0), word: Input.word | if(Input.c) | else('none') }",
        result:
          "_time,_key,v,word\n2021-01-01T00:00:00,A,57.8,none\n2021-01-02T00:00:00,A,58.7,fig\n2021-01-03T00:00:00,A,876.0,none\n2021-01-04T00:00:00,A,42.0,plum\n",
      },
    ],
    evaluation: { kind: "special", role: "else" },
  }),
];

function isTrue(operand: Operand): string {
  return `(i32.and ${operand.valid} ${operand.value})`;
}

function isFalse(operand: Operand): string {
  return `(i32.and ${operand.valid} (i32.eqz ${operand.value}))`;
}
