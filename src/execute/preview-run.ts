import type { DomainId, Plan } from "../plan/plan.ts";
import type { TableSnapshot } from "../tables/table-snapshot.ts";
import { type PreviewStep, previewSteps } from "./preview-steps.ts";
import type { QueryRows } from "./rows/row-set.ts";

/** What a preview is asked for. */
export interface PreviewOptions {
  readonly final: boolean;
  readonly previewRows?: number;
  /** How many events are read at first, about. */
  readonly previewEvents?: number;
}

/** Events that are read at first, at least, and for each row that is asked for. */
const FIRST_EVENTS = 1 << 17;
const EVENTS_PER_ROW = 16;
/** By how much a next attempt reads more, at least and at most. */
const LEAST_GROWTH = 2;
const MOST_GROWTH = 64;

/**
 * The first rows of a query from its earliest events: what happens up to a time depends on nothing after it. More and
 * more events are read until there are enough rows. Null where a preview would save nothing, or is not known to be
 * right: the query has to be run over all events.
 */
export async function runPreview(
  plan: Plan,
  tables: readonly TableSnapshot[],
  { final, previewRows, previewEvents }: PreviewOptions,
  run: (step: PreviewStep) => Promise<QueryRows>,
): Promise<QueryRows | null> {
  if (final || previewRows === undefined || !isCausal(plan)) return null;
  const scanned = new Set(plan.domains.flatMap((domain) => (domain.kind === "scan" ? [domain.table] : [])));
  const read = tables.filter(({ name }) => scanned.has(name));
  const steps = previewSteps(read, previewEvents ?? Math.max(FIRST_EVENTS, EVENTS_PER_ROW * previewRows));
  let growth = 1;
  for (;;) {
    const { value: step, done } = steps.next(growth);
    if (done) return null;
    const answer = await run(step);
    const { rows } = answer.rows;
    if (rows >= previewRows) return answer;
    growth = Math.min(MOST_GROWTH, Math.max(LEAST_GROWTH, (2 * previewRows) / Math.max(1, rows)));
  }
}

/** Whether rows depend on earlier rows alone, and on facts that are known of the tables as a whole. */
function isCausal(plan: Plan): boolean {
  return plan.domains.every((domain) => domain.kind !== "tick" || hasKnownExtent(plan, domain.of));
}

/** Whether a domain's last time can be told without running anything; that of moved rows cannot. */
export function hasKnownExtent(plan: Plan, id: DomainId): boolean {
  const domain = plan.domains[id]!;
  switch (domain.kind) {
    case "scan":
      return true;
    case "merge":
      return domain.inputs.every((input) => hasKnownExtent(plan, input));
    case "select":
    case "rekey":
      return hasKnownExtent(plan, domain.input);
    case "tick":
      return hasKnownExtent(plan, domain.of);
    case "shift":
      return domain.mode === "until" && hasKnownExtent(plan, domain.input);
    case "request":
      return hasKnownExtent(plan, plan.lookups[domain.lookup]!.domain);
  }
}

/** How many of some ascending times are not after another. */
export function rowsThrough(times: BigInt64Array, last: bigint): number {
  let from = 0;
  let to = times.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (times[middle]! <= last) from = middle + 1;
    else to = middle;
  }
  return from;
}
