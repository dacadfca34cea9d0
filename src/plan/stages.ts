import type { CalendarUnit, DomainId, LookupId, Plan, Value, ValueId } from "./plan.ts";
import { domainParts, OF_OWN_PARTS, partsInStage, valueParts } from "./plan-parts.ts";

/**
 * One pass over rows: sources are merged in row-identity order, values computed, and rows sent to the sink. All of it
 * happens inside one entity, so any range of key hashes can be computed alone. Plain data.
 */
export interface Stage {
  readonly id: number;
  readonly sources: readonly StageSource[];
  readonly ticks: readonly StageTick[];
  /** What is computed, each after what it uses. */
  readonly domains: readonly DomainId[];
  readonly values: readonly ValueId[];
  readonly sink: Sink;
}

export type StageSource =
  | {
      readonly kind: "scan";
      readonly domain: DomainId;
      readonly table: string;
      readonly sliced: boolean;
      readonly values: readonly ValueId[];
    }
  /** Rows that another stage moved in time or to other entities. */
  | { readonly kind: "stored"; readonly domain: DomainId; readonly values: readonly ValueId[] }
  /** What a lookup brought back for local rows. */
  | { readonly kind: "answers"; readonly lookup: LookupId; readonly values: readonly ValueId[] }
  /** What other entities ask of a foreign one. */
  | { readonly kind: "requests"; readonly lookup: LookupId; readonly domain: DomainId };

export interface StageTick {
  readonly domain: DomainId;
  readonly unit: CalendarUnit;
  readonly of: DomainId;
}

export type Sink =
  | { readonly kind: "result"; readonly domain: DomainId; readonly columns: readonly ValueId[] }
  | {
      readonly kind: "final";
      readonly domain: DomainId;
      readonly columns: readonly ValueId[];
      readonly valid: ValueId | null;
      readonly isNew: ValueId | null;
    }
  | { readonly kind: "stored"; readonly domain: DomainId; readonly columns: readonly ValueId[] }
  /** `last`: of the last row of each entity only. */
  | { readonly kind: "requests"; readonly lookup: LookupId; readonly last?: boolean }
  | { readonly kind: "answers"; readonly lookup: LookupId; readonly domain: DomainId };

/** Divides a plan into stages, each after those whose rows it reads; the last one makes the result. */
export function stagesOf(plan: Plan, final: boolean): Stage[] {
  const { result } = plan;
  const columns = result.fields.map((field) => field.value);
  const sink: Sink = final
    ? { kind: "final", domain: result.domain, columns, valid: result.valid, isNew: result.isNew }
    : { kind: "result", domain: result.domain, columns };
  const drafts = new Map<string, Draft>();
  drafts.set("result", new Draft("result", sink));
  const pending = ["result"];
  while (pending.length > 0) {
    const draft = drafts.get(pending.pop()!)!;
    for (const [name, make] of draft.visit(plan)) {
      const target = drafts.get(name) ?? new Draft(name, make.sink);
      drafts.set(name, target);
      if (target.ask(make.columns) || !target.visited) pending.push(name);
    }
  }
  const stages = order(plan, drafts);
  const last = lookupsOfLastRows(plan, stages);
  return stages.map((stage) => {
    const { sink } = stage;
    return sink.kind === "requests" && last.has(sink.lookup) ? { ...stage, sink: { ...sink, last: true } } : stage;
  });
}

interface Boundary {
  readonly sink: Sink;
  readonly columns: readonly ValueId[];
}

/** Something that a stage computes. */
interface Part {
  readonly kind: "domain" | "value";
  readonly id: DomainId | ValueId;
}

class Draft {
  readonly name: string;
  readonly base: Sink;
  readonly asked = new Set<ValueId>();
  domains = new Set<DomainId>();
  values = new Set<ValueId>();
  needs = new Set<string>();
  visited = false;

  constructor(name: string, sink: Sink) {
    this.name = name;
    this.base = sink;
  }

  /** Adds stored columns that somebody reads; true when one is new. */
  ask(columns: readonly ValueId[]): boolean {
    const before = this.asked.size;
    for (const column of columns) this.asked.add(column);
    return this.asked.size > before;
  }

  sink(): Sink {
    return this.base.kind === "stored" ? { ...this.base, columns: [...this.asked].sort((a, b) => a - b) } : this.base;
  }

  /** Finds what the stage computes, and the rows it needs from other stages. */
  visit(plan: Plan): Map<string, Boundary> {
    this.visited = true;
    const boundaries = new Map<string, { sink: Sink; columns: ValueId[] }>();
    const boundary = (name: string, sink: Sink, column?: ValueId) => {
      const entry = boundaries.get(name) ?? { sink, columns: [] };
      if (column !== undefined) entry.columns.push(column);
      boundaries.set(name, entry);
    };
    // A stack of its own: a chain of thousands of values would be too deep for calls.
    const pending: Part[] = [];
    const need = (domains: readonly (DomainId | null)[], values: readonly ValueId[]): void => {
      for (const id of [...values].reverse()) pending.push({ kind: "value", id });
      for (const id of [...domains].reverse()) if (id !== null) pending.push({ kind: "domain", id });
    };
    const visitDomain = (id: DomainId): void => {
      if (this.domains.has(id)) return;
      this.domains.add(id);
      const domain = plan.domains[id]!;
      if (domain.kind === "shift" || domain.kind === "rekey") {
        boundary(`stored ${id}`, { kind: "stored", domain: id, columns: [] });
      } else if (domain.kind === "request") {
        boundary(`requests ${domain.lookup}`, { kind: "requests", lookup: domain.lookup });
      } else {
        const parts = domainParts(domain);
        need(parts.domains, parts.values);
      }
    };
    const visitValue = (id: ValueId): void => {
      if (this.values.has(id)) return;
      this.values.add(id);
      const value = plan.values[id]!;
      if (value.kind === "answer") {
        const { lookup } = value;
        const request = plan.domains.findIndex((d) => d.kind === "request" && d.lookup === lookup);
        boundary(`answers ${lookup}`, { kind: "answers", lookup, domain: request });
      }
      need([value.domain], partsInStage(value));
    };
    this.domains = new Set();
    this.values = new Set();
    const roots = sinkRoots(plan, this.sink());
    need(roots.domains, roots.values);
    for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
      if (part.kind === "domain") visitDomain(part.id);
      else visitValue(part.id);
    }
    for (const id of this.values) {
      const value = plan.values[id]!;
      if (value.kind === "stored")
        boundary(`stored ${value.domain}`, { kind: "stored", domain: value.domain!, columns: [] }, value.argument);
    }
    this.needs = new Set(boundaries.keys());
    return boundaries;
  }
}

function sinkRoots(plan: Plan, sink: Sink): { domains: DomainId[]; values: ValueId[] } {
  switch (sink.kind) {
    case "result":
      return { domains: [sink.domain], values: [...sink.columns] };
    case "final":
      return {
        domains: [sink.domain],
        values: [...sink.columns, sink.valid, sink.isNew].filter((value) => value !== null),
      };
    case "stored": {
      const domain = plan.domains[sink.domain]!;
      if (domain.kind === "shift") return { domains: [domain.input], values: [domain.by, ...sink.columns] };
      if (domain.kind === "rekey") return { domains: [domain.input], values: [domain.key, ...sink.columns] };
      throw new Error(`rows of a ${domain.kind} are not stored`);
    }
    case "requests": {
      const lookup = plan.lookups[sink.lookup]!;
      return { domains: [lookup.domain], values: [lookup.key] };
    }
    case "answers":
      return { domains: [sink.domain], values: plan.lookups[sink.lookup]!.parts.map((part) => part.value) };
  }
}

function order(plan: Plan, drafts: ReadonlyMap<string, Draft>): Stage[] {
  const stages: Stage[] = [];
  const done = new Set<string>();
  const add = (draft: Draft): void => {
    if (done.has(draft.name)) return;
    done.add(draft.name);
    for (const name of draft.needs) add(drafts.get(name)!);
    stages.push(toStage(plan, draft, stages.length));
  };
  add(drafts.get("result")!);
  return stages;
}

function toStage(plan: Plan, draft: Draft, id: number): Stage {
  const domains = [...draft.domains].sort((a, b) => a - b);
  const values = [...draft.values].sort((a, b) => a - b);
  const sources: StageSource[] = [];
  const ticks: StageTick[] = [];
  for (const domain of domains) {
    const { kind, ...rest } = plan.domains[domain]!;
    const own = values.filter((value) => plan.values[value]!.domain === domain);
    const loaded = (kind: string) => own.filter((value) => plan.values[value]!.kind === kind);
    if (kind === "scan") {
      const { table, sliced } = rest as { table: string; sliced: boolean };
      sources.push({ kind: "scan", domain, table, sliced, values: loaded("column") });
    } else if (kind === "shift" || kind === "rekey") {
      sources.push({ kind: "stored", domain, values: loaded("stored") });
    } else if (kind === "request") {
      sources.push({ kind: "requests", lookup: (rest as { lookup: LookupId }).lookup, domain });
    } else if (kind === "tick") {
      ticks.push({ domain, ...(rest as { unit: CalendarUnit; of: DomainId }) });
    }
  }
  const lookups = new Map<LookupId, ValueId[]>();
  for (const value of values) {
    const answer = plan.values[value]!;
    if (answer.kind === "answer") lookups.set(answer.lookup, [...(lookups.get(answer.lookup) ?? []), value]);
  }
  for (const [lookup, answers] of lookups) sources.push({ kind: "answers", lookup, values: answers });
  return { id, sources, ticks, domains, values, sink: draft.sink() };
}

/** What depends on nothing but the row on which it is computed. */
const OF_ONE_ROW: ReadonlySet<string> = new Set([...OF_OWN_PARTS, "answer", "any", "all", "hash"]);

/**
 * The lookups whose answers show on the last row of each entity only: final results need no other requests. The last row
 * must not depend on answers, nor may anything that is kept from row to row.
 */
function lookupsOfLastRows(plan: Plan, stages: readonly Stage[]): ReadonlySet<LookupId> {
  const last = stages.at(-1)!;
  const { sink } = last;
  if (sink.kind !== "final" || sink.valid !== null || !isPresence(plan, sink.isNew, sink.domain)) return new Set();
  const found = new Set<LookupId>();
  for (const source of last.sources) {
    if (source.kind !== "answers" || plan.lookups[source.lookup]!.domain !== sink.domain) continue;
    const { lookup } = source;
    const isElsewhere = stages.some((stage) => stage !== last && stage.values.some((id) => isAnswer(plan, id, lookup)));
    if (!isElsewhere && showsOnItsRow(plan, last, lookup)) found.add(lookup);
  }
  return found;
}

function isPresence(plan: Plan, id: ValueId | null, domain: number): boolean {
  if (id === null) return false;
  const value = plan.values[id]!;
  return value.kind === "present" && value.domain === domain;
}

function isAnswer(plan: Plan, id: ValueId, lookup: LookupId): boolean {
  const value = plan.values[id]!;
  return value.kind === "answer" && value.lookup === lookup;
}

/** Whether all that depends on a lookup's answers is of one row, and decides on none. */
function showsOnItsRow(plan: Plan, stage: Stage, lookup: LookupId): boolean {
  const dependent = new Set<ValueId>();
  // What uses a value stands behind it.
  for (const id of stage.values) {
    const value: Value = plan.values[id]!;
    const uses = value.kind !== "stored" && valueParts(value).some((part) => dependent.has(part));
    if (!uses && !isAnswer(plan, id, lookup)) continue;
    if (!OF_ONE_ROW.has(value.kind)) return false;
    dependent.add(id);
  }
  return stage.domains.every((id) => domainParts(plan.domains[id]!).values.every((value) => !dependent.has(value)));
}
