import type { DomainId, Plan } from "../plan/plan.ts";
import type { Stage } from "../plan/stages.ts";

/**
 * Divides stages into chains, which are run in one go over each range of entities: what the stages of a chain hand to
 * each other stays within an entity, nobody else reads it, and nothing has to be known of it over all entities before.
 */
export function chainsOf(plan: Plan, stages: readonly Stage[]): Stage[][] {
  const chains: Stage[][] = [];
  for (let first = 0; first < stages.length; ) {
    let end = stages.length;
    while (end > first + 1 && !isChain(plan, stages, first, end)) end--;
    chains.push(stages.slice(first, end));
    first = end;
  }
  return chains;
}

function isChain(plan: Plan, stages: readonly Stage[], first: number, end: number): boolean {
  const chain = stages.slice(first, end);
  const moved = new Set<DomainId>();
  for (const { sink } of chain.slice(0, -1)) {
    if (sink.kind !== "stored" || plan.domains[sink.domain]!.kind !== "shift") return false;
    moved.add(sink.domain);
  }
  // Whether requests can wait for their answers is known from the rows of their sources.
  const { sink } = chain.at(-1)!;
  if (sink.kind === "requests" || sink.kind === "answers") return false;
  const isReadLater = stages.slice(end).some(({ sources }) => sources.some((source) => hasMoved(source, moved)));
  return !isReadLater && chain.every(({ ticks }) => ticks.every(({ of }) => !needsLast(plan, of, moved)));
}

function hasMoved(source: Stage["sources"][number], moved: ReadonlySet<DomainId>): boolean {
  return source.kind === "stored" && moved.has(source.domain);
}

/** Whether the last time of a domain depends on that of rows that are moved. */
function needsLast(plan: Plan, id: DomainId, moved: ReadonlySet<DomainId>): boolean {
  const domain = plan.domains[id]!;
  switch (domain.kind) {
    case "scan":
      return false;
    case "merge":
      return domain.inputs.some((input) => needsLast(plan, input, moved));
    case "tick":
      return needsLast(plan, domain.of, moved);
    case "shift":
      return moved.has(id) || needsLast(plan, domain.input, moved);
    case "select":
    case "rekey":
      return needsLast(plan, domain.input, moved);
    case "request":
      return needsLast(plan, plan.lookups[domain.lookup]!.domain, moved);
  }
}
