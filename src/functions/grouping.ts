import type { FunctionRecord } from "./define.ts";
import { defineFunction } from "./define.ts";

/** Functions that cross from one kind of entity to another. */
export const groupingFunctions: readonly FunctionRecord[] = [
  defineFunction({
    name: "lookup",
    signature: "lookup<K: key, T: any>(key: K, value: T) -> T",
    family: "grouping",
    summary: "The value that another entity, named by the key, has at this time.",
    parameters: {
      key: "The key of the entity to look at, of the key type of the value's grouping.",
      value: "A value in the other grouping; wrap a column in `last` to see it after its event.",
    },
    nulls: "Null when the key is null and when the other entity has no value yet.",
    examples: [
      {
        title: "The reviews of a product so far, at each purchase",
        tables: {
          Purchases:
            "time,key,product\n2021-01-02T00:00:00,P,patty\n2021-01-04T00:00:00,P,bits\n2021-01-05T00:00:00,S,patty\n2021-01-06T00:00:00,S,cap\n",
          Reviews:
            "time,key,stars\n2021-01-01T00:00:00,patty,3\n2021-01-03T00:00:00,bits,4\n2021-01-03T12:00:00,patty,5\n2021-01-03T18:00:00,bits,\n",
        },
        groupings: { Purchases: "customer", Reviews: "product" },
        query: "{ product: Purchases.product, stars: mean(Reviews.stars) | lookup(Purchases.product) }",
        result:
          "_time,_key,product,stars\n2021-01-02T00:00:00,P,patty,3.0\n2021-01-04T00:00:00,P,bits,4.0\n2021-01-05T00:00:00,S,patty,4.0\n2021-01-06T00:00:00,S,cap,\n",
      },
      {
        title: "Keys and values of other types",
        tables: {
          Payments: "time,key,target\n2021-01-02T00:00:00,1,2\n2021-01-03T00:00:00,1,3\n2021-01-04T00:00:00,2,\n",
          Accounts: "time,key,owner\n2021-01-01T00:00:00,2,ann\n2021-01-05T00:00:00,3,bob\n",
        },
        groupings: { Payments: "account", Accounts: "account" },
        query: "{ owner: last(Accounts.owner) | lookup(Payments.target) }",
        result: "_time,_key,owner\n2021-01-02T00:00:00,1,ann\n2021-01-03T00:00:00,1,\n2021-01-04T00:00:00,2,\n",
      },
    ],
    evaluation: { kind: "special", role: "lookup" },
  }),
  defineFunction({
    name: "with_key",
    signature: "with_key<K: key, T: any>(key: K, value: T, const grouping: string = null) -> T",
    family: "grouping",
    experimental: true,
    summary: "The same rows under another key, so that aggregations run per value of that key.",
    parameters: {
      key: "The new key.",
      value: "A value of any type, or a table.",
      grouping: "The name of the new grouping; by default that of the key's type.",
    },
    nulls: "Rows with a null key form one entity whose `_key` is empty.",
    examples: [
      {
        tables: {
          Input:
            "time,key,other_key,n\n2021-01-01T00:00:00,A,X,5\n2021-01-02T00:00:00,A,Y,8\n2021-01-03T00:00:00,B,X,\n2021-01-04T00:00:00,B,X,9\n",
        },
        query: "Input | with_key($input.other_key) | { n: $input.n, sum: sum($input.n) }",
        result:
          "_time,_key,n,sum\n2021-01-01T00:00:00,X,5,5\n2021-01-02T00:00:00,Y,8,8\n2021-01-03T00:00:00,X,,5\n2021-01-04T00:00:00,X,9,14\n",
      },
      {
        title: "A single column under an integer key",
        tables: {
          Input: "time,key,code,n\n2021-01-01T00:00:00,A,7,5\n2021-01-02T00:00:00,B,7,8\n2021-01-03T00:00:00,B,,1\n",
        },
        query: "{ sum: sum(Input.n | with_key(Input.code, grouping='code')) }",
        result: "_time,_key,sum\n2021-01-01T00:00:00,7,5\n2021-01-02T00:00:00,7,13\n2021-01-03T00:00:00,,1\n",
      },
    ],
    evaluation: { kind: "special", role: "with_key" },
  }),
];
