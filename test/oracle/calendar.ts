import type { FenlType } from "../../src/values/fenl-type.ts";

const NANOS: Readonly<Record<string, bigint>> = { s: 1_000_000_000n, ms: 1_000_000n, us: 1_000n, ns: 1n };
const DAY = 86_400_000_000_000n;

/** Nanoseconds in one unit of a timestamp or duration type. */
export function unitNanos(type: FenlType): bigint {
  return NANOS[type.kind.slice(type.kind.indexOf("_") + 1)]!;
}

/** Division that rounds down. */
export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

/** The date of a time, and how far into its day it is. */
export function dateOf(time: bigint): {
  readonly year: number;
  readonly month0: number;
  readonly day: number;
  readonly ofDay: bigint;
} {
  const days = floorDivide(time, DAY);
  const date = new Date(Number(days) * 86_400_000);
  return { year: date.getUTCFullYear(), month0: date.getUTCMonth(), day: date.getUTCDate(), ofDay: time - days * DAY };
}

/** The time of a date. */
export function timeOf(year: number, month0: number, day: number, ofDay: bigint): bigint {
  const date = new Date(0);
  date.setUTCFullYear(year, month0, day);
  return (BigInt(date.getTime()) / 86_400_000n) * DAY + ofDay;
}

/** Days from January 1st of the time's year, counted from 0. */
export function dayOfYear0(time: bigint): bigint {
  const { year } = dateOf(time);
  return (floorDivide(time, DAY) * DAY - timeOf(year, 0, 1, 0n)) / DAY;
}

/** A time later by a duration or interval; null outside the range of times. */
export function addTime(type: FenlType, delta: bigint, time: bigint): bigint | null {
  let result: bigint;
  if (type.kind === "interval_months") {
    const { year, month0, day, ofDay } = dateOf(time);
    const months = BigInt(year) * 12n + BigInt(month0) + delta;
    const newYear = Number(floorDivide(months, 12n));
    const newMonth = Number(months - BigInt(newYear) * 12n);
    if (Math.abs(newYear) > 200_000) return null;
    const lastDay = new Date(Date.UTC(2000, newMonth + 1, 0));
    lastDay.setUTCFullYear(newYear, newMonth + 1, 0);
    result = timeOf(newYear, newMonth, Math.min(day, lastDay.getUTCDate()), ofDay);
  } else {
    result = time + delta * (type.kind === "interval_days" ? DAY : unitNanos(type));
  }
  return BigInt.asIntN(64, result) === result ? result : null;
}
