import type { FenlType } from "../values/fenl-type.ts";
import type { CallTypes, Evaluation, FunctionRecord } from "./define.ts";
import { defineFunction } from "./define.ts";
import { equalWat, lessWat } from "./numeric-wat.ts";
import { equalValues } from "./value-order.ts";

const NULLS = "Null when either side is null; `is_valid` tests for null.";
const NUMBERS =
  "time,key,a,b,name\n2021-01-01T00:00:00,A,1.2,1.2,ann\n2021-01-02T00:00:00,A,50.7,6,bob\n2021-01-03T00:00:00,A,,6,ann\n";
const WORDS =
  "time,key,word,number\n2021-01-01T00:00:00,A,apple,1\n2021-01-02T00:00:00,A,cherry,5\n2021-01-03T00:00:00,A,banana,\n";

/** Equality and order. */
export const comparisonFunctions: readonly FunctionRecord[] = [
  defineFunction({
    name: "eq",
    signature: "eq<T: any>(a: T, b: T) -> bool",
    family: "comparison",
    operator: "a == b",
    summary: "True where both sides are the same value after conversion to their common type; NaN equals NaN.",
    parameters: {
      a: "A value of any type; lists and maps are equal where their elements are.",
      b: "The value to compare with.",
    },
    nulls: NULLS,
    examples: [
      {
        tables: { Input: NUMBERS },
        query: "{ equal: Input.a == Input.b, of_ann: Input.name == 'ann' }",
        result:
          "_time,_key,equal,of_ann\n2021-01-01T00:00:00,A,true,true\n2021-01-02T00:00:00,A,false,false\n2021-01-03T00:00:00,A,,true\n",
      },
    ],
    evaluation: (types) => equality(types, "eq"),
  }),
  defineFunction({
    name: "neq",
    signature: "neq<T: any>(a: T, b: T) -> bool",
    family: "comparison",
    operator: "a != b, a <> b",
    summary: "True where the two sides are different values after conversion to their common type.",
    parameters: { a: "A value of any type.", b: "The value to compare with." },
    nulls: NULLS,
    examples: [
      {
        tables: { Input: NUMBERS },
        query: "{ different: Input.a != Input.b, of_others: Input.name != 'ann' }",
        result:
          "_time,_key,different,of_others\n2021-01-01T00:00:00,A,false,false\n2021-01-02T00:00:00,A,true,true\n2021-01-03T00:00:00,A,,false\n",
      },
    ],
    evaluation: (types) => equality(types, "neq"),
  }),
  ordering("lt", "<", "True where `a` comes before `b`.", ["true,true", "false,false", ",true"]),
  ordering("lte", "<=", "True where `a` does not come after `b`.", ["true,true", "true,true", ",true"]),
  ordering("gt", ">", "True where `a` comes after `b`.", ["false,false", "false,false", ",false"]),
  ordering("gte", ">=", "True where `a` does not come before `b`.", ["false,false", "true,true", ",false"]),
];

type OrderName = "lt" | "lte" | "gt" | "gte";

function ordering(name: OrderName, symbol: string, summary: string, rows: readonly [string, string, string]) {
  const [first, second, third] = rows;
  return defineFunction({
    name,
    signature: `${name}<O: ordered>(a: O, b: O) -> bool`,
    family: "comparison",
    operator: `a ${symbol} b`,
    summary: `${summary} Strings compare by their bytes, false comes before true, NaN after every other number.`,
    parameters: { a: "A number, time, length of time, string or bool.", b: "The value to compare with." },
    nulls: NULLS,
    examples: [
      {
        tables: { Input: WORDS },
        query: `{ number: Input.number ${symbol} 5, word: Input.word ${symbol} "cherry" }`,
        result: `_time,_key,number,word\n2021-01-01T00:00:00,A,${first}\n2021-01-02T00:00:00,A,${second}\n2021-01-03T00:00:00,A,${third}\n`,
      },
    ],
    evaluation: (types) => order(operandType(types, "O"), name),
  });
}

function operandType(types: CallTypes, variable: string): FenlType {
  const type = types.variables[variable];
  if (!type) throw new Error(`The call does not bind the type variable ${variable}.`);
  return type;
}

function equality(types: CallTypes, role: "eq" | "neq"): Evaluation {
  const type = operandType(types, "T");
  if (type.kind === "list" || type.kind === "map" || type.kind === "record") {
    return {
      kind: "host",
      nulls: "strict",
      call: ([a, b]) => equalValues(type, a!, b!) === (role === "eq"),
    };
  }
  return {
    kind: "row",
    nulls: "strict",
    wat: ([a, b]) => {
      const equal = equalWat(type, a!.value, b!.value);
      return role === "eq" ? equal : `(i32.eqz ${equal})`;
    },
  };
}

function order(type: FenlType, name: OrderName): Evaluation {
  const swapped = name === "gt" || name === "lte";
  const negated = name === "lte" || name === "gte";
  return {
    kind: "row",
    nulls: "strict",
    wat: ([a, b]) => {
      const less = swapped ? lessWat(type, b!.value, a!.value) : lessWat(type, a!.value, b!.value);
      return negated ? `(i32.eqz ${less})` : less;
    },
  };
}
