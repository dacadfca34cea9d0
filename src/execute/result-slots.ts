import { assemble } from "../compile/assemble.ts";
import type { Plan } from "../plan/plan.ts";
import type { Stage, StageSource } from "../plan/stages.ts";
import type { TableSnapshot } from "../tables/table-snapshot.ts";
import { slotsBetween } from "./order/time-slots.ts";
import { TIME_SORT_WAT } from "./order/time-sort-wat.ts";
import type { RowRun } from "./rows/row-run.ts";
import type { TimeSlots } from "./rows/stage-job.ts";

/**
 * By which slots of time the rows of a result are divided where they are made: from the first event of the plan's tables
 * to the last one, or the last row that was moved. Nothing where there are few rows.
 * @param stored the rows that a source of the stage has from other stages
 */
export async function resultSlots(
  plan: Plan,
  stage: Stage,
  tables: ReadonlyMap<string, TableSnapshot>,
  stored: (source: StageSource) => readonly RowRun[],
  lastShifted: bigint | null,
): Promise<{ readonly slots?: TimeSlots }> {
  const filesOf = (table: string) => tables.get(table)!.files;
  const rows = stage.sources
    .flatMap((source): readonly { readonly rows: number }[] =>
      source.kind === "scan" ? filesOf(source.table) : stored(source),
    )
    .reduce((sum, one) => sum + one.rows, 0);
  const files = plan.domains.flatMap((domain) => (domain.kind === "scan" ? filesOf(domain.table) : []));
  if (files.length === 0) return {};
  let [first, last] = [BigInt(files[0]!.firstTime), lastShifted ?? BigInt(files[0]!.lastTime)];
  for (const file of files) {
    const [earliest, latest] = [BigInt(file.firstTime), BigInt(file.lastTime)];
    if (earliest < first) first = earliest;
    if (latest > last) last = latest;
  }
  const slots = slotsBetween(first, last, rows);
  return slots === null ? {} : { slots: { ...slots, sorter: await assemble(TIME_SORT_WAT) } };
}
