import type { FenlType } from "../../src/values/fenl-type.ts";
import { addTime, dateOf, dayOfYear0, floorDivide } from "./calendar.ts";
import { compareTotal, equalDeep } from "./compare.ts";
import { STRING_SCALARS } from "./strings.ts";
import { isFloat, toFloat, type Value, wrap } from "./value.ts";

export interface ScalarTypes {
  readonly arguments: readonly FenlType[];
  readonly result: FenlType;
}

/** A function of one row. Unless it takes nulls, it is null when an argument is. */
export interface Scalar {
  readonly takesNulls?: true;
  compute(values: readonly Value[], types: ScalarTypes): Value;
}

type Compute = Scalar["compute"];

const SECOND = 1_000_000_000n;
const DAY = 86_400n * SECOND;
const MAX_I32 = 2n ** 31n - 1n;

function numeric(
  integers: (a: bigint, b: bigint) => bigint | null,
  floats: (a: number, b: number) => number | null,
): Scalar {
  return {
    compute: ([a, b], { result }) => {
      if (isFloat(result)) {
        const value = floats(a as number, b as number);
        return value === null ? null : toFloat(result, value);
      }
      const value = integers(a as bigint, b as bigint);
      return value === null ? null : wrap(result, value);
    },
  };
}

function strict(compute: Compute): Scalar {
  return { compute };
}

function free(compute: Compute): Scalar {
  return { takesNulls: true, compute };
}

function rounding(round: (value: number) => number): Scalar {
  return strict(([value]) => (typeof value === "number" ? round(value) : value!));
}

function roundHalfAway(value: number): number {
  const whole = Math.trunc(value);
  return Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole;
}

function ordered(holds: (order: number) => boolean): Scalar {
  return strict(([a, b]) => holds(compareTotal(a!, b!)));
}

function time(compute: (time: bigint) => bigint | number): Scalar {
  return strict(([value]) => BigInt(compute(value as bigint)));
}

function and(a: Value, b: Value): Value {
  if (a === false || b === false) return false;
  return a === null || b === null ? null : true;
}

/** `a > b` as numbers compare: never with NaN; other types by their order. */
function exceeds(a: Value, b: Value): boolean {
  return typeof a === "number" ? a > (b as number) : compareTotal(a, b) > 0;
}

function clamp(values: readonly Value[]): Value {
  const [value, min, max] = values as [Value, Value, Value];
  if (value === null) return null;
  if (min !== null && max !== null && exceeds(min, max)) return null;
  if (min !== null && exceeds(min, value)) return min;
  if (max !== null && exceeds(value, max)) return max;
  return value;
}

function union([a, b]: readonly Value[]): Value {
  const first = a as readonly Value[] | null;
  const second = b as readonly Value[] | null;
  if (first === null || first.length === 0) return second ?? [];
  if (second === null || second.length === 0) return first;
  const result: Value[] = [];
  for (const item of [...first, ...second]) if (!result.some((other) => equalDeep(other, item))) result.push(item);
  return result;
}

function element(list: Value, index: Value): Value {
  const place = index as bigint;
  return place < 0n ? null : ((list as Value[])[Number(place)] ?? null);
}

function mapValue(key: Value, map: Value): Value {
  // Of equal keys the last one counts.
  return (map as Value[][]).findLast((pair) => equalDeep(pair[0]!, key))?.[1] ?? null;
}

function monthNumber(value: bigint): bigint {
  const { year, month0 } = dateOf(value);
  return BigInt(year) * 12n + BigInt(month0);
}

function length(unit: bigint): Scalar {
  return strict(([count], { result }) => {
    const value = (count as bigint) * unit;
    if (result.kind === "interval_days") return value < 0n || value > MAX_I32 ? null : value;
    if (result.kind === "interval_months") return value < -MAX_I32 - 1n || value > MAX_I32 ? null : value;
    return BigInt.asIntN(64, value) === value ? value : null;
  });
}

function between(unit: bigint): Scalar {
  return strict(([a, b]) => ((b as bigint) - (a as bigint)) / unit);
}

/** Functions of one row by name. */
export const SCALARS: Readonly<Record<string, Scalar>> = {
  ...STRING_SCALARS,
  add: numeric(
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  sub: numeric(
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  mul: numeric(
    (a, b) => a * b,
    (a, b) => a * b,
  ),
  div: numeric(
    (a, b) => (b === 0n ? null : a / b),
    (a, b) => (b === 0 ? null : a / b),
  ),
  mod: numeric(
    (a, b) => (b === 0n ? null : a % b),
    (a, b) => (b === 0 ? null : a % b),
  ),
  neg: numeric(
    (a) => -a,
    (a) => 0 - a,
  ),
  abs: numeric((a) => (a < 0n ? -a : a), Math.abs),
  sign: numeric((a) => (a > 0n ? 1n : a < 0n ? -1n : 0n), Math.sign),
  ceil: rounding(Math.ceil),
  floor: rounding(Math.floor),
  round: rounding(roundHalfAway),
  clamp: free(clamp),
  exp: strict(([power]) => Math.exp(power as number)),
  log: strict(([value]) => Math.log(Number(value))),
  powf: strict(([base, power]) => (base as number) ** (power as number)),
  sqrt: strict(([value]) => Number(value) ** 0.5),
  zip_max: strict(([a, b]) => (exceeds(a!, b!) ? a! : b!)),
  zip_min: strict(([a, b]) => (exceeds(b!, a!) ? a! : b!)),
  lt: ordered((order) => order < 0),
  lte: ordered((order) => order <= 0),
  gt: ordered((order) => order > 0),
  gte: ordered((order) => order >= 0),
  is_nan: strict(([value]) => Number.isNaN(value)),
  logical_and: free(([a, b]) => and(a!, b!)),
  logical_or: free(([a, b]) => {
    if (a === true || b === true) return true;
    return a === null || b === null ? null : false;
  }),
  not: strict(([value]) => !value),
  index: strict(([index, list]) => element(list!, index!)),
  get: strict(([key, map]) => mapValue(key!, map!)),
  list_len: strict(([list]) => BigInt((list as Value[]).length)),
  flatten: strict(([list]) => (list as (Value[] | null)[]).flatMap((inner) => inner ?? [])),
  union: free(union),
  add_time: strict(([delta, value], { arguments: types }) => addTime(types[0]!, delta as bigint, value as bigint)),
  day_of_month: time((value) => dateOf(value).day),
  day_of_month0: time((value) => dateOf(value).day - 1),
  day_of_year: time((value) => dayOfYear0(value) + 1n),
  day_of_year0: time(dayOfYear0),
  month_of_year: time((value) => dateOf(value).month0 + 1),
  month_of_year0: time((value) => dateOf(value).month0),
  year: time((value) => dateOf(value).year),
  hour: time((value) => dateOf(value).ofDay / (3600n * SECOND)),
  minute: time((value) => (dateOf(value).ofDay / (60n * SECOND)) % 60n),
  second: time((value) => (dateOf(value).ofDay / SECOND) % 60n),
  // 1 is Monday, 7 is Sunday; 1970-01-01 was a Thursday.
  day_of_week: time((value) => ((((floorDivide(value, DAY) + 3n) % 7n) + 7n) % 7n) + 1n),
  seconds: length(1n),
  minutes: length(60n),
  hours: length(3600n),
  days: length(1n),
  weeks: length(7n),
  months: length(1n),
  seconds_between: between(SECOND),
  days_between: between(DAY),
  months_between: strict(([a, b]) => monthNumber(b as bigint) - monthNumber(a as bigint)),
};
