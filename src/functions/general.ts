import type { FunctionRecord } from "./define.ts";
import { defineFunction } from "./define.ts";

/** Functions of values of any type. */
export const generalFunctions: readonly FunctionRecord[] = [
  defineFunction({
    name: "is_valid",
    signature: "is_valid<T: any>(input: T) -> bool",
    family: "general",
    summary: "True where there is a value; an empty string and 0 are values.",
    parameters: { input: "A value of any type; of a table, true at its events." },
    nulls: "Never null on the rows of its argument: false where that is null.",
    examples: [
      {
        tables: { Input: "time,key,n\n2021-01-01T00:00:00,A,5\n2021-01-02T00:00:00,A,\n2021-01-03T00:00:00,A,0\n" },
        query: "{ n: is_valid(Input.n), event: is_valid(Input) }",
        result:
          "_time,_key,n,event\n2021-01-01T00:00:00,A,true,true\n2021-01-02T00:00:00,A,false,true\n2021-01-03T00:00:00,A,true,true\n",
      },
    ],
    evaluation: { kind: "special", role: "is_valid" },
  }),
  defineFunction({
    name: "hash",
    signature: "hash<K: key>(input: K) -> u64",
    family: "general",
    summary: "A 64-bit hash that is the same in every run; of an entity key it is the entity's `_key_hash`.",
    parameters: { input: "A bool, number, string, time or record of such." },
    nulls: "Never null: the hash of null is 0.",
    examples: [
      {
        tables: {
          Input: "time,key,word,n\n2021-01-01T00:00:00,A,hello,5\n2021-01-02T00:00:00,A,,\n",
        },
        query: "{ word: hash(Input.word), n: hash(Input.n) }",
        result:
          "_time,_key,word,n\n2021-01-01T00:00:00,A,1472103086483932002,16461383214845928621\n2021-01-02T00:00:00,A,5663277146615294718,0\n",
      },
    ],
    evaluation: { kind: "special", role: "hash" },
  }),
  defineFunction({
    name: "coalesce",
    signature: "coalesce<T: any>(values+: T) -> T",
    family: "general",
    summary: "The first of its arguments that is not null, row by row.",
    parameters: { values: "One or more values; they get their common type." },
    nulls: "Null only when all arguments are null.",
    examples: [
      {
        tables: {
          Input: "time,key,a,b\n2021-01-01T00:00:00,A,1,\n2021-01-02T00:00:00,A,,2\n2021-01-03T00:00:00,A,,\n",
        },
        query:
          "{ first: coalesce(Input.a, Input.b), filled: coalesce(Input.a, Input.b, 9), text: coalesce(Input.key | if(Input.a == 1), 'none') }",
        result:
          "_time,_key,first,filled,text\n2021-01-01T00:00:00,A,1,1,A\n2021-01-02T00:00:00,A,2,2,none\n2021-01-03T00:00:00,A,,9,none\n",
      },
    ],
    evaluation: { kind: "special", role: "coalesce" },
  }),
];
