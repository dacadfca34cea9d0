import type { DomainId, Plan, ValueId } from "../plan/plan.ts";
import { domainParts, partsInStage } from "../plan/plan-parts.ts";
import type { Stage } from "../plan/stages.ts";

/** What has no state and no host behind it, and therefore need not be computed where nobody asks. */
const PURE: ReadonlySet<string> = new Set(["column", "stored", "sample", "cast", "if", "choose"]);

/**
 * The rows on which each value of a stage is computed: its own, or, for a discrete value that is read on the rows of one
 * selection of them only, those rows.
 */
export function valueGuards(plan: Plan, stage: Stage): ReadonlyMap<ValueId, DomainId | null> {
  const guards = new Map<ValueId, DomainId | null>(stage.values.map((id) => [id, plan.values[id]!.domain]));
  const fixed = fixedValues(plan, stage);
  const users = new Map<ValueId, ValueId[]>();
  for (const user of stage.values) {
    const value = plan.values[user]!;
    for (const part of partsInStage(value)) {
      const known = users.get(part);
      if (known) known.push(user);
      else users.set(part, [user]);
    }
  }
  // What uses a value stands behind it.
  for (const id of [...stage.values].sort((a, b) => b - a)) {
    const value = plan.values[id]!;
    const readers = users.get(id) ?? [];
    if (fixed.has(id) || readers.length === 0 || value.continuous || value.domain === null) continue;
    if (!PURE.has(value.kind)) continue;
    const rows = new Set(readers.map((reader) => guards.get(reader)!));
    const [only] = rows;
    if (rows.size === 1 && only != null && isSelection(plan, only)) guards.set(id, only);
  }
  return guards;
}

/** Whether a domain has some rows of another only; what is read on more rows than its own is computed at home. */
function isSelection(plan: Plan, id: DomainId): boolean {
  return plan.domains[id]!.kind === "select";
}

/** Values that domains and the sink read: they decide on rows, or are read where a row is handed out. */
function fixedValues(plan: Plan, stage: Stage): ReadonlySet<ValueId> {
  const { sink } = stage;
  const read = stage.domains.flatMap((id) => [...domainParts(plan.domains[id]!).values]);
  switch (sink.kind) {
    case "result":
      return new Set([...read, ...sink.columns]);
    case "final":
      return new Set([...read, ...sink.columns, ...[sink.valid, sink.isNew].filter((id) => id !== null)]);
    case "stored":
      return new Set([...read, ...sink.columns, ...domainParts(plan.domains[sink.domain]!).values]);
    case "requests":
      return new Set([...read, plan.lookups[sink.lookup]!.key]);
    case "answers":
      return new Set([...read, ...plan.lookups[sink.lookup]!.parts.map((part) => part.value)]);
  }
}
