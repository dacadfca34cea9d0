import { formatTimestamp } from "../../src/values/timestamp.ts";

/** A mark on the axis of time. */
export interface AxisMark {
  /** Milliseconds since the axis begins. */
  readonly at: number;
  readonly text: string;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000].map((count) => count * DAY),
];

/** Marks at round times in UTC, about as many as `most`, with as much of the time as tells them apart. */
export function axisMarks(start: bigint, length: number, most: number): AxisMark[] {
  if (length === 0) return [{ at: 0, text: shownTime(start) }];
  const step = STEPS.find((candidate) => length / candidate <= most) ?? STEPS.at(-1)!;
  const stepNs = BigInt(step) * 1_000_000n;
  const end = start + BigInt(Math.ceil(length * 1e6));
  const marks: AxisMark[] = [];
  for (let time = ((start + stepNs - 1n) / stepNs) * stepNs; time <= end; time += stepNs) {
    marks.push({ at: Number(time - start) / 1e6, text: axisText(time, step) });
  }
  return marks.length > 0 ? marks : [{ at: 0, text: shownTime(start) }];
}

function axisText(time: bigint, step: number): string {
  const text = formatTimestamp(time);
  if (step >= DAY) return text.slice(0, 10);
  if (step < SECOND) return text.slice(11, 23);
  const clock = text.slice(11, step < MINUTE ? 19 : 16);
  return clock === "00:00" || clock === "00:00:00" ? text.slice(0, 10) : clock;
}

/** A time as people read it, without a fraction of zeros. */
export function shownTime(time: bigint): string {
  return formatTimestamp(time)
    .replace("T", " ")
    .replace(/\.0*$|(\.\d*?)0+$/, "$1");
}

/** The time that is `at` milliseconds after `start`. */
export function timeAt(start: bigint, at: number): bigint {
  return start + BigInt(Math.round(at * 1e6));
}
