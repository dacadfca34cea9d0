import type { FunctionRecord } from "./define.ts";
import { defineFunction } from "./define.ts";

const DATES =
  "time,key,t\n2021-01-01T00:00:00,A,1996-08-21T12:34:56\n2021-01-02T00:00:00,A,\n2021-01-03T00:00:00,A,1969-12-31T23:59:59.5\n";

/** The fields of a time on the UTC calendar and clock. */
export const calendarFunctions: readonly FunctionRecord[] = [
  field("day_of_month", "u32", "The day of the month, from 1 to 31.", ["21", "31"]),
  field("day_of_month0", "u32", "The day of the month counted from zero, from 0 to 30.", ["20", "30"]),
  field("day_of_year", "u32", "The day of the year, from 1 to 366.", ["234", "365"]),
  field("day_of_year0", "u32", "The day of the year counted from zero, from 0 to 365.", ["233", "364"]),
  field("day_of_week", "u32", "The day of the week, from 1 (Monday) to 7 (Sunday).", ["3", "3"]),
  field("month_of_year", "u32", "The month, from 1 (January) to 12.", ["8", "12"]),
  field("month_of_year0", "u32", "The month counted from zero, from 0 (January) to 11.", ["7", "11"]),
  field("year", "i32", "The year.", ["1996", "1969"]),
  field("hour", "u32", "The hour of the day, from 0 to 23.", ["12", "23"]),
  field("minute", "u32", "The minute of the hour, from 0 to 59.", ["34", "59"]),
  field("second", "u32", "The whole second of the minute, from 0 to 59.", ["56", "59"]),
];

function field(name: string, result: "u32" | "i32", summary: string, rows: readonly [string, string]): FunctionRecord {
  const fromZero = name.endsWith("0");
  const call = `$${fromZero ? name.slice(0, -1) : name}`;
  return defineFunction({
    name,
    signature: `${name}(time: timestamp_ns) -> ${result}`,
    family: "time",
    summary: `${summary.slice(0, -1)}, in UTC.`,
    parameters: { time: "A time." },
    nulls: "Null when the time is null.",
    examples: [
      {
        tables: { Input: DATES },
        query: `{ ${name}: ${name}(Input.t) }`,
        result: `_time,_key,${name}\n2021-01-01T00:00:00,A,${rows[0]}\n2021-01-02T00:00:00,A,\n2021-01-03T00:00:00,A,${rows[1]}\n`,
      },
    ],
    evaluation: {
      kind: "row",
      nulls: "strict",
      wat: ([time]) => {
        const value = `(call ${call} ${time!.value})`;
        return fromZero ? `(i32.sub ${value} (i32.const 1))` : value;
      },
    },
  });
}
