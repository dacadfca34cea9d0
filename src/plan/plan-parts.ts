import type { Domain, DomainId, ValueExpression, ValueId } from "./plan.ts";

/** What a domain's rows are found from. */
export function domainParts(domain: Domain): { domains: readonly DomainId[]; values: readonly ValueId[] } {
  switch (domain.kind) {
    case "scan":
    case "request":
      return { domains: [], values: [] };
    case "merge":
      return { domains: domain.inputs, values: [] };
    case "select":
      return { domains: [domain.input], values: [domain.condition] };
    case "tick":
      return { domains: [domain.of], values: [] };
    case "shift":
      return { domains: [domain.input], values: [domain.by] };
    case "rekey":
      return { domains: [domain.input], values: [domain.key] };
  }
}

/** What depends on nothing but the values that it is computed from, as they are on the row. */
export const OF_OWN_PARTS: ReadonlySet<string> = new Set([
  "call",
  "cast",
  "member",
  "items",
  "part",
  "tuple",
  "if",
  "choose",
  "is_valid",
]);

/** The values that a stage needs for a value of its own: for one that another stage has stored, none. */
export function partsInStage(value: ValueExpression): readonly ValueId[] {
  return value.kind === "stored" ? [] : valueParts(value);
}

/** The values that a value is computed from, on its own rows. */
export function valueParts(value: ValueExpression): readonly ValueId[] {
  switch (value.kind) {
    case "literal":
    case "column":
    case "time":
    case "present":
    case "answer":
      return [];
    case "call":
    case "any":
    case "all":
    case "hash":
      return value.arguments;
    case "cast":
    case "member":
    case "items":
    case "part":
    case "is_valid":
    case "sample":
    case "stored":
      return [value.argument];
    case "tuple":
      return [value.test, ...value.arguments];
    case "if":
      return [value.condition, value.argument];
    case "choose":
      return [...value.tests, ...value.arguments];
    case "aggregate": {
      const parts = [value.argument];
      if (value.test !== null) parts.push(value.test);
      if (value.isNew !== null) parts.push(value.isNew);
      if (value.window && value.window.kind !== "within") parts.push(value.window.condition);
      return parts;
    }
  }
}
