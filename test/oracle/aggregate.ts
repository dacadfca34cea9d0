import type { FenlType } from "../../src/values/fenl-type.ts";
import { compareTotal, equalDeep } from "./compare.ts";
import { integerRange, isFloat, isInteger, toFloat, type Value } from "./value.ts";

/** What an aggregation gives for the non-null new values of its window, oldest first. */
export interface AggregateCall {
  readonly values: readonly Value[];
  readonly input: FenlType;
  readonly result: FenlType;
  /** The constant arguments by parameter name. */
  readonly constants: ReadonlyMap<string, Value>;
}

type Aggregate = (call: AggregateCall) => Value;

function asNumbers(values: readonly Value[]): number[] {
  return values.map((value) => Number(value));
}

/** Integers saturate at every step; floats add in order. */
function sum({ values, result }: AggregateCall): Value {
  if (values.length === 0) return null;
  if (isInteger(result)) {
    const { least, greatest } = integerRange(result);
    let total = 0n;
    for (const value of values as bigint[]) {
      total += value;
      if (total < least) total = least;
      if (total > greatest) total = greatest;
    }
    return total;
  }
  let total = 0;
  for (const [index, value] of (values as number[]).entries())
    total = index === 0 ? value : toFloat(result, total + value);
  return total;
}

/** NaN inputs are ignored. */
function extreme(sign: 1 | -1): Aggregate {
  return ({ values, input }) => {
    let best: Value = null;
    for (const value of values) {
      if (isFloat(input) && Number.isNaN(value as number)) continue;
      if (best === null || compareTotal(value, best) * sign > 0) best = value;
    }
    return best;
  };
}

function mean({ values }: AggregateCall): Value {
  let result = 0;
  for (const [index, value] of asNumbers(values).entries()) result += (value - result) / (index + 1);
  return values.length === 0 ? null : result;
}

/** Welford's, divided by the number of values. */
function variance({ values }: AggregateCall): number | null {
  if (values.length < 2) return null;
  let average = 0;
  let squares = 0;
  for (const [index, value] of asNumbers(values).entries()) {
    const delta = value - average;
    average += delta / (index + 1);
    squares += delta * (value - average);
  }
  return squares / values.length;
}

function lag({ values, constants }: AggregateCall): Value {
  return values[values.length - 1 - Number(constants.get("n"))] ?? null;
}

function collect({ values, constants }: AggregateCall): Value {
  const max = constants.get("max") ?? null;
  const min = constants.get("min") ?? 0n;
  const kept = max === null ? values : values.slice(-Number(max));
  return kept.length < Number(min) ? null : kept;
}

function countDistinct({ values }: AggregateCall): Value {
  const distinct: Value[] = [];
  for (const value of values) if (!distinct.some((other) => equalDeep(other, value))) distinct.push(value);
  return BigInt(distinct.length);
}

/** The latest weighs 1, the one before it 1 - alpha, and so on. */
function exponentialMean({ values, constants }: AggregateCall): Value {
  if (values.length === 0) return null;
  const keep = 1 - Number(constants.get("alpha"));
  let weighted = 0;
  let weights = 0;
  for (const value of asNumbers(values)) {
    weighted = weighted * keep + value;
    weights = weights * keep + 1;
  }
  return weighted / weights;
}

/** Between two values in order of size, linearly; NaN is skipped. */
function quantile(fractionOf: (call: AggregateCall) => number): Aggregate {
  return (call) => {
    const sorted = asNumbers(call.values).filter((value) => !Number.isNaN(value));
    sorted.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    if (sorted.length === 0) return null;
    const place = fractionOf(call) * (sorted.length - 1);
    const below = sorted[Math.floor(place)]!;
    const above = sorted[Math.ceil(place)]!;
    return below === above ? below : below + (above - below) * (place - Math.floor(place));
  };
}

/** All aggregations by name; the values are non-null. */
export const AGGREGATES: Readonly<Record<string, Aggregate>> = {
  count: ({ values }) => BigInt(values.length),
  count_if: ({ values }) => BigInt(values.filter((value) => value === true).length),
  sum,
  min: extreme(-1),
  max: extreme(1),
  mean,
  variance,
  stddev: (call) => {
    const value = variance(call);
    return value === null ? null : Math.sqrt(value);
  },
  first: ({ values }) => values[0] ?? null,
  last: ({ values }) => values[values.length - 1] ?? null,
  lag,
  collect,
  count_distinct: countDistinct,
  ewm_mean: exponentialMean,
  median: quantile(() => 0.5),
  percentile: quantile(({ constants }) => Number(constants.get("fraction"))),
};
