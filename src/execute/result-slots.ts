import { assemble } from "../compile/assemble.ts";
import type { Plan, ValueId } from "../plan/plan.ts";
import type { Stage, StageSource } from "../plan/stages.ts";
import type { TableSnapshot } from "../tables/table-snapshot.ts";
import { slotsBetween } from "./order/time-slots.ts";
import { TIME_SORT_WAT } from "./order/time-sort-wat.ts";
import type { TimeSlots } from "./rows/stage-job.ts";

/** Moved rows are one of so many rows that are walked, where it is not known yet. */
const ROWS_A_MOVED_ROW = 8;
/** Rows that move nobody knows how far stay within so much of the time of all events more. */
const TIME_A_MOVE = 8n;

/**
 * By which slots of time the rows of a result are divided where they are made: from the first event of the plan's tables
 * to the last one, or the last row that was moved. Nothing where there are few rows.
 * @param rowsOf how many rows a source has from stages that were run before; null: it is of the same chain
 */
export async function resultSlots(
  plan: Plan,
  stage: Stage,
  tables: ReadonlyMap<string, TableSnapshot>,
  rowsOf: (source: StageSource) => number | null,
  lastShifted: bigint | null,
): Promise<{ readonly slots?: TimeSlots }> {
  const filesOf = (table: string) => tables.get(table)!.files;
  const files = plan.domains.flatMap((domain) => (domain.kind === "scan" ? filesOf(domain.table) : []));
  if (files.length === 0) return {};
  const all = files.reduce((sum, file) => sum + file.rows, 0);
  const stored = stage.sources.map((source) => (source.kind === "scan" ? 0 : rowsOf(source)));
  const scanned = stage.sources.flatMap((source) => (source.kind === "scan" ? filesOf(source.table) : []));
  const rows = [...scanned.map((file) => file.rows), ...stored.map((some) => some ?? all / ROWS_A_MOVED_ROW)];
  let [first, last] = [BigInt(files[0]!.firstTime), BigInt(files[0]!.lastTime)];
  for (const file of files) {
    const [earliest, latest] = [BigInt(file.firstTime), BigInt(file.lastTime)];
    if (earliest < first) first = earliest;
    if (latest > last) last = latest;
  }
  const moved = stored.includes(null) ? lastMove(plan, last) : null;
  for (const time of [lastShifted, moved ?? last]) if (time !== null && time > last) last = time;
  if (stored.includes(null) && moved === null) last += (last - first) / TIME_A_MOVE;
  const slots = slotsBetween(
    first,
    last,
    rows.reduce((a, b) => a + b, 0),
  );
  return slots === null ? {} : { slots: { ...slots, sorter: await assemble(TIME_SORT_WAT) } };
}

/** The latest time that rows before a time can have been moved to; null where that is not known before. */
function lastMove(plan: Plan, last: bigint): bigint | null {
  let latest = last;
  for (const domain of plan.domains) {
    if (domain.kind !== "shift" || domain.mode === "until") continue;
    const length = constantLength(plan, domain.by);
    if (length === null) return null;
    // It may be that of rows which were moved before.
    if (length > 0n) latest += length;
  }
  return latest;
}

const LENGTHS: Readonly<Record<string, bigint>> = {
  seconds: 1_000_000_000n,
  days: 86_400_000_000_000n,
  months: 2_678_400_000_000_000n,
};

/** By how many nanoseconds, at most, a row's time is moved, where that is the same for all rows. */
function constantLength(plan: Plan, by: ValueId): bigint | null {
  const sum = plan.values[by]!;
  if (sum.kind !== "call" || sum.function !== "add_time") return null;
  const [length, time] = sum.arguments.map((id) => plan.values[id]!);
  if (time?.kind !== "time" || length?.kind !== "call" || !Object.hasOwn(LENGTHS, length.function)) return null;
  const count = plan.values[length.arguments[0]!]!;
  if (count.kind !== "literal" || typeof count.value !== "string" || !/^-?\d{1,9}$/.test(count.value)) return null;
  return BigInt(count.value) * LENGTHS[length.function]!;
}
