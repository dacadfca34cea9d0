import type { DomainId, Plan } from "../plan/plan.ts";
import type { FenlType } from "../values/fenl-type.ts";
import type { JobSteps } from "./job-steps.ts";
import type { TaskSlice } from "./spark-job.ts";
import { quoted } from "./spark-table.ts";

/** What else the last times depend on. */
export interface LastTimesContext {
  sliceOf(table: string): TaskSlice | null;
  /** The step with the last times of the rows that a shift kept. */
  shiftStep(domain: DomainId): string;
}

/** Finds the facts whose greatest is the last time of a domain, over all entities. */
export class LastTimes {
  readonly #plan: Plan;
  readonly #steps: JobSteps;
  readonly #context: LastTimesContext;
  readonly #known = new Map<DomainId, readonly string[]>();

  constructor(plan: Plan, steps: JobSteps, context: LastTimesContext) {
    this.#plan = plan;
    this.#steps = steps;
    this.#context = context;
  }

  factsOf(id: DomainId): readonly string[] {
    const known = this.#known.get(id);
    if (known) return known;
    const facts = [...new Set(this.#find(id))];
    this.#known.set(id, facts);
    return facts;
  }

  #find(id: DomainId): readonly string[] {
    const domain = this.#plan.domains[id]!;
    switch (domain.kind) {
      case "scan":
        return [this.#ofTable(domain.table, domain.sliced)];
      case "merge":
        return domain.inputs.flatMap((input) => this.factsOf(input));
      case "select":
      case "rekey":
        return this.factsOf(domain.input);
      case "tick":
        return this.factsOf(domain.of);
      case "shift": {
        const input = this.factsOf(domain.input);
        return domain.mode === "until" ? input : [...input, this.#steps.fact(this.#context.shiftStep(id), "max(_t)")];
      }
      case "request":
        return this.factsOf(this.#plan.lookups[domain.lookup]!.domain);
    }
  }

  #ofTable(table: string, sliced: boolean): string {
    const slice = sliced ? this.#context.sliceOf(table) : null;
    const { timeColumn, columns } = this.#steps.snapshot(table);
    const { type } = columns.find(({ name }) => name === timeColumn)!;
    const expression = slice === null ? nanosecondsSql(quoted(timeColumn), type) : null;
    if (expression !== null) return this.#steps.tableFact(table, expression);
    return this.#steps.fact(this.#steps.prepared(table, [], false, slice), "max(_t)");
  }
}

/** A time column's values in nanoseconds since 1970 by Spark alone; null where it cannot do it as loading does. */
function nanosecondsSql(column: string, type: FenlType): string | null {
  switch (type.kind) {
    case "timestamp_ns":
    case "i64":
      return column;
    case "timestamp_s":
    case "timestamp_ms":
    case "timestamp_us":
      return `try_multiply(unix_micros(cast(${column} as timestamp)), 1000L)`;
    case "date32":
      return `try_multiply(cast(unix_date(${column}) as bigint), 86400000000000L)`;
    default:
      return null;
  }
}
