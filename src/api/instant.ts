import { parseTimestamp } from "../values/timestamp.ts";
import { ArgumentError, type OptionRule, shownValue } from "./argument-error.ts";

/** A point in time as users give it: RFC 3339 text, a Date, or nanoseconds since 1970. */
export type Instant = string | Date | bigint;

export const instantRule: OptionRule = {
  expected: 'a time: a text such as "2022-01-01T10:00:00Z", a Date, or nanoseconds since 1970 as a bigint',
  holds: (value) =>
    (typeof value === "string" && parseTimestamp(value.trim()) !== null) ||
    (value instanceof Date && !Number.isNaN(value.getTime())) ||
    typeof value === "bigint",
};

/** Nanoseconds since 1970. */
export function toNanoseconds(call: string, option: string, instant: Instant): bigint {
  const nanoseconds =
    typeof instant === "bigint"
      ? instant
      : typeof instant === "string"
        ? parseTimestamp(instant.trim())
        : BigInt(instant.getTime()) * 1_000_000n;
  if (nanoseconds === null || BigInt.asIntN(64, nanoseconds) !== nanoseconds) {
    throw new ArgumentError(`${call}: ${option} must be a time from 1677 to 2262, but is ${shownValue(instant)}.`);
  }
  return nanoseconds;
}
