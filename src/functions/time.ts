import type { FenlType } from "../values/fenl-type.ts";
import type { FunctionRecord, Operand, RowEvaluation, Wat } from "./define.ts";
import { defineFunction } from "./define.ts";

const NULLS = "Null when an argument is null.";
const LENGTHS = "time,key,n\n2021-01-31T08:00:00,A,1\n2021-02-28T08:00:00,A,-2\n2021-03-01T08:00:00,A,\n";
const PAIRS =
  "time,key,t1,t2\n2021-01-01T00:00:00,A,1996-03-21T00:00:00,1996-08-19T00:00:00\n2021-01-02T00:00:00,A,1996-05-21T23:00:00,1996-05-22T00:00:00\n2021-01-03T00:00:00,A,1996-06-21T00:00:00,1996-06-19T05:00:00\n2021-01-04T00:00:00,A,1996-04-21T00:00:00,\n";

/** Times, lengths of time, and arithmetic between them. */
export const timeFunctions: readonly FunctionRecord[] = [
  defineFunction({
    name: "time_of",
    signature: "time_of<T: any>(input: T) -> timestamp_ns",
    family: "time",
    summary: "The time of the row, on the rows of its argument.",
    parameters: { input: "A value of any type, or a table; only its rows matter." },
    nulls: "Never null on the rows of its argument, even where that is null.",
    examples: [
      {
        tables: {
          Input: "time,key,n\n2021-01-01T10:00:00,A,1\n2021-01-02T11:30:00,B,\n2021-01-03T12:00:00,A,3\n",
        },
        query: "{ at: time_of(Input.n), first: first(time_of(Input)) }",
        result:
          "_time,_key,at,first\n2021-01-01T10:00:00,A,2021-01-01T10:00:00,2021-01-01T10:00:00\n2021-01-02T11:30:00,B,2021-01-02T11:30:00,2021-01-02T11:30:00\n2021-01-03T12:00:00,A,2021-01-03T12:00:00,2021-01-01T10:00:00\n",
      },
    ],
    evaluation: { kind: "special", role: "time_of" },
  }),
  defineFunction({
    name: "seconds",
    signature: "seconds(seconds: i64) -> duration_s",
    family: "time",
    summary: "A length of time in seconds.",
    parameters: { seconds: "How many; may be negative." },
    nulls: NULLS,
    examples: [
      {
        tables: { Input: LENGTHS },
        query: "{ at: time_of(Input) | add_time(seconds(Input.n)), length: seconds(Input.n) as i64 }",
        result:
          "_time,_key,at,length\n2021-01-31T08:00:00,A,2021-01-31T08:00:01,1\n2021-02-28T08:00:00,A,2021-02-28T07:59:58,-2\n2021-03-01T08:00:00,A,,\n",
      },
    ],
    evaluation: { kind: "row", nulls: "strict", wat: ([seconds]) => seconds!.value },
  }),
  multipleOfSeconds("minutes", 60n, ["2021-01-31T08:01:00,60", "2021-02-28T07:58:00,-120"]),
  multipleOfSeconds("hours", 3600n, ["2021-01-31T09:00:00,3600", "2021-02-28T06:00:00,-7200"]),
  defineFunction({
    name: "days",
    signature: "days(days: i64) -> interval_days",
    family: "time",
    summary: "A length of time in days of 24 hours.",
    parameters: { days: "How many; not negative." },
    nulls: "Null when the number is null, negative or above 2147483647.",
    examples: [
      {
        tables: { Input: LENGTHS },
        query: "{ at: time_of(Input) | add_time(days(Input.n)), length: days(Input.n) as i64 }",
        result:
          "_time,_key,at,length\n2021-01-31T08:00:00,A,2021-02-01T08:00:00,1\n2021-02-28T08:00:00,A,,\n2021-03-01T08:00:00,A,,\n",
      },
    ],
    evaluation: interval(1n, 0n),
  }),
  defineFunction({
    name: "weeks",
    signature: "weeks(weeks: i64) -> interval_days",
    family: "time",
    summary: "A length of time in weeks: seven days of 24 hours each.",
    parameters: { weeks: "How many; not negative." },
    nulls: "Null when the number is null, negative or above 306783378.",
    examples: [
      {
        tables: { Input: LENGTHS },
        query: "{ at: time_of(Input) | add_time(weeks(Input.n)), days: weeks(Input.n) as i64 }",
        result:
          "_time,_key,at,days\n2021-01-31T08:00:00,A,2021-02-07T08:00:00,7\n2021-02-28T08:00:00,A,,\n2021-03-01T08:00:00,A,,\n",
      },
    ],
    evaluation: interval(7n, 0n),
  }),
  defineFunction({
    name: "months",
    signature: "months(months: i64) -> interval_months",
    family: "time",
    summary: "A length of time in calendar months.",
    parameters: { months: "How many; may be negative." },
    nulls: "Null when the number is null or no 32-bit integer.",
    examples: [
      {
        tables: { Input: LENGTHS },
        query: "{ at: time_of(Input) | add_time(months(Input.n)), length: months(Input.n) as i64 }",
        result:
          "_time,_key,at,length\n2021-01-31T08:00:00,A,2021-02-28T08:00:00,1\n2021-02-28T08:00:00,A,2020-12-28T08:00:00,-2\n2021-03-01T08:00:00,A,,\n",
      },
    ],
    evaluation: interval(1n, -2147483648n),
  }),
  defineFunction({
    name: "add_time",
    signature: "add_time<D: timedelta>(delta: D, time: timestamp_ns) -> timestamp_ns",
    family: "time",
    summary:
      "A time moved by a length of time: seconds and days exactly, months on the calendar with the day limited to the month's last.",
    parameters: { delta: "How far: `seconds(10)`, `days(3)`, `months(1)`.", time: "The time to start from." },
    nulls: "Null when an argument is null or the time would leave the years 1677 to 2262.",
    examples: [
      {
        tables: { Input: LENGTHS },
        query:
          "{ month: time_of(Input) | add_time(months(1)), days: time_of(Input) | add_time(days(3)), n: time_of(Input) | add_time(seconds(Input.n)) }",
        result:
          "_time,_key,month,days,n\n2021-01-31T08:00:00,A,2021-02-28T08:00:00,2021-02-03T08:00:00,2021-01-31T08:00:01\n2021-02-28T08:00:00,A,2021-03-28T08:00:00,2021-03-03T08:00:00,2021-02-28T07:59:58\n2021-03-01T08:00:00,A,2021-04-01T08:00:00,2021-03-04T08:00:00,\n",
      },
    ],
    evaluation: { kind: "row", nulls: "strict", wat: ([delta, time]) => addTime(delta!, time!) },
  }),
  between("seconds", "duration_s", "in whole seconds", ["13046400", "3600", "-154800"], (t1, t2) =>
    wholeUnits(t1, t2, 1_000_000_000n),
  ),
  between(
    "days",
    "interval_days",
    "in whole days of 24 hours",
    ["151", "0", "-1"],
    (t1, t2) => `(i32.wrap_i64 ${wholeUnits(t1, t2, 86_400_000_000_000n)})`,
  ),
  between(
    "months",
    "interval_months",
    "in calendar months, days ignored",
    ["5", "0", "0"],
    (t1, t2) => `(call $months_between ${t1} ${t2})`,
  ),
];

function wholeUnits(t1: string, t2: string, unit: bigint): string {
  return `(call $whole_between ${t1} ${t2} (i64.const ${unit}))`;
}

function multipleOfSeconds(name: "minutes" | "hours", factor: bigint, rows: readonly [string, string]): FunctionRecord {
  return defineFunction({
    name,
    signature: `${name}(${name}: i64) -> duration_s`,
    family: "time",
    summary: `A length of time in ${name}.`,
    parameters: { [name]: "How many; may be negative." },
    nulls: "Null when the number is null or too large for 64 bits of seconds.",
    examples: [
      {
        tables: { Input: LENGTHS },
        query: `{ at: time_of(Input) | add_time(${name}(Input.n)), seconds: ${name}(Input.n) as i64 }`,
        result: `_time,_key,at,seconds\n2021-01-31T08:00:00,A,${rows[0]}\n2021-02-28T08:00:00,A,${rows[1]}\n2021-03-01T08:00:00,A,,\n`,
      },
    ],
    evaluation: { kind: "row", nulls: "strict", wat: ([count]) => scaled(count!.value, factor) },
  });
}

/** An i64 times a positive factor; invalid where the product does not fit. */
function scaled(value: string, factor: bigint): { value: string; valid: string } {
  const most = 9223372036854775807n / factor;
  return { value: `(i64.mul ${value} (i64.const ${factor}))`, valid: inRange(value, -most, most) };
}

function inRange(value: string, least: bigint, greatest: bigint): string {
  return `(i32.and (i64.ge_s ${value} (i64.const ${least})) (i64.le_s ${value} (i64.const ${greatest})))`;
}

/** An interval of a number of days or months, in 32 bits. */
function interval(factor: bigint, least: bigint): RowEvaluation {
  return {
    kind: "row",
    nulls: "strict",
    wat: ([count]) => ({
      value: `(i32.wrap_i64 (i64.mul ${count!.value} (i64.const ${factor})))`,
      valid: inRange(count!.value, least, 2147483647n / factor),
    }),
  };
}

const NANOSECONDS: Partial<Record<FenlType["kind"], bigint>> = {
  duration_s: 1_000_000_000n,
  duration_ms: 1_000_000n,
  duration_us: 1000n,
  duration_ns: 1n,
  interval_days: 86_400_000_000_000n,
};

function addTime(delta: Operand, time: Operand): Wat {
  if (delta.type.kind === "interval_months") {
    return {
      value: `(call $add_months ${time.value} ${delta.value})`,
      valid: `(call $add_months_fits ${time.value} ${delta.value})`,
    };
  }
  const unit = NANOSECONDS[delta.type.kind];
  if (unit === undefined) throw new Error(`A time cannot be moved by a ${delta.type.kind}.`);
  const count = delta.type.kind === "interval_days" ? `(i64.extend_i32_s ${delta.value})` : delta.value;
  return {
    value: `(i64.add ${time.value} (i64.mul ${count} (i64.const ${unit})))`,
    valid: moveFits(time.value, count, unit),
  };
}

/** Whether a moved time is one. What is less than 2^33 units, and so less than 2^63 nanoseconds, is looked at in line. */
function moveFits(time: string, count: string, unit: bigint): string {
  const limit = 2n ** 33n;
  const few = `(i64.lt_u (i64.add ${count} (i64.const ${limit})) (i64.const ${2n * limit}))`;
  const delta = `(i64.mul ${count} (i64.const ${unit}))`;
  const sum = `(i64.add ${time} ${delta})`;
  const fits = `(i64.ge_s (i64.and (i64.xor ${time} ${sum}) (i64.xor ${delta} ${sum})) (i64.const 0))`;
  if (unit > 10n ** 9n) return `(call $move_fits ${time} ${count} (i64.const ${unit}))`;
  return `(if (result i32) ${few} (then ${fits}) (else (call $move_fits ${time} ${count} (i64.const ${unit}))))`;
}

function between(
  unit: "seconds" | "days" | "months",
  result: "duration_s" | "interval_days" | "interval_months",
  measure: string,
  rows: readonly [string, string, string],
  wat: (t1: string, t2: string) => string,
): FunctionRecord {
  return defineFunction({
    name: `${unit}_between`,
    signature: `${unit}_between(t1: timestamp_ns, t2: timestamp_ns) -> ${result}`,
    family: "time",
    summary: `The length of time from \`t1\` to \`t2\` ${measure}; negative where \`t2\` is earlier.`,
    parameters: { t1: "The first time.", t2: "The second time." },
    nulls: NULLS,
    examples: [
      {
        title: "To show the length, cast it",
        tables: { Input: PAIRS },
        query: `{ ${unit}: ${unit}_between(Input.t1, Input.t2) as i64 }`,
        result: `_time,_key,${unit}\n2021-01-01T00:00:00,A,${rows[0]}\n2021-01-02T00:00:00,A,${rows[1]}\n2021-01-03T00:00:00,A,${rows[2]}\n2021-01-04T00:00:00,A,\n`,
      },
    ],
    evaluation: { kind: "row", nulls: "strict", wat: ([t1, t2]) => wat(t1!.value, t2!.value) },
  });
}
