import type { FunctionRecord, TickUnit } from "./define.ts";
import { defineFunction } from "./define.ts";

const SERIES =
  "time,key,n\n2021-01-01T00:00:00,A,2\n2021-01-02T00:00:00,A,9\n2021-01-02T12:00:00,B,1\n2021-01-03T00:00:00,A,4\n2021-01-04T00:00:00,A,\n2021-01-05T00:00:00,A,8\n2021-01-06T00:00:00,A,1\n";

/** Windows of aggregations, and the ticks of the calendar. */
export const windowFunctions: readonly FunctionRecord[] = [
  defineFunction({
    name: "since",
    signature: "since(condition: bool) -> window",
    family: "window",
    summary:
      "The window that begins after the last row on which the condition was true; that row itself still belongs to the window it ends.",
    parameters: { condition: "When to start anew; a table means each of its events, a tick each boundary." },
    nulls: "A null condition does not end the window; an empty window sums to null and counts to 0.",
    examples: [
      {
        tables: { Input: SERIES },
        query: "{ sum: sum(Input.n, window=since(Input.n > 5)) }",
        result:
          "_time,_key,sum\n2021-01-01T00:00:00,A,2\n2021-01-02T00:00:00,A,11\n2021-01-02T12:00:00,B,1\n2021-01-03T00:00:00,A,4\n2021-01-04T00:00:00,A,4\n2021-01-05T00:00:00,A,12\n2021-01-06T00:00:00,A,1\n",
      },
    ],
    evaluation: { kind: "special", role: "since" },
  }),
  defineFunction({
    name: "sliding",
    signature: "sliding(const duration: i64, condition: bool) -> window",
    family: "window",
    summary:
      "The window of the current interval and the ones before it, where each row on which the condition is true ends an interval.",
    parameters: {
      duration: "How many intervals the window spans, the current one included.",
      condition: "When an interval ends: `is_valid(Table)` for the last events, `daily()` for the last calendar days.",
    },
    nulls: "A null condition does not end the interval.",
    constantRules: { duration: (value) => (typeof value === "bigint" && value >= 1n ? null : "must be at least 1") },
    examples: [
      {
        tables: { Input: SERIES },
        query:
          "{ sum: sum(Input.n, window=sliding(2, Input.n > 5)), last_two: sum(Input.n, window=sliding(2, is_valid(Input))) }",
        result:
          "_time,_key,sum,last_two\n2021-01-01T00:00:00,A,2,2\n2021-01-02T00:00:00,A,11,11\n2021-01-02T12:00:00,B,1,1\n2021-01-03T00:00:00,A,15,13\n2021-01-04T00:00:00,A,15,4\n2021-01-05T00:00:00,A,23,8\n2021-01-06T00:00:00,A,13,9\n",
      },
    ],
    evaluation: { kind: "special", role: "sliding" },
  }),
  defineFunction({
    name: "within",
    signature: "within<D: timedelta>(const duration: D) -> window",
    family: "window",
    summary:
      "The window of true time that ends at the row: the values whose time is later than the row's time minus the duration.",
    parameters: {
      duration: "How far back the window reaches: `hours(3)`, `days(7)`; not months, whose lengths differ.",
    },
    nulls: "Null inputs are skipped, as in every window.",
    examples: [
      {
        title: "A value leaves the window exactly when it is two days old",
        tables: { Input: SERIES },
        query: "{ sum: sum(Input.n, window=within(days(2))), events: count(Input, window=within(days(2))) }",
        result:
          "_time,_key,sum,events\n2021-01-01T00:00:00,A,2,1\n2021-01-02T00:00:00,A,11,2\n2021-01-02T12:00:00,B,1,1\n2021-01-03T00:00:00,A,13,2\n2021-01-04T00:00:00,A,4,2\n2021-01-05T00:00:00,A,8,2\n2021-01-06T00:00:00,A,9,2\n",
      },
    ],
    evaluation: { kind: "special", role: "within" },
  }),
  tick("minutely", "minute", {
    tables: "time,key,n\n2021-01-01T10:00:30,A,1\n2021-01-01T10:01:10,B,\n2021-01-01T10:02:00,A,4\n",
    result: "_time,_key,sum\n2021-01-01T10:01:00,A,1\n2021-01-01T10:02:00,B,\n2021-01-01T10:02:00,A,5\n",
  }),
  tick("hourly", "hour", {
    tables: "time,key,n\n2021-01-01T10:30:00,A,1\n2021-01-01T11:10:00,B,\n2021-01-01T12:00:00,A,4\n",
    result: "_time,_key,sum\n2021-01-01T11:00:00,A,1\n2021-01-01T12:00:00,B,\n2021-01-01T12:00:00,A,5\n",
  }),
  tick("daily", "day at midnight", {
    tables:
      "time,key,n\n2021-12-19T04:00:00,A,1\n2021-12-20T01:00:00,B,\n2021-12-20T22:00:00,A,4\n2021-12-21T07:00:00,A,6\n",
    result: "_time,_key,sum\n2021-12-20T00:00:00,A,1\n2021-12-21T00:00:00,B,\n2021-12-21T00:00:00,A,5\n",
  }),
  tick("weekly", "week, on Monday at midnight", {
    tables:
      "time,key,n\n2021-12-19T04:00:00,A,1\n2021-12-20T01:00:00,B,\n2021-12-26T22:00:00,A,4\n2021-12-27T07:00:00,A,6\n",
    result: "_time,_key,sum\n2021-12-20T00:00:00,A,1\n2021-12-27T00:00:00,B,\n2021-12-27T00:00:00,A,5\n",
  }),
  tick("monthly", "month, on its first day at midnight", {
    tables: "time,key,n\n2021-01-31T04:00:00,A,1\n2021-02-15T00:00:00,B,\n2021-03-01T00:00:00,A,4\n",
    result: "_time,_key,sum\n2021-02-01T00:00:00,A,1\n2021-03-01T00:00:00,B,\n2021-03-01T00:00:00,A,5\n",
  }),
  tick("yearly", "year, on January 1st at midnight", {
    tables: "time,key,n\n2020-06-01T00:00:00,A,1\n2021-02-15T00:00:00,B,\n2022-03-01T00:00:00,A,4\n",
    result: "_time,_key,sum\n2021-01-01T00:00:00,A,1\n2022-01-01T00:00:00,B,\n2022-01-01T00:00:00,A,1\n",
  }),
  defineFunction({
    name: "finished",
    signature: "finished() -> bool",
    family: "window",
    summary: "A tick once per entity, one nanosecond after the last input, for final values.",
    parameters: {},
    nulls: "True at its own rows, null elsewhere.",
    examples: [
      {
        tables: { Input: "time,key,n\n2021-01-01T00:00:00,A,1\n2021-01-02T00:00:00,A,\n2021-01-03T00:00:00,A,4\n" },
        query: "{ sum: sum(Input.n) } | when(finished())",
        result: "_time,_key,sum\n2021-01-03T00:00:00.000000001,A,5\n",
      },
    ],
    evaluation: { kind: "special", role: "tick" },
  }),
];

function tick(unit: TickUnit, boundary: string, example: { tables: string; result: string }): FunctionRecord {
  return defineFunction({
    name: unit,
    signature: `${unit}() -> bool`,
    family: "window",
    summary: `True at the beginning of each ${boundary} (UTC), in a row of its own for every entity seen so far.`,
    parameters: {},
    nulls: "True at its own rows, null elsewhere; there, table columns are null and aggregations keep their value.",
    examples: [
      {
        tables: { Input: example.tables },
        query: `{ sum: sum(Input.n) } | when(${unit}())`,
        result: example.result,
      },
    ],
    evaluation: { kind: "special", role: "tick", unit },
  });
}
