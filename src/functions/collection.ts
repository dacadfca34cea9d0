import type { HostValue } from "../values/host-value.ts";
import type { FunctionRecord, HostEvaluation, ListAggregateEvaluation } from "./define.ts";
import { defineFunction } from "./define.ts";
import { equalityKey } from "./value-order.ts";

const NUMBERS =
  "time,key,n,word\n2021-01-01T00:00:00,A,0,pear\n2021-01-02T00:00:00,B,7,fig\n2021-01-03T00:00:00,A,2,kiwi\n2021-01-04T00:00:00,A,,plum\n2021-01-05T00:00:00,A,9,apple\n";

/** Functions that make lists of values, and take lists and maps apart. */
export const collectionFunctions: readonly FunctionRecord[] = [
  defineFunction({
    name: "collect",
    signature: "collect<T: any>(input: T, const max: i64, const min: i64 = 0, window: window = null) -> list<T>",
    family: "collection",
    summary: "The latest values as a list, the oldest first.",
    parameters: {
      input: "A value of any type.",
      max: "How many values the list holds at most; null for all.",
      min: "The list is null while it would hold fewer values than this.",
      window:
        "Which rows count: `since(condition)`, `sliding(n, condition)` or `within(duration)`; by default all so far.",
    },
    nulls: "Null inputs are not collected; fields of a record may be null in it.",
    constantRules: {
      max: (value) =>
        value === null || (typeof value === "bigint" && value >= 1n) ? null : "must be at least 1, or null",
      min: (value) => (typeof value === "bigint" && value >= 0n ? null : "must be at least 0"),
    },
    examples: [
      {
        tables: { Input: NUMBERS },
        query:
          "{ oldest: Input.n | collect(max=2) | index(0), latest: Input.n | collect(max=2) | index(1), held: Input.n | collect(min=2, max=9) | list_len(), before: Input.word | collect(max=2) | index(0) }",
        result:
          "_time,_key,oldest,latest,held,before\n2021-01-01T00:00:00,A,0,,,pear\n2021-01-02T00:00:00,B,7,,,fig\n2021-01-03T00:00:00,A,0,2,2,pear\n2021-01-04T00:00:00,A,0,2,2,kiwi\n2021-01-05T00:00:00,A,2,9,3,plum\n",
      },
    ],
    evaluation: {
      kind: "list-aggregate",
      most: ({ constants: [max] }) => (max == null ? null : Number(max)),
      least: ({ constants: [, min] }) => Number(min ?? 0n),
    } satisfies ListAggregateEvaluation,
  }),
  defineFunction({
    name: "index",
    signature: "index<T: any>(i: i64, list: list<T>) -> T",
    family: "collection",
    operator: "list[i]",
    summary: "The element of a list at a place, counted from zero.",
    parameters: { i: "The place.", list: "The list." },
    nulls: "Null when the list or the place is null, negative or past the end, and where the element is null.",
    examples: [
      {
        tables: { Input: NUMBERS },
        query:
          "let list = collect(Input.n, max=null) in { first: list | index(0), bracket: list[1], none: list[-1], word: collect(Input.word, max=null)[1] }",
        result:
          "_time,_key,first,bracket,none,word\n2021-01-01T00:00:00,A,0,,,\n2021-01-02T00:00:00,B,7,,,\n2021-01-03T00:00:00,A,0,2,,kiwi\n2021-01-04T00:00:00,A,0,2,,kiwi\n2021-01-05T00:00:00,A,0,2,,kiwi\n",
      },
    ],
    evaluation: {
      kind: "host",
      nulls: "strict",
      call: ([place, list]) => {
        const items = list as readonly HostValue[];
        const index = Number(place as bigint);
        return index >= 0 && index < items.length ? items[index]! : null;
      },
    } satisfies HostEvaluation,
  }),
  defineFunction({
    name: "get",
    signature: "get<K: key, V: any>(key: K, map: map<K, V>) -> V",
    family: "collection",
    operator: "map[key]",
    summary: "The value that a map holds for a key.",
    parameters: {
      key: "The key, of the map's key type.",
      map: "The map; columns of Parquet files can be maps. Of equal keys the last one counts.",
    },
    nulls: "Null when the map or the key is null or the map does not have the key.",
    examples: [
      {
        tables: {
          Input:
            'time,key,m,names\n2021-01-01T00:00:00,A,"{""f1"": 0, ""f2"": 22}","{""1"": ""one""}"\n2021-01-02T00:00:00,A,"{""f1"": 15}",{}\n2021-01-03T00:00:00,A,,\n',
        },
        columnTypes: {
          "Input.m": { kind: "map", key: { kind: "string" }, value: { kind: "i64" } },
          "Input.names": { kind: "map", key: { kind: "i64" }, value: { kind: "string" } },
        },
        query:
          '{ f1: get("f1", Input.m), f2: Input.m | get("f2"), bracket: Input.m["f1"], name: Input.names | get(1) }',
        result:
          "_time,_key,f1,f2,bracket,name\n2021-01-01T00:00:00,A,0,22,0,one\n2021-01-02T00:00:00,A,15,,15,\n2021-01-03T00:00:00,A,,,,\n",
      },
    ],
    evaluation: {
      kind: "host",
      nulls: "strict",
      call: ([key, map], types) => {
        const wanted = equalityKey(types.variables.K!, key!);
        const entries = map as readonly (readonly HostValue[])[];
        return entries.findLast(([other]) => equalityKey(types.variables.K!, other!) === wanted)?.[1] ?? null;
      },
    } satisfies HostEvaluation,
  }),
  defineFunction({
    name: "list_len",
    signature: "list_len<T: any>(input: list<T>) -> i32",
    family: "collection",
    summary: "The number of elements of a list, null elements included.",
    parameters: { input: "A list." },
    nulls: "Null when the list is null; 0 when it is empty.",
    examples: [
      {
        tables: { Input: NUMBERS },
        query:
          "{ all: list_len(collect(Input.n, max=null)), from_two: list_len(collect(Input.n, max=null, min=2)), words: list_len(collect(Input.word, max=3)) }",
        result:
          "_time,_key,all,from_two,words\n2021-01-01T00:00:00,A,1,,1\n2021-01-02T00:00:00,B,1,,1\n2021-01-03T00:00:00,A,2,2,2\n2021-01-04T00:00:00,A,2,2,3\n2021-01-05T00:00:00,A,3,3,3\n",
      },
    ],
    evaluation: {
      kind: "host",
      nulls: "strict",
      call: ([input]) => (input as readonly HostValue[]).length,
    } satisfies HostEvaluation,
  }),
  defineFunction({
    name: "flatten",
    signature: "flatten<T: any>(input: list<list<T>>) -> list<T>",
    family: "collection",
    summary: "The elements of a list's lists, in order, as one list.",
    parameters: { input: "A list of lists." },
    nulls: "Null when the list is null; null inner lists add nothing.",
    examples: [
      {
        tables: { Input: NUMBERS },
        query:
          "let pairs = collect(collect(Input.n | if(Input.n > 0), max=2), max=null) in { lists: list_len(pairs), values: list_len(flatten(pairs)), last: flatten(pairs) | index(4), word: flatten(collect(collect(Input.word, max=2), max=null)) | index(2) }",
        result:
          "_time,_key,lists,values,last,word\n2021-01-01T00:00:00,A,1,0,,\n2021-01-02T00:00:00,B,1,1,,\n2021-01-03T00:00:00,A,2,1,,kiwi\n2021-01-04T00:00:00,A,3,2,,kiwi\n2021-01-05T00:00:00,A,4,4,,kiwi\n",
      },
    ],
    evaluation: {
      kind: "host",
      nulls: "strict",
      call: ([input]) => (input as readonly (readonly HostValue[] | null)[]).flatMap((inner) => inner ?? []),
    } satisfies HostEvaluation,
  }),
  defineFunction({
    name: "union",
    signature: "union<T: any>(a: list<T>, b: list<T>) -> list<T>",
    family: "collection",
    summary: "The different elements of two lists, each where it comes first.",
    parameters: { a: "The first list.", b: "The second list." },
    nulls:
      "A null or empty list leaves the other as it is; two of them make an empty list. A null element is one value.",
    examples: [
      {
        tables: { Input: NUMBERS },
        query:
          "let union = union(collect(Input.n, max=2), collect(Input.n, max=null)) in { size: list_len(union), first: union | index(0), last: union | index(2), words: list_len(union(collect(Input.word, max=2), collect(Input.key, max=2))) }",
        result:
          "_time,_key,size,first,last,words\n2021-01-01T00:00:00,A,1,0,,2\n2021-01-02T00:00:00,B,1,7,,2\n2021-01-03T00:00:00,A,2,0,,3\n2021-01-04T00:00:00,A,2,0,,3\n2021-01-05T00:00:00,A,3,2,0,3\n",
      },
    ],
    evaluation: {
      kind: "host",
      nulls: "free",
      call: ([a, b], types) => {
        const first = (a ?? []) as readonly HostValue[];
        const second = (b ?? []) as readonly HostValue[];
        if (first.length === 0) return second;
        if (second.length === 0) return first;
        const distinct = new Map<string, HostValue>();
        for (const item of [...first, ...second]) {
          const key = equalityKey(types.variables.T!, item);
          if (!distinct.has(key)) distinct.set(key, item);
        }
        return [...distinct.values()];
      },
    } satisfies HostEvaluation,
  }),
];
