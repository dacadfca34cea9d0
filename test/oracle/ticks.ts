import { type Domain, MAX_SUBSORT, makeDomain, type Row } from "./domain.ts";

const SECOND = 1_000_000_000n;
const DAY = 86_400n * SECOND;

const TICKS: Readonly<Record<string, { floor(time: bigint): bigint; next(boundary: bigint): bigint }>> = {
  minutely: every(60n * SECOND, 0n),
  hourly: every(3600n * SECOND, 0n),
  daily: every(DAY, 0n),
  // Weeks start on Monday; 1970-01-05 was one.
  weekly: every(7n * DAY, 4n * DAY),
  monthly: everyMonths(1),
  yearly: everyMonths(12),
};

/** More tick rows than this are refused: the evaluator keeps them all. */
const MOST_ROWS = 20_000;

function floorTo(time: bigint, step: bigint, offset: bigint): bigint {
  const past = (((time - offset) % step) + step) % step;
  return time - past;
}

function every(step: bigint, offset: bigint) {
  return { floor: (time: bigint) => floorTo(time, step, offset), next: (boundary: bigint) => boundary + step };
}

function everyMonths(months: number) {
  const dateOf = (time: bigint) => new Date(Number(floorTo(time, DAY, 0n) / 1_000_000n));
  const start = (year: number, month: number) => BigInt(Date.UTC(year, month, 1)) * 1_000_000n;
  return {
    floor: (time: bigint) => {
      const date = dateOf(time);
      return start(date.getUTCFullYear(), months === 12 ? 0 : date.getUTCMonth());
    },
    next: (boundary: bigint) => {
      const date = dateOf(boundary);
      return start(date.getUTCFullYear(), date.getUTCMonth() + months);
    },
  };
}

/** True for the functions that make ticks at calendar boundaries. */
export function isTick(name: string): boolean {
  return name in TICKS;
}

/**
 * The tick rows of a domain: at every boundary within its extent, both ends included, one for each entity with a row at
 * or before it.
 */
export function tickDomain(name: string, of: Domain, part: string): Domain {
  const { floor, next } = TICKS[name]!;
  const rows: Row[] = [];
  if (of.extent !== null) {
    let boundary = floor(of.extent.first);
    if (boundary < of.extent.first) boundary = next(boundary);
    const seen = new Set<bigint>();
    let position = 0;
    for (; boundary <= of.extent.last; boundary = next(boundary)) {
      while (position < of.rows.length && of.rows[position]!.time <= boundary) seen.add(of.rows[position++]!.hash);
      for (const hash of seen)
        rows.push({ time: boundary, rank: 1, subsort: MAX_SUBSORT, hash, origin: 0, ordinal: 0 });
      if (rows.length > MOST_ROWS) throw new RangeError(`more than ${MOST_ROWS} tick rows`);
    }
  }
  return makeDomain(part, rows, of.extent);
}

/** The rows of `finished()`: one per entity, 1 ns after the last time of the domain. */
export function finishedDomain(of: Domain, part: string): Domain {
  const last = of.extent?.last ?? 0n;
  const rows = [...new Set(of.rows.map((row) => row.hash))].map(
    (hash): Row => ({ time: last + 1n, rank: 1, subsort: MAX_SUBSORT, hash, origin: 0, ordinal: 0 }),
  );
  return makeDomain(part, rows, of.extent);
}
