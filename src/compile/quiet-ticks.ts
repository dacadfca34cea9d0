import type { DomainId, Plan, ValueId } from "../plan/plan.ts";
import type { Sink, Stage } from "../plan/stages.ts";

/** Sliding windows of more intervals than this are not waited for. */
const MOST_ROWS = 1000;

/**
 * The ticks of a stage that only end windows: their rows are not handed out, and after so many of them without another
 * row between, each further one would find everything as it is. The others have to be made up to the next row only.
 */
export function quietTicks(plan: Plan, stage: Stage): ReadonlyMap<DomainId, number> {
  const quiet = new Map<DomainId, number>();
  for (const { domain, unit } of stage.ticks) {
    const rows = unit === "finished" ? null : new TickRows(plan, stage, new Set([domain])).untilSettled();
    if (rows !== null && rows <= MOST_ROWS) quiet.set(domain, rows);
  }
  return quiet;
}

/**
 * After how many rows of ticks, which all come at once, without another row between, an entity's last row stays what it
 * is, whatever further ones come; null where each may change it or is handed on.
 */
export function ticksUntilSettled(plan: Plan, stage: Stage, ticks: ReadonlySet<DomainId>): number | null {
  // A row shows what the one before it left.
  const rows = new TickRows(plan, stage, ticks).untilSettled(stage.sink.kind === "final");
  return rows === null ? null : rows + 1;
}

/** Rows on which one tick is alone, or some that come at once. */
class TickRows {
  readonly #plan: Plan;
  readonly #stage: Stage;
  readonly #ticks: ReadonlySet<DomainId>;
  readonly #reached = new Map<DomainId, boolean>();

  constructor(plan: Plan, stage: Stage, ticks: ReadonlySet<DomainId>) {
    this.#plan = plan;
    this.#stage = stage;
    this.#ticks = ticks;
  }

  /** After how many rows another one changes nothing, but for `handedOut` rows; null where each may matter. */
  untilSettled(handedOut = false): number | null {
    const domain = sinkDomain(this.#plan, this.#stage.sink);
    if (domain === null || (!handedOut && this.#reaches(domain))) return null;
    if (this.#stage.ticks.some(({ domain, of }) => !this.#ticks.has(domain) && this.#reaches(of))) return null;
    // A window that ends shows on the next row, and can decide there on what else ends.
    let rows = 1;
    for (const id of this.#stage.values) {
      const value = this.#plan.values[id]!;
      const reached = value.domain !== null && this.#reaches(value.domain);
      if (value.kind === "time" && reached) return null;
      if (value.kind !== "aggregate") continue;
      if (value.isNew !== null && reached && this.#mayHold(value.isNew)) return null;
      if (value.window?.kind === "within" && reached) return null;
      if (value.window?.kind === "since") rows += 1;
      if (value.window?.kind === "sliding") rows += value.window.count;
    }
    return rows;
  }

  /** Whether such a row may be a row of a domain. */
  #reaches(id: DomainId): boolean {
    const known = this.#reached.get(id);
    if (known !== undefined) return known;
    const reaches = this.#find(id);
    this.#reached.set(id, reaches);
    return reaches;
  }

  #find(id: DomainId): boolean {
    const domain = this.#plan.domains[id]!;
    if (domain.kind === "tick") return this.#ticks.has(id);
    if (domain.kind === "merge") return domain.inputs.some((input) => this.#reaches(input));
    if (domain.kind === "select") return this.#reaches(domain.input) && this.#mayHold(domain.condition);
    return false;
  }

  /** Whether a bool may be true on such a row. */
  #mayHold(id: ValueId): boolean {
    const value = this.#plan.values[id]!;
    if (value.domain !== null && !value.continuous && !this.#reaches(value.domain)) return false;
    if (value.kind === "present") return value.domain === null || this.#reaches(value.domain);
    if (value.kind === "any") return value.arguments.some((argument) => this.#mayHold(argument));
    if (value.kind === "all") return value.arguments.every((argument) => this.#mayHold(argument));
    return true;
  }
}

/** The domain whose rows a stage hands out; null for answers, which ask for what each row had. */
export function sinkDomain(plan: Plan, sink: Sink): DomainId | null {
  switch (sink.kind) {
    case "result":
    case "final":
      return sink.domain;
    case "requests":
      return plan.lookups[sink.lookup]!.domain;
    case "answers":
      return null;
    case "stored": {
      const domain = plan.domains[sink.domain]!;
      return domain.kind === "shift" || domain.kind === "rekey" ? domain.input : null;
    }
  }
}
