import type { NodeId } from "../analyze/typed.ts";
import type { FenlType } from "../values/fenl-type.ts";
import type { Domain, DomainId, LookupId, LookupPart, Value, ValueExpression, ValueId } from "./plan.ts";
import { domainParts, valueParts } from "./plan-parts.ts";

/** Collects domains and values; equal ones get one id, so that common subexpressions are computed once. */
export class PlanBuilder {
  readonly domains: Domain[] = [];
  readonly values: Value[] = [];
  readonly lookups: { key: ValueId; domain: DomainId; parts: LookupPart[] }[] = [];
  readonly #domainIds = new Map<string, DomainId>();
  readonly #valueIds = new Map<string, ValueId>();
  readonly #typeNumbers = new Map<FenlType, number>();
  readonly #typeTexts = new Map<string, number>();
  readonly #shiftNodes = new Map<DomainId, NodeId>();
  readonly #lookupIds = new Map<string, LookupId>();
  /** How many lookups, each within the value of the next, domains, values and lookups stand on. */
  readonly #domainLevels: number[] = [];
  readonly #valueLevels: number[] = [];
  readonly #lookupLevels: number[] = [];

  domain(domain: Domain): DomainId {
    const id = intern(this.domains, this.#domainIds, JSON.stringify(domain), domain);
    if (id === this.#domainLevels.length) {
      const { domains, values } = domainParts(domain);
      const own = domain.kind === "request" ? this.#lookupLevels[domain.lookup]! : 0;
      this.#domainLevels.push(Math.max(own, this.#levelOf(domains, values)));
    }
    return id;
  }

  value(expression: ValueExpression, type: FenlType, domain: DomainId | null, continuous: boolean): ValueId {
    const key = JSON.stringify([this.#withTypeNumbers(expression), this.#typeNumber(type), domain, continuous]);
    const id = intern(this.values, this.#valueIds, key, { ...expression, type, domain, continuous });
    if (id === this.#valueLevels.length) {
      const own = expression.kind === "answer" ? this.#lookupLevels[expression.lookup]! : 0;
      const level = this.#levelOf(domain === null ? [] : [domain], valueParts(expression));
      this.#valueLevels.push(Math.max(own, level));
    }
    return id;
  }

  #withTypeNumbers(expression: ValueExpression): unknown {
    if (!("variables" in expression)) return expression;
    const variables = Object.entries(expression.variables).map(([name, type]) => [name, this.#typeNumber(type)]);
    return { ...expression, variables };
  }

  /** A number for a type: the text of a record of thousands of fields would be that long for each value that has it. */
  #typeNumber(type: FenlType): number {
    const known = this.#typeNumbers.get(type);
    if (known !== undefined) return known;
    const text = JSON.stringify(type);
    const number = this.#typeTexts.get(text) ?? this.#typeTexts.size;
    this.#typeTexts.set(text, number);
    this.#typeNumbers.set(type, number);
    return number;
  }

  #levelOf(domains: readonly DomainId[], values: readonly ValueId[]): number {
    let level = 0;
    for (const id of domains) level = Math.max(level, this.#domainLevels[id]!);
    for (const id of values) level = Math.max(level, this.#valueLevels[id]!);
    return level;
  }

  /** The union of row sets; null (no rows of its own) for none. */
  merge(ids: Iterable<DomainId | null>): DomainId | null {
    const inputs = new Set<DomainId>();
    for (const id of ids) {
      if (id === null) continue;
      const domain = this.domains[id]!;
      if (domain.kind === "merge") for (const input of domain.inputs) inputs.add(input);
      else inputs.add(id);
    }
    const wide = [...inputs].filter((a) => ![...inputs].some((b) => a !== b && this.within(a, b)));
    wide.sort((a, b) => a - b);
    if (wide.length === 0) return null;
    return wide.length === 1 ? wide[0]! : this.domain({ kind: "merge", inputs: wide });
  }

  /** True when every row of `a` is known to be a row of `b`. */
  within(a: DomainId, b: DomainId): boolean {
    return isWithin(this.domains, a, b);
  }

  /** True when every row of a domain is known to be a row of one of some others. */
  isCovered(id: DomainId, others: readonly DomainId[]): boolean {
    if (others.some((other) => this.within(id, other))) return true;
    const domain = this.domains[id]!;
    if (domain.kind === "select") return this.isCovered(domain.input, others);
    return domain.kind === "merge" && domain.inputs.every((input) => this.isCovered(input, others));
  }

  /** The rows at the boundaries of `unit` for the entities of `of`. */
  tick(unit: Extract<Domain, { kind: "tick" }>["unit"], of: DomainId): DomainId {
    const domain = this.domains[of]!;
    if (domain.kind !== "merge") return this.domain({ kind: "tick", unit, of });
    // Ticks of a part neither start earlier nor end later than the part itself.
    const others = domain.inputs.filter((id) => this.domains[id]!.kind !== "tick");
    const rest = domain.inputs.every((id) => {
      const input = this.domains[id]!;
      return input.kind !== "tick" || this.within(input.of, this.merge(others) ?? id);
    });
    return this.domain({ kind: "tick", unit, of: rest ? this.merge(others)! : of });
  }

  /** Notes which node of the typed tree asks for a shift; the first one gives its rows their place among others. */
  shiftedBy(domain: DomainId, node: NodeId): void {
    this.#shiftNodes.set(domain, Math.min(node, this.#shiftNodes.get(domain) ?? node));
  }

  /** The shifts in the order of their nodes. */
  origins(): Record<DomainId, number> {
    const shifts = [...this.#shiftNodes].sort(([a, first], [b, second]) => first - second || a - b);
    return Object.fromEntries(shifts.map(([domain], index) => [domain, index + 1]));
  }

  /** A lookup that `values` can be asked of: lookups by one key are one, unless one's answers are in what the other asks. */
  lookup(key: ValueId, domain: DomainId, values: readonly ValueId[]): LookupId {
    const level = 1 + this.#levelOf([domain], [key, ...values]);
    const name = `${key}/${domain}/${level}`;
    const known = this.#lookupIds.get(name);
    if (known !== undefined) return known;
    const id = this.lookups.push({ key, domain, parts: [] }) - 1;
    this.#lookupIds.set(name, id);
    this.#lookupLevels.push(level);
    this.domain({ kind: "request", lookup: id });
    return id;
  }

  lookupPart(lookup: LookupId, part: LookupPart): number {
    const parts = this.lookups[lookup]!.parts;
    const known = parts.findIndex((other) => other.value === part.value && other.exact === part.exact);
    if (known >= 0) return known;
    return parts.push(part) - 1;
  }
}

/** True when every row of domain `a` is known to be a row of domain `b`. */
export function isWithin(domains: readonly Domain[], a: DomainId, b: DomainId): boolean {
  if (a === b) return true;
  const narrow = domains[a]!;
  if (narrow.kind === "select" && isWithin(domains, narrow.input, b)) return true;
  if (narrow.kind === "merge") return narrow.inputs.every((input) => isWithin(domains, input, b));
  const wide = domains[b]!;
  return wide.kind === "merge" && wide.inputs.some((input) => isWithin(domains, a, input));
}

function intern<T>(list: T[], ids: Map<string, number>, key: string, entry: T): number {
  const known = ids.get(key);
  if (known !== undefined) return known;
  ids.set(key, list.length);
  return list.push(entry) - 1;
}
