import type { HostValue } from "../values/host-value.ts";
import type { AggregateEvaluation, FunctionRecord, HostAggregateEvaluation } from "./define.ts";
import { defineFunction } from "./define.ts";
import { type DistinctValues, distinctValues } from "./distinct-values.ts";
import { toF64 } from "./numeric-wat.ts";
import { SortedNumbers } from "./sorted-numbers.ts";

const WINDOW =
  "Which rows count: `since(condition)`, `sliding(n, condition)` or `within(duration)`; by default all so far.";
const SKIPPED = "Null inputs are skipped; null before the entity's first value.";
const MEASURES =
  "time,key,v,x\n2021-01-01T00:00:00,A,2,0.5\n2021-01-02T00:00:00,B,50,1.5\n2021-01-03T00:00:00,A,4,\n2021-01-04T00:00:00,A,,2.5\n2021-01-05T00:00:00,A,9,4.5\n2021-01-06T00:00:00,B,50,2.0\n";

/** Running statistics of one entity's values. */
export const statisticsFunctions: readonly FunctionRecord[] = [
  defineFunction({
    name: "variance",
    signature: "variance<N: number>(input: N, window: window = null) -> f64",
    family: "aggregation",
    summary: "The population variance of the values so far: the mean square of their distance from the mean.",
    parameters: { input: "A number.", window: WINDOW },
    nulls: "Null inputs are skipped; null until there are two values.",
    examples: [
      {
        tables: { Input: MEASURES },
        query: "{ variance: variance(Input.v), float: variance(Input.x) }",
        result:
          "_time,_key,variance,float\n2021-01-01T00:00:00,A,,\n2021-01-02T00:00:00,B,,\n2021-01-03T00:00:00,A,1.0,\n2021-01-04T00:00:00,A,1.0,1.0\n2021-01-05T00:00:00,A,8.666666666666666,2.6666666666666665\n2021-01-06T00:00:00,B,0.0,0.0625\n",
      },
    ],
    evaluation: spread((variance) => variance),
  }),
  defineFunction({
    name: "stddev",
    signature: "stddev<N: number>(input: N, window: window = null) -> f64",
    family: "aggregation",
    summary: "The standard deviation of the values so far: the square root of `variance`.",
    parameters: { input: "A number.", window: WINDOW },
    nulls: "Null inputs are skipped; null until there are two values.",
    examples: [
      {
        tables: { Input: MEASURES },
        query: "{ stddev: stddev(Input.v), float: stddev(Input.x) }",
        result:
          "_time,_key,stddev,float\n2021-01-01T00:00:00,A,,\n2021-01-02T00:00:00,B,,\n2021-01-03T00:00:00,A,1.0,\n2021-01-04T00:00:00,A,1.0,1.0\n2021-01-05T00:00:00,A,2.943920288775949,1.632993161855452\n2021-01-06T00:00:00,B,0.0,0.25\n",
      },
    ],
    evaluation: spread((variance) => `(f64.sqrt ${variance})`),
  }),
  defineFunction({
    name: "ewm_mean",
    signature: "ewm_mean<N: number>(input: N, const alpha: f64, window: window = null) -> f64",
    family: "aggregation",
    summary:
      "The exponentially weighted mean of the values so far: the latest weighs 1, the one before it 1 - alpha, then (1 - alpha)², and so on.",
    parameters: {
      input: "A number.",
      alpha: "How fast old values lose weight: above 0 (all weigh nearly the same) up to 1 (only the latest counts).",
      window: WINDOW,
    },
    nulls: SKIPPED,
    piped: "input",
    constantRules: { alpha: (value) => (between(value, 0, 1) && value !== 0 ? null : "must be above 0 and at most 1") },
    examples: [
      {
        tables: { Input: MEASURES },
        query: "{ mean: ewm_mean(Input.v, 0.5), float: ewm_mean(Input.x, 0.5) }",
        result:
          "_time,_key,mean,float\n2021-01-01T00:00:00,A,2.0,0.5\n2021-01-02T00:00:00,B,50.0,1.5\n2021-01-03T00:00:00,A,3.3333333333333335,0.5\n2021-01-04T00:00:00,A,3.3333333333333335,1.8333333333333333\n2021-01-05T00:00:00,A,6.571428571428571,3.357142857142857\n2021-01-06T00:00:00,B,50.0,1.8333333333333333\n",
      },
    ],
    evaluation: exponentialMean(),
  }),
  defineFunction({
    name: "count_distinct",
    signature: "count_distinct<K: key>(input: K, window: window = null) -> u32",
    family: "aggregation",
    summary: "How many different values there were so far.",
    parameters: { input: "A bool, number, string or time, or a record of such.", window: WINDOW },
    nulls: "Nulls are not counted; 0 before the entity's first value.",
    examples: [
      {
        tables: { Input: MEASURES },
        query: "{ values: count_distinct(Input.v), floats: count_distinct(Input.x) }",
        result:
          "_time,_key,values,floats\n2021-01-01T00:00:00,A,1,1\n2021-01-02T00:00:00,B,1,1\n2021-01-03T00:00:00,A,2,1\n2021-01-04T00:00:00,A,2,2\n2021-01-05T00:00:00,A,3,3\n2021-01-06T00:00:00,B,1,2\n",
      },
    ],
    evaluation: distinctCount() as HostAggregateEvaluation,
  }),
  defineFunction({
    name: "median",
    signature: "median<N: number>(input: N, window: window = null) -> f64",
    family: "aggregation",
    summary: "The middle of the values so far in order of size; between two middle values, their mean.",
    parameters: { input: "A number.", window: WINDOW },
    nulls: `${SKIPPED} NaN is skipped as well.`,
    examples: [
      {
        tables: { Input: MEASURES },
        query: "{ median: median(Input.v), float: median(Input.x) }",
        result:
          "_time,_key,median,float\n2021-01-01T00:00:00,A,2.0,0.5\n2021-01-02T00:00:00,B,50.0,1.5\n2021-01-03T00:00:00,A,3.0,0.5\n2021-01-04T00:00:00,A,3.0,1.5\n2021-01-05T00:00:00,A,4.0,2.5\n2021-01-06T00:00:00,B,50.0,1.75\n",
      },
    ],
    evaluation: orderStatistic(() => 0.5) as HostAggregateEvaluation,
  }),
  defineFunction({
    name: "percentile",
    signature: "percentile<N: number>(input: N, const fraction: f64, window: window = null) -> f64",
    family: "aggregation",
    summary:
      "The value below which a fraction of the values so far lies; between two values it is interpolated linearly.",
    parameters: {
      input: "A number.",
      fraction: "From 0 (the smallest value) to 1 (the greatest): 0.9 for the 90th percentile.",
      window: WINDOW,
    },
    nulls: `${SKIPPED} NaN is skipped as well.`,
    piped: "input",
    constantRules: { fraction: (value) => (between(value, 0, 1) ? null : "must be between 0 and 1") },
    examples: [
      {
        tables: { Input: MEASURES },
        query: "{ p75: percentile(Input.v, 0.75), greatest: Input.x | percentile(1.0) }",
        result:
          "_time,_key,p75,greatest\n2021-01-01T00:00:00,A,2.0,0.5\n2021-01-02T00:00:00,B,50.0,1.5\n2021-01-03T00:00:00,A,3.5,0.5\n2021-01-04T00:00:00,A,3.5,2.5\n2021-01-05T00:00:00,A,6.5,4.5\n2021-01-06T00:00:00,B,50.0,2.0\n",
      },
    ],
    evaluation: orderStatistic((constants) => Number(constants[0])) as HostAggregateEvaluation,
  }),
];

function between(value: HostValue, least: number, greatest: number): boolean {
  return typeof value === "number" && value >= least && value <= greatest;
}

function spread(of: (variance: string) => string): AggregateEvaluation {
  const zero = "(f64.const 0)";
  return {
    kind: "aggregate",
    slots: () => [
      { name: "n", representation: "f64", initial: zero },
      { name: "mean", representation: "f64", initial: zero },
      { name: "squares", representation: "f64", initial: zero },
      { name: "before", representation: "f64", initial: zero },
    ],
    update: (input, state) => {
      const value = toF64(input.type, input.value);
      const fromBefore = `(f64.sub ${value} ${state.get("before")})`;
      const fromMean = `(f64.sub ${value} ${state.get("mean")})`;
      return [
        state.set("n", `(f64.add ${state.get("n")} (f64.const 1))`),
        state.set("before", state.get("mean")),
        state.set("mean", `(f64.add ${state.get("mean")} (f64.div ${fromBefore} ${state.get("n")}))`),
        state.set("squares", `(f64.add ${state.get("squares")} (f64.mul ${fromBefore} ${fromMean}))`),
      ].join("\n");
    },
    emit: (state) => ({
      value: of(`(f64.div ${state.get("squares")} ${state.get("n")})`),
      valid: `(f64.ge ${state.get("n")} (f64.const 2))`,
    }),
    combine: (into, from) => {
      const n = `(f64.add ${into.get("n")} ${from.get("n")})`;
      const difference = `(f64.sub ${from.get("mean")} ${into.get("before")})`;
      const share = `(f64.mul ${into.get("n")} (f64.div ${from.get("n")} ${n}))`;
      const between = `(f64.mul (f64.mul ${difference} ${difference}) ${share})`;
      return `(if (f64.gt ${from.get("n")} ${zero}) (then
${into.set("before", into.get("mean"))}
${into.set("mean", `(f64.add ${into.get("mean")} (f64.mul ${difference} (f64.div ${from.get("n")} ${n})))`)}
${into.set("squares", `(f64.add (f64.add ${into.get("squares")} ${from.get("squares")}) ${between})`)}
${into.set("n", n)}))`;
    },
  };
}

function exponentialMean(): AggregateEvaluation {
  const keep = (constants: readonly HostValue[]) => `(f64.const ${1 - Number(constants[0])})`;
  const slot = (name: string, initial: number) =>
    ({ name, representation: "f64", initial: `(f64.const ${initial})` }) as const;
  return {
    kind: "aggregate",
    slots: (call) => [slot("sum", 0), slot("weight", 0), ...(call.combining ? [slot("decay", 1)] : [])],
    update: (input, state, call) => {
      const decayed = (name: string) => `(f64.mul ${state.get(name)} ${keep(call.constants)})`;
      return [
        state.set("sum", `(f64.add ${decayed("sum")} ${toF64(input.type, input.value)})`),
        state.set("weight", `(f64.add ${decayed("weight")} (f64.const 1))`),
        ...(call.combining ? [state.set("decay", decayed("decay"))] : []),
      ].join("\n");
    },
    emit: (state) => ({
      value: `(f64.div ${state.get("sum")} ${state.get("weight")})`,
      valid: `(f64.gt ${state.get("weight")} (f64.const 0))`,
    }),
    combine: (into, from) => {
      const decayed = (name: string) => `(f64.mul ${into.get(name)} ${from.get("decay")})`;
      return `(if (f64.gt ${from.get("weight")} (f64.const 0)) (then
${into.set("sum", `(f64.add ${decayed("sum")} ${from.get("sum")})`)}
${into.set("weight", `(f64.add ${decayed("weight")} ${from.get("weight")})`)}
${into.set("decay", decayed("decay"))}))`;
    },
  };
}

function distinctCount(): HostAggregateEvaluation<DistinctValues> {
  return {
    kind: "host-aggregate",
    start: (call) => distinctValues(call.input, call.combining === true),
    update: (state, value) => {
      if (value !== null) state.add(value);
    },
    emit: (state) => state.size,
    combine: (into, from) => into.addAll(from),
    remove: (state, oldest) => {
      if (oldest !== null) state.remove(oldest);
    },
    bytes: (state) => state.bytes,
  };
}

/** The values in order of size; 64-bit integers are compared and interpolated as f64. */
function orderStatistic(fraction: (constants: readonly HostValue[]) => number): HostAggregateEvaluation<SortedNumbers> {
  const counts = (value: HostValue) => value !== null && !Number.isNaN(Number(value));
  return {
    kind: "host-aggregate",
    start: () => new SortedNumbers(),
    update: (state, value) => {
      if (counts(value)) state.add(Number(value));
    },
    emit: (state, call) => {
      if (state.size === 0) return null;
      const position = Math.min(Math.max(fraction(call.constants), 0), 1) * (state.size - 1);
      const below = state.at(Math.floor(position));
      const above = state.at(Math.ceil(position));
      return below === above ? below : below + (above - below) * (position - Math.floor(position));
    },
    combine: (into, from) => {
      for (const value of from) into.add(value);
    },
    remove: (state, oldest) => {
      if (counts(oldest)) state.remove(Number(oldest));
    },
    bytes: (state) => state.bytes,
  };
}
