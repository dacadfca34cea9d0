import type { DomainId, Plan, ValueId } from "../plan/plan.ts";
import { isWithin } from "../plan/plan-builder.ts";
import { domainParts, OF_OWN_PARTS, partsInStage } from "../plan/plan-parts.ts";
import type { Sink, Stage } from "../plan/stages.ts";
import { isWhole } from "./apart-walk.ts";
import type { SourceFacts } from "./emit-sources.ts";
import { valueGuards } from "./guards.ts";
import { sinkDomain } from "./quiet-ticks.ts";
import type { Step } from "./schedule.ts";

/**
 * A stage that hands out rows of one source, the leader, and asks the others, its followers, for nothing but what stands
 * as of some of these rows: followers need not be walked in step, but only as far as a row that asks.
 */
export interface AsOfWalk {
  readonly leader: number;
  readonly followers: readonly number[];
  /** Whether a step is one of the rows of a source. */
  isOf(step: Step, source: number): boolean;
  /** Whether a step of the leader asks what stands of a follower. */
  asks(step: Step): boolean;
  /** Whether anything asks, a step or the sink. */
  readonly asksAny: boolean;
  /** The domain on whose rows alone somebody asks; null: it may be any row of the leader. */
  readonly asking: DomainId | null;
}

/** Finds out whether a stage's rows are those of one source, and which of them ask for the others. */
export function asOfWalk(plan: Plan, stage: Stage, facts: readonly SourceFacts[]): AsOfWalk | null {
  const { sources, sink } = stage;
  if (sources.length < 2 || stage.ticks.length > 0 || facts.some(({ ties }) => ties)) return null;
  if (sink.kind === "final" || (sink.kind === "requests" && sink.last === true)) return null;
  const handedOut = sinkDomain(plan, sink);
  const rows = new SourceRows(plan, stage);
  const leader = handedOut === null ? null : rows.onlyOf(rows.ofDomain(handedOut));
  if (handedOut === null || leader === null) return null;
  const isFollower = (index: number) => index !== leader && sources[index]!.kind === "scan";
  const isLeader = (index: number) => index === leader && ["scan", "stored"].includes(sources[index]!.kind);
  if (!sources.every((_, index) => isFollower(index) || isLeader(index))) return null;
  const steps = new AsOfSteps(plan, stage, rows, leader);
  return steps.fit(handedOut) ? steps.walk(handedOut) : null;
}

/** Which sources may have the rows of a domain, and on whose rows a value may be there. */
class SourceRows {
  readonly #plan: Plan;
  readonly #all: ReadonlySet<number>;
  readonly #ofDomain = new Map<DomainId, ReadonlySet<number>>();

  constructor(plan: Plan, stage: Stage) {
    this.#plan = plan;
    this.#all = new Set(stage.sources.keys());
    const scans = new Map(stage.sources.map((source, index) => ["domain" in source ? source.domain : -1, index]));
    for (const id of stage.domains) {
      const own = scans.get(id);
      this.#ofDomain.set(id, own === undefined ? this.#madeOf(id) : new Set([own]));
    }
  }

  ofDomain(id: DomainId): ReadonlySet<number> {
    return this.#ofDomain.get(id)!;
  }

  /** Where a value may be there that is not carried from row to row. */
  ofValue(id: ValueId): ReadonlySet<number> {
    const { domain, continuous } = this.#plan.values[id]!;
    return domain === null || continuous ? this.#all : this.ofDomain(domain);
  }

  /** The only one of some sources; null where there are more or fewer. */
  onlyOf(some: ReadonlySet<number>): number | null {
    const [only, ...more] = some;
    return only === undefined || more.length > 0 ? null : only;
  }

  #madeOf(id: DomainId): ReadonlySet<number> {
    const domain = this.#plan.domains[id]!;
    if (domain.kind === "merge") return new Set(domain.inputs.flatMap((input) => [...this.ofDomain(input)]));
    if (domain.kind !== "select") return this.#all;
    const holds = this.ofValue(domain.condition);
    return new Set([...this.ofDomain(domain.input)].filter((source) => holds.has(source)));
  }
}

class AsOfSteps {
  readonly #plan: Plan;
  readonly #stage: Stage;
  readonly #rows: SourceRows;
  readonly #leader: number;
  readonly #guards: ReadonlyMap<ValueId, DomainId | null>;
  /** By value, on the rows of which source it is computed; those that are constant, or nothing to compute, are not here. */
  readonly #values = new Map<ValueId, number>();
  readonly #asking = new Set<ValueId>();
  readonly #askingDomains = new Set<DomainId>();
  #sinkAsks = false;

  constructor(plan: Plan, stage: Stage, rows: SourceRows, leader: number) {
    this.#plan = plan;
    this.#stage = stage;
    this.#rows = rows;
    this.#leader = leader;
    this.#guards = valueGuards(plan, stage);
  }

  /** Whether each step is one of a single source, and the leader asks for nothing but what stands. */
  fit(handedOut: DomainId): boolean {
    return (
      // What uses a value stands behind it.
      this.#stage.values.every((id) => this.#placeValue(id)) &&
      this.#stage.domains.every((id) => this.#checkDomain(id)) &&
      this.#checkSink(handedOut)
    );
  }

  #placeValue(id: ValueId): boolean {
    const value = this.#plan.values[id]!;
    if (value.domain === null) return true;
    const parts = partsInStage(value);
    const on = this.#rows.ofDomain(value.domain);
    const source = this.#rows.onlyOf(on);
    if (source === this.#leader || on.size === 0) {
      this.#values.set(id, this.#leader);
      return this.#note(parts, () => this.#asking.add(id));
    }
    if (source !== null) {
      this.#values.set(id, source);
      return parts.every((part) => this.#isConstant(part) || this.#values.get(part) === source);
    }
    if (value.kind === "present" && !value.continuous) return true;
    // What is made of standing values is made anew on each row of the leader.
    this.#values.set(id, this.#leader);
    const isMade = value.continuous && OF_OWN_PARTS.has(value.kind) && isWhole(this.#plan, value.domain);
    const stand = parts.every((part) => this.#isConstant(part) || this.#plan.values[part]!.continuous);
    return isMade && on.has(this.#leader) && stand && this.#note(parts, () => this.#asking.add(id));
  }

  #checkDomain(id: DomainId): boolean {
    const on = this.#rows.ofDomain(id);
    const { values } = domainParts(this.#plan.domains[id]!);
    if (values.length === 0 || this.#plan.domains[id]!.kind !== "select") return true;
    const source = this.#rows.onlyOf(on);
    if (source === this.#leader || on.size === 0) return this.#note(values, () => this.#askingDomains.add(id));
    return source !== null && values.every((part) => this.#isConstant(part) || this.#values.get(part) === source);
  }

  #checkSink(handedOut: DomainId): boolean {
    const read = sinkValues(this.#plan, this.#stage.sink);
    return (
      this.#note(read, () => {
        this.#sinkAsks = true;
      }) && this.#rows.ofDomain(handedOut).has(this.#leader)
    );
  }

  /** Whether the leader may read some values on its rows; `ask` notes that some are those of a follower. */
  #note(parts: readonly ValueId[], ask: () => void): boolean {
    for (const part of parts) {
      const source = this.#values.get(part);
      if (source === this.#leader || this.#isConstant(part)) continue;
      if (source === undefined) {
        // Whether a domain has the row, one of several sources.
        if (!this.#rows.ofDomain(this.#plan.values[part]!.domain!).has(this.#leader)) return false;
        continue;
      }
      if (!this.#plan.values[part]!.continuous) return false;
      ask();
    }
    return true;
  }

  #isConstant(id: ValueId): boolean {
    return this.#plan.values[id]!.domain === null;
  }

  walk(handedOut: DomainId): AsOfWalk {
    const leader = this.#leader;
    const followers = [...this.#stage.sources.keys()].filter((index) => index !== leader);
    const ofDomain = (id: DomainId) => this.#rows.ofDomain(id);
    return {
      leader,
      followers,
      isOf: ({ kind, id }, source) => {
        if (kind === "value") return this.#values.get(id) === source || (this.#isConstant(id) && source === leader);
        return ofDomain(id).has(source) || (source === leader && ofDomain(id).size === 0);
      },
      asks: ({ kind, id }) => (kind === "value" ? this.#asking.has(id) : this.#askingDomains.has(id)),
      asksAny: this.#sinkAsks || this.#asking.size + this.#askingDomains.size > 0,
      asking: this.#askingDomain(handedOut),
    };
  }

  /** The domain within which all rows are that ask. */
  #askingDomain(handedOut: DomainId): DomainId | null {
    if (this.#askingDomains.size > 0) return null;
    const asking = [...this.#asking].map((id) => this.#guards.get(id) ?? null);
    if (this.#sinkAsks) asking.push(handedOut);
    return asking.find((one) => asking.every((other) => this.#isWithin(other, one))) ?? null;
  }

  #isWithin(a: DomainId | null, b: DomainId | null): boolean {
    return a !== null && b !== null && isWithin(this.#plan.domains, a, b);
  }
}

/** The values that a sink reads on the rows that it hands out. */
function sinkValues(plan: Plan, sink: Sink): readonly ValueId[] {
  switch (sink.kind) {
    case "stored":
      return [...sink.columns, ...domainParts(plan.domains[sink.domain]!).values];
    case "requests":
      return [plan.lookups[sink.lookup]!.key];
    case "answers":
      return [];
    default:
      return sink.columns;
  }
}
