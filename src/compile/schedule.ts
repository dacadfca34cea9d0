import type { DomainId, Plan, ValueId } from "../plan/plan.ts";
import { domainParts, partsInStage } from "../plan/plan-parts.ts";
import type { Stage } from "../plan/stages.ts";
import { valueGuards } from "./guards.ts";

/** A step of the row loop: whether a domain has the row, or a value on it. */
export type Step =
  | { readonly kind: "domain"; readonly id: DomainId }
  | { readonly kind: "value"; readonly id: ValueId };

/** Steps that run under one condition: that `domain` has the row; null: always. */
export interface StepGroup {
  readonly domain: DomainId | null;
  readonly steps: readonly Step[];
}

/** A step that waits for others. */
interface Waiting {
  readonly step: Step;
  readonly guard: DomainId | null;
  /** Steps that need this one. */
  readonly users: Waiting[];
  /** How many steps it still needs. */
  missing: number;
}

const GIVEN: ReadonlySet<string> = new Set(["scan", "shift", "rekey", "request"]);

/** Orders a stage's steps so that each follows what it uses and steps of one domain stand together where they can. */
export function schedule(plan: Plan, stage: Stage): StepGroup[] {
  const waiting = waitingSteps(plan, stage);
  const ready = new Map<DomainId | null, Waiting[]>();
  const offer = (entry: Waiting): void => {
    const queue = ready.get(entry.guard);
    if (queue) queue.push(entry);
    else ready.set(entry.guard, [entry]);
  };
  for (const entry of waiting) if (entry.missing === 0) offer(entry);
  const groups: StepGroup[] = [];
  let done = 0;
  while (ready.size > 0) {
    const guard: DomainId | null = ready.has(null) ? null : ready.keys().next().value!;
    const queue = ready.get(guard)!;
    const steps: Step[] = [];
    // Steps that become ready meanwhile join the group if they are of its domain.
    for (const entry of queue) {
      steps.push(entry.step);
      for (const user of entry.users) if (--user.missing === 0) offer(user);
    }
    ready.delete(guard);
    done += steps.length;
    groups.push({ domain: guard, steps });
  }
  if (done < waiting.length) throw new Error("the steps of a stage wait for each other");
  return groups;
}

function waitingSteps(plan: Plan, stage: Stage): Waiting[] {
  const domains = new Map<DomainId, Waiting>();
  const values = new Map<ValueId, Waiting>();
  for (const id of stage.domains) domains.set(id, { step: { kind: "domain", id }, guard: null, users: [], missing: 0 });
  const guards = valueGuards(plan, stage);
  for (const [id, guard] of guards) values.set(id, { step: { kind: "value", id }, guard, users: [], missing: 0 });
  const need = (entry: Waiting, domainIds: readonly (DomainId | null)[], valueIds: readonly ValueId[]): void => {
    const needed = new Set<Waiting | undefined>();
    for (const id of domainIds) if (id !== null) needed.add(domains.get(id));
    for (const id of valueIds) {
      if (!values.has(id)) continue;
      needed.add(values.get(id));
      // A value read on the rows of another domain needs to know whether its own has the row.
      const { domain } = plan.values[id]!;
      if (domain !== null) needed.add(domains.get(domain));
    }
    for (const other of needed) {
      if (other === undefined) continue;
      other.users.push(entry);
      entry.missing++;
    }
  };
  for (const [id, entry] of domains) {
    const domain = plan.domains[id]!;
    if (GIVEN.has(domain.kind)) continue;
    const parts = domainParts(domain);
    need(entry, parts.domains, parts.values);
  }
  for (const [id, entry] of values) {
    const value = plan.values[id]!;
    need(entry, [value.domain, entry.guard], partsInStage(value));
  }
  return [...domains.values(), ...values.values()];
}
