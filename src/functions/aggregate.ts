import { representationOf } from "../values/fenl-type.ts";
import type { AggregateCall, AggregateEvaluation, FunctionRecord, StateAccess, StateSlot } from "./define.ts";
import { defineFunction } from "./define.ts";
import { isFloat, lessWat, toF64, zeroWat } from "./numeric-wat.ts";
import { sumEvaluation } from "./sum-state.ts";

const WINDOW =
  "Which rows count: `since(condition)`, `sliding(n, condition)` or `within(duration)`; by default all so far.";
const SKIPPED = "Null inputs are skipped; null before the entity's first value.";
const NUMBERS =
  "time,key,v,x,word\n2021-01-01T00:00:00,A,5,0.5,pear\n2021-01-02T00:00:00,B,50,1.5,fig\n2021-01-03T00:00:00,A,9,,apple\n2021-01-04T00:00:00,A,,2.25,kiwi\n2021-01-05T00:00:00,B,40,2.5,plum\n2021-01-06T00:00:00,A,3,-1.0,fig\n";

const filled: StateSlot = { name: "filled", representation: "i32", initial: "(i32.const 0)" };

/** Running aggregates of one entity's values that every user meets. */
export const aggregateFunctions: readonly FunctionRecord[] = [
  defineFunction({
    name: "count",
    signature: "count<T: any>(input: T, window: window = null) -> u32",
    family: "aggregation",
    summary: "How many new values there were so far; of a table, its events.",
    parameters: { input: "A value of any type, or a table.", window: WINDOW },
    nulls: "Nulls are not counted; 0 before the entity's first value.",
    examples: [
      {
        tables: { Input: NUMBERS },
        query: "{ values: count(Input.v), events: count(Input) }",
        result:
          "_time,_key,values,events\n2021-01-01T00:00:00,A,1,1\n2021-01-02T00:00:00,B,1,1\n2021-01-03T00:00:00,A,2,2\n2021-01-04T00:00:00,A,2,3\n2021-01-05T00:00:00,B,2,2\n2021-01-06T00:00:00,A,3,4\n",
      },
    ],
    evaluation: counting((state) => state.set("count", `(i32.add ${state.get("count")} (i32.const 1))`), true),
  }),
  defineFunction({
    name: "count_if",
    signature: "count_if(input: bool, window: window = null) -> u32",
    family: "aggregation",
    summary: "How many new values so far were true.",
    parameters: { input: "A condition.", window: WINDOW },
    nulls: "Null conditions are not counted; 0 before the first true one.",
    examples: [
      {
        tables: {
          Input:
            "time,key,b\n2021-01-01T00:00:00,A,false\n2021-01-02T00:00:00,B,true\n2021-01-03T00:00:00,A,true\n2021-01-04T00:00:00,A,\n2021-01-05T00:00:00,A,true\n",
        },
        query: "{ all: count_if(Input.b), since_last: count_if(Input.b, window=since(Input.b)) }",
        result:
          "_time,_key,all,since_last\n2021-01-01T00:00:00,A,0,0\n2021-01-02T00:00:00,B,1,1\n2021-01-03T00:00:00,A,1,1\n2021-01-04T00:00:00,A,1,0\n2021-01-05T00:00:00,A,2,1\n",
      },
    ],
    evaluation: counting((state, value) => state.set("count", `(i32.add ${state.get("count")} ${value})`), false),
  }),
  defineFunction({
    name: "sum",
    signature: "sum<N: number>(input: N, window: window = null) -> N",
    family: "aggregation",
    summary: "The sum of the values so far; integers stop at the limits of their type.",
    parameters: { input: "A number.", window: WINDOW },
    nulls: SKIPPED,
    examples: [
      {
        tables: { Input: NUMBERS },
        query: "{ sum: sum(Input.v), float: sum(Input.x), since_9: sum(Input.v, window=since(Input.v == 9)) }",
        result:
          "_time,_key,sum,float,since_9\n2021-01-01T00:00:00,A,5,0.5,5\n2021-01-02T00:00:00,B,50,1.5,50\n2021-01-03T00:00:00,A,14,0.5,14\n2021-01-04T00:00:00,A,14,2.75,\n2021-01-05T00:00:00,B,90,4.0,90\n2021-01-06T00:00:00,A,17,1.75,3\n",
      },
    ],
    evaluation: sumEvaluation,
  }),
  extreme("min", "smallest", ["5,pear", "50,fig", "5,apple", "5,apple", "40,fig", "3,apple"]),
  extreme("max", "greatest", ["5,pear", "50,fig", "9,pear", "9,pear", "50,plum", "9,pear"]),
  defineFunction({
    name: "mean",
    signature: "mean<N: number>(input: N, window: window = null) -> f64",
    family: "aggregation",
    summary: "The arithmetic mean of the values so far.",
    parameters: { input: "A number.", window: WINDOW },
    nulls: SKIPPED,
    examples: [
      {
        tables: { Input: NUMBERS },
        query: "{ mean: mean(Input.v), float: mean(Input.x) }",
        result:
          "_time,_key,mean,float\n2021-01-01T00:00:00,A,5.0,0.5\n2021-01-02T00:00:00,B,50.0,1.5\n2021-01-03T00:00:00,A,7.0,0.5\n2021-01-04T00:00:00,A,7.0,1.375\n2021-01-05T00:00:00,B,45.0,2.0\n2021-01-06T00:00:00,A,5.666666666666667,0.5833333333333334\n",
      },
    ],
    evaluation: meanEvaluation(),
  }),
  defineFunction({
    name: "first",
    signature: "first<T: any>(input: T, window: window = null) -> T",
    family: "aggregation",
    summary: "The first value; of a record, the first record as it was.",
    parameters: { input: "A value of any type.", window: WINDOW },
    nulls: `${SKIPPED} Fields that are null in the first record stay null.`,
    examples: [
      {
        tables: { Input: NUMBERS },
        query:
          "{ first: first(Input.v), word: first(Input.word), since_9: first(Input.v, window=since(Input.v == 9)) }",
        result:
          "_time,_key,first,word,since_9\n2021-01-01T00:00:00,A,5,pear,5\n2021-01-02T00:00:00,B,50,fig,50\n2021-01-03T00:00:00,A,5,pear,5\n2021-01-04T00:00:00,A,5,pear,\n2021-01-05T00:00:00,B,50,fig,50\n2021-01-06T00:00:00,A,5,pear,3\n",
      },
    ],
    evaluation: keeping("first"),
  }),
  defineFunction({
    name: "last",
    signature: "last<T: any>(input: T, window: window = null) -> T",
    family: "aggregation",
    summary: "The latest value, that of the row itself included; it stays until a newer one comes.",
    parameters: { input: "A value of any type.", window: WINDOW },
    nulls: `${SKIPPED} Fields that are null in the latest record are null.`,
    examples: [
      {
        tables: { Input: NUMBERS },
        query: "{ last: last(Input.v), word: last(Input.word) }",
        result:
          "_time,_key,last,word\n2021-01-01T00:00:00,A,5,pear\n2021-01-02T00:00:00,B,50,fig\n2021-01-03T00:00:00,A,9,apple\n2021-01-04T00:00:00,A,9,kiwi\n2021-01-05T00:00:00,B,40,plum\n2021-01-06T00:00:00,A,3,fig\n",
      },
    ],
    evaluation: keeping("last"),
  }),
];

function counting(update: (state: StateAccess, value: string) => string, payload: boolean): AggregateEvaluation {
  return {
    kind: "aggregate",
    payload,
    slots: () => [{ name: "count", representation: "i32", initial: "(i32.const 0)" }],
    update: (input, state) => update(state, input.value),
    emit: (state) => ({ value: state.get("count"), valid: "(i32.const 1)" }),
    combine: (into, from) => into.set("count", `(i32.add ${into.get("count")} ${from.get("count")})`),
  };
}

function extreme(name: "min" | "max", word: string, rows: readonly string[]): FunctionRecord {
  const days = ["01T00:00:00,A", "02T00:00:00,B", "03T00:00:00,A", "04T00:00:00,A", "05T00:00:00,B", "06T00:00:00,A"];
  return defineFunction({
    name,
    signature: `${name}<O: ordered>(input: O, window: window = null) -> O`,
    family: "aggregation",
    summary: `The ${word} value so far, in the order of \`<\`.`,
    parameters: { input: "A number, time, length of time, string or bool.", window: WINDOW },
    nulls: `${SKIPPED} NaN is skipped as well.`,
    examples: [
      {
        tables: { Input: NUMBERS },
        query: `{ ${name}: ${name}(Input.v), word: ${name}(Input.word) }`,
        result: `_time,_key,${name},word\n${rows.map((row, index) => `2021-01-${days[index]},${row}\n`).join("")}`,
      },
    ],
    evaluation: extremeOf(name),
  });
}

function extremeOf(name: "min" | "max"): AggregateEvaluation {
  const accept = (state: StateAccess, value: string, present: string, call: AggregateCall) => {
    const best = state.get("best");
    const better = name === "min" ? lessWat(call.input, value, best) : lessWat(call.input, best, value);
    const wins = `(i32.and ${present} (i32.or (i32.eqz ${state.get("filled")}) ${better}))`;
    return `(if ${wins} (then ${state.set("best", value)} ${state.set("filled", "(i32.const 1)")}))`;
  };
  return {
    kind: "aggregate",
    slots: (call) => [
      { name: "best", representation: representationOf(call.input), initial: zeroWat(call.input), ofInput: true },
      filled,
    ],
    update: (input, state, call) => {
      const number = isFloat(call.input)
        ? `(${representationOf(call.input)}.eq ${input.value} ${input.value})`
        : "(i32.const 1)";
      return accept(state, input.value, number, call);
    },
    emit: (state) => ({ value: state.get("best"), valid: state.get("filled") }),
    combine: (into, from, call) => accept(into, from.get("best"), from.get("filled"), call),
  };
}

function meanEvaluation(): AggregateEvaluation {
  return {
    kind: "aggregate",
    slots: () => [
      { name: "n", representation: "f64", initial: "(f64.const 0)" },
      { name: "mean", representation: "f64", initial: "(f64.const 0)" },
    ],
    update: (input, state) => {
      const difference = `(f64.sub ${toF64(input.type, input.value)} ${state.get("mean")})`;
      return [
        state.set("n", `(f64.add ${state.get("n")} (f64.const 1))`),
        state.set("mean", `(f64.add ${state.get("mean")} (f64.div ${difference} ${state.get("n")}))`),
      ].join("\n");
    },
    emit: (state) => ({ value: state.get("mean"), valid: `(f64.gt ${state.get("n")} (f64.const 0))` }),
    combine: (into, from) => {
      const n = `(f64.add ${into.get("n")} ${from.get("n")})`;
      const difference = `(f64.sub ${from.get("mean")} ${into.get("mean")})`;
      const part = `(f64.mul ${difference} (f64.div ${from.get("n")} ${n}))`;
      return `(if (f64.gt ${from.get("n")} (f64.const 0)) (then
${into.set("mean", `(f64.add ${into.get("mean")} ${part})`)}
${into.set("n", n)}))`;
    },
  };
}

function keeping(which: "first" | "last"): AggregateEvaluation {
  const store = (state: StateAccess, value: string, valid: string) =>
    [state.set("value", value), state.set("valid", valid), state.set("filled", "(i32.const 1)")].join(" ");
  const guard = (state: StateAccess, statements: string, present: string) => {
    const wanted = which === "first" ? `(i32.and ${present} (i32.eqz ${state.get("filled")}))` : present;
    return `(if ${wanted} (then ${statements}))`;
  };
  return {
    kind: "aggregate",
    payload: true,
    slots: (call) => [
      { name: "value", representation: representationOf(call.input), initial: zeroWat(call.input), ofInput: true },
      { name: "valid", representation: "i32", initial: "(i32.const 0)" },
      filled,
    ],
    update: (input, state) => guard(state, store(state, input.value, input.valid), "(i32.const 1)"),
    emit: (state) => ({ value: state.get("value"), valid: state.get("valid") }),
    combine: (into, from) => guard(into, store(into, from.get("value"), from.get("valid")), from.get("filled")),
  };
}
