import type { DomainId, Plan, ValueId } from "../plan/plan.ts";
import { domainParts, valueParts } from "../plan/plan-parts.ts";
import type { Stage } from "../plan/stages.ts";

/** A step of the row loop: whether a domain has the row, or a value on it. */
export type Step =
  | { readonly kind: "domain"; readonly id: DomainId }
  | { readonly kind: "value"; readonly id: ValueId };

/** Steps that run under one condition: that `domain` has the row; null: always. */
export interface StepGroup {
  readonly domain: DomainId | null;
  readonly steps: readonly Step[];
}

/** Orders a stage's steps so that each follows what it uses and steps of one domain stand together where they can. */
export function schedule(plan: Plan, stage: Stage): StepGroup[] {
  const waiting = new Map<string, { step: Step; guard: DomainId | null; needs: Set<string> }>();
  const domains = new Set(stage.domains);
  const values = new Set(stage.values);
  const keys = (parts: { domains: readonly DomainId[]; values: readonly ValueId[] }): Set<string> =>
    new Set([
      ...parts.domains.filter((id) => domains.has(id)).map((id) => `domain ${id}`),
      ...parts.values.filter((id) => values.has(id)).map((id) => `value ${id}`),
    ]);
  for (const id of stage.domains) {
    const domain = plan.domains[id]!;
    const given = ["scan", "shift", "rekey", "request"].includes(domain.kind);
    const needs = given ? new Set<string>() : keys(domainParts(domain));
    waiting.set(`domain ${id}`, { step: { kind: "domain", id }, guard: null, needs });
  }
  for (const id of stage.values) {
    const value = plan.values[id]!;
    const parts = value.kind === "stored" ? [] : valueParts(value);
    const needs = keys({ domains: value.domain === null ? [] : [value.domain], values: parts });
    waiting.set(`value ${id}`, { step: { kind: "value", id }, guard: value.domain, needs });
  }
  // A value read on the rows of another domain needs to know whether its own has the row.
  for (const entry of waiting.values()) {
    for (const need of [...entry.needs]) {
      const [kind, id] = need.split(" ");
      const domain = kind === "value" ? plan.values[Number(id)]!.domain : null;
      if (domain !== null && domains.has(domain)) entry.needs.add(`domain ${domain}`);
    }
  }
  const groups: { domain: DomainId | null; steps: Step[] }[] = [];
  const done = new Set<string>();
  while (waiting.size > 0) {
    const ready = [...waiting].filter(([, entry]) => [...entry.needs].every((need) => done.has(need)));
    if (ready.length === 0) throw new Error("the steps of a stage wait for each other");
    const last = groups[groups.length - 1];
    const [key, entry] =
      ready.find(([, { guard }]) => last !== undefined && guard === last.domain) ??
      ready.find(([, { guard }]) => guard === null) ??
      ready[0]!;
    waiting.delete(key);
    done.add(key);
    if (last !== undefined && last.domain === entry.guard) last.steps.push(entry.step);
    else groups.push({ domain: entry.guard, steps: [entry.step] });
  }
  return groups;
}
