import type { CalendarUnit } from "../plan/plan.ts";
import { civilFromDays, daysFromCivil, floorDivide, NANOSECONDS_PER_DAY } from "../values/calendar.ts";

/** What ticks at the boundaries of a calendar. */
export type TickUnit = Exclude<CalendarUnit, "finished">;

const MINUTE = 60_000_000_000n;

/** Ticks of one length, and a time at which one of them falls. */
const EVEN: Readonly<Partial<Record<TickUnit, { readonly length: bigint; readonly start: bigint }>>> = {
  minutely: { length: MINUTE, start: 0n },
  hourly: { length: 60n * MINUTE, start: 0n },
  daily: { length: NANOSECONDS_PER_DAY, start: 0n },
  // 1970-01-05 was a Monday.
  weekly: { length: 7n * NANOSECONDS_PER_DAY, start: 4n * NANOSECONDS_PER_DAY },
};

/** The last tick of a unit at or before a time, or the one that is so many ticks `before` that. */
export function lastTick(unit: TickUnit, time: bigint, before = 0): bigint {
  const even = EVEN[unit];
  if (even !== undefined) {
    return (floorDivide(time - even.start, even.length) - BigInt(before)) * even.length + even.start;
  }
  const { year, month } = civilFromDays(Number(floorDivide(time, NANOSECONDS_PER_DAY)));
  const months = unit === "yearly" ? 12 * (year - before) : 12 * year + month - 1 - before;
  const day = daysFromCivil(Math.floor(months / 12), (months % 12) + 1, 1);
  return BigInt(day) * NANOSECONDS_PER_DAY;
}
