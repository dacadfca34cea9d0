import { representationOf } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";
import type { AggregateCall, AggregateEvaluation, FunctionRecord } from "./define.ts";
import { defineFunction } from "./define.ts";

const MOST_BACK = 100_000n;

/** Functions that move values along time or choose which rows there are. */
export const shiftFunctions: readonly FunctionRecord[] = [
  defineFunction({
    name: "when",
    signature: "when<T: any>(condition: bool, value: T) -> T",
    family: "time",
    summary: "Keeps the rows on which the condition is true and drops the others.",
    parameters: {
      condition: "Which rows stay; a tick makes rows of its own.",
      value: "A value of any type, or a table.",
    },
    nulls: "Rows with a null condition are dropped; a null value stays.",
    examples: [
      {
        tables: {
          Input:
            "time,key,n\n2021-01-01T00:00:00,A,2\n2021-01-02T00:00:00,B,9\n2021-01-03T00:00:00,A,\n2021-01-04T00:00:00,A,8\n",
        },
        query: "{ n: Input.n, sum: sum(Input.n) } | when($input.n > 5)",
        result: "_time,_key,n,sum\n2021-01-02T00:00:00,B,9,9\n2021-01-04T00:00:00,A,8,10\n",
      },
      {
        title: "Of a single value; an aggregation of it takes the rows that are left",
        tables: {
          Input:
            "time,key,n\n2021-01-01T00:00:00,A,2\n2021-01-02T00:00:00,B,9\n2021-01-03T00:00:00,A,\n2021-01-04T00:00:00,A,8\n",
        },
        query: "{ large: sum(Input.n | when(Input.n > 5)) }",
        result: "_time,_key,large\n2021-01-02T00:00:00,B,9\n2021-01-04T00:00:00,A,8\n",
      },
    ],
    evaluation: { kind: "special", role: "when" },
  }),
  defineFunction({
    name: "shift_to",
    signature: "shift_to<T: any>(time: timestamp_ns, value: T) -> T",
    family: "time",
    summary: "Moves each row to a later time.",
    parameters: { time: "Where the row moves; an earlier time than its own drops it.", value: "A value of any type." },
    nulls: "Rows with a null time are dropped.",
    examples: [
      {
        tables: {
          Input:
            "time,key,n,date\n1996-03-21T00:00:00,A,1,1996-08-19T00:00:00\n1996-04-21T00:00:00,B,2,1996-07-20T00:00:00\n1996-05-21T00:00:00,A,3,\n1996-06-21T00:00:00,A,4,1996-05-22T00:00:00\n",
        },
        query: "{ n: Input.n } | shift_to(Input.date as timestamp_ns)",
        result: "_time,_key,n\n1996-07-20T00:00:00,B,2\n1996-08-19T00:00:00,A,1\n",
      },
      {
        title: "A single value beside one that stays, in the rows of both",
        tables: {
          Input: "time,key,n,date\n2021-01-01T00:00:00,A,1,2021-01-03T00:00:00\n2021-01-02T00:00:00,A,2,\n",
        },
        query: "{ n: Input.n, moved: Input.n | shift_to(Input.date as timestamp_ns) }",
        result: "_time,_key,n,moved\n2021-01-01T00:00:00,A,1,\n2021-01-02T00:00:00,A,2,\n2021-01-03T00:00:00,A,,1\n",
      },
    ],
    evaluation: { kind: "special", role: "shift_to" },
  }),
  defineFunction({
    name: "shift_by",
    signature: "shift_by<T: any, D: timedelta>(delta: D, value: T) -> T",
    family: "time",
    summary: "Moves each row to a time that is later by a length of time.",
    parameters: {
      delta: "How far: `seconds(10)`, `days(3)`, `months(1)`; a negative one drops the row.",
      value: "A value of any type.",
    },
    nulls: "Rows with a null delta are dropped.",
    examples: [
      {
        tables: {
          Input: "time,key,n\n1996-03-21T00:00:00,A,1\n1996-04-21T00:00:00,B,\n1996-08-31T00:00:00,A,3\n",
        },
        query: "{ n: Input.n } | shift_by(months(1))",
        result: "_time,_key,n\n1996-04-21T00:00:00,A,1\n1996-05-21T00:00:00,B,\n1996-09-30T00:00:00,A,3\n",
      },
      {
        title: "Lengths of time of each kind, for a single value",
        tables: { Input: "time,key,n\n2021-01-31T00:00:00,A,1\n2021-01-31T00:00:00,B,2\n" },
        query:
          "{ second: Input.n | shift_by(seconds(1)), day: Input.n | shift_by(days(1)), month: Input.n | shift_by(months(1)) }",
        result:
          "_time,_key,second,day,month\n2021-01-31T00:00:01,B,2,,\n2021-01-31T00:00:01,A,1,,\n2021-02-01T00:00:00,B,,2,\n2021-02-01T00:00:00,A,,1,\n2021-02-28T00:00:00,B,,,2\n2021-02-28T00:00:00,A,,,1\n",
      },
    ],
    evaluation: { kind: "special", role: "shift_by" },
  }),
  defineFunction({
    name: "shift_until",
    signature: "shift_until<T: any>(predicate: bool, value: T) -> T",
    family: "time",
    summary: "Makes rows wait until the entity's next row on which the predicate is true, that row included.",
    parameters: { predicate: "When the waiting rows come out.", value: "A value of any type." },
    nulls: "A null predicate counts as false; rows that wait for ever do not come out.",
    examples: [
      {
        tables: {
          Input:
            "time,key,n,p\n2021-01-01T10:00:00,A,1,true\n2021-01-01T10:05:00,A,2,false\n2021-01-01T10:10:00,B,3,\n2021-01-01T10:15:00,A,4,true\n2021-01-01T10:20:00,A,5,false\n",
        },
        query: "{ n: Input.n } | shift_until(Input.p)",
        result: "_time,_key,n\n2021-01-01T10:00:00,A,1\n2021-01-01T10:15:00,A,2\n2021-01-01T10:15:00,A,4\n",
      },
      {
        title: "A single value, until the end of the day",
        tables: {
          Input:
            "time,key,n,last\n2021-01-01T10:00:00,A,1,false\n2021-01-01T11:00:00,B,2,true\n2021-01-01T12:00:00,A,3,true\n",
        },
        query: "{ n: Input.n | shift_until(Input.last) }",
        result: "_time,_key,n\n2021-01-01T11:00:00,B,2\n2021-01-01T12:00:00,A,1\n2021-01-01T12:00:00,A,3\n",
      },
    ],
    evaluation: { kind: "special", role: "shift_until" },
  }),
  defineFunction({
    name: "lag",
    signature: "lag<T: any>(const n: i64, input: T) -> T",
    family: "time",
    summary: "The value that was new n values ago; it stays until the next new value.",
    parameters: {
      n: "How many values back: 1 for the one before, 0 for the latest itself.",
      input: "A value of any type.",
    },
    nulls: "Null inputs are skipped; null until there are n + 1 values.",
    constantRules: {
      n: (value) =>
        typeof value === "bigint" && value >= 0n && value <= MOST_BACK ? null : `must be from 0 to ${MOST_BACK}`,
    },
    examples: [
      {
        tables: {
          Input:
            "time,key,n,word\n2021-01-01T00:00:00,A,0,a\n2021-01-02T00:00:00,B,7,b\n2021-01-03T00:00:00,A,2,c\n2021-01-04T00:00:00,A,,d\n2021-01-05T00:00:00,A,9,e\n",
        },
        query: "{ one: lag(1, Input.n), two: lag(2, Input.n), word: Input.word | lag(1) }",
        result:
          "_time,_key,one,two,word\n2021-01-01T00:00:00,A,,,\n2021-01-02T00:00:00,B,,,\n2021-01-03T00:00:00,A,0,,a\n2021-01-04T00:00:00,A,0,,c\n2021-01-05T00:00:00,A,2,0,d\n",
      },
    ],
    evaluation: lagEvaluation(),
  }),
];

/** The last n + 1 values in a ring: `next` is where the next one goes, which is where the oldest stands. */
function lagEvaluation(): AggregateEvaluation {
  const size = (call: AggregateCall) => Number(lagLength(call.constants[0])) + 1;
  return {
    kind: "aggregate",
    payload: true,
    slots: (call) => [
      {
        name: "values",
        representation: representationOf(call.input),
        initial: zero(call),
        length: size(call),
        ofInput: true,
      },
      { name: "valid", representation: "i32", initial: "(i32.const 0)", length: size(call) },
      { name: "next", representation: "i32", initial: "(i32.const 0)" },
      { name: "count", representation: "i32", initial: "(i32.const 0)" },
    ],
    update: (input, state, call) => {
      const length = `(i32.const ${size(call)})`;
      const following = `(i32.rem_u (i32.add ${state.get("next")} (i32.const 1)) ${length})`;
      return [
        state.setAt("values", state.get("next"), input.value),
        state.setAt("valid", state.get("next"), input.valid),
        state.set("next", following),
        state.set("count", `(i32.add ${state.get("count")} (i32.lt_u ${state.get("count")} ${length}))`),
      ].join("\n");
    },
    emit: (state, call) => {
      const full = `(i32.eq ${state.get("count")} (i32.const ${size(call)}))`;
      return {
        value: state.getAt("values", state.get("next")),
        valid: `(if (result i32) ${full} (then ${state.getAt("valid", state.get("next"))}) (else (i32.const 0)))`,
      };
    },
  };
}

function zero(call: AggregateCall): string {
  return `(${representationOf(call.input)}.const 0)`;
}

function lagLength(constant: HostValue | undefined): bigint {
  if (typeof constant === "bigint" && constant >= 0n && constant <= MOST_BACK) return constant;
  throw new Error(`lag needs a number from 0 to ${MOST_BACK}, not ${constant}.`);
}
