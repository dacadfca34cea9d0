import type { Span } from "../text/span.ts";
import type { Analyzed, SpecificDomain, TimeDomain } from "./analyzed.ts";
import type { Context } from "./context.ts";

/** The time domain of a table's events. */
export function tableDomain(table: string): TimeDomain {
  return { identity: `table ${table}`, label: `Table '${table}'` };
}

function identityOf(domain: TimeDomain): string {
  return typeof domain === "string" ? domain : domain.identity;
}

const LONGEST_EXCERPT = 40;

function excerpt(context: Context, span: Span): string {
  const text = (context.sources[span.source] ?? "").slice(span.start, span.end).replace(/\s+/g, " ");
  const characters = [...text];
  return characters.length > LONGEST_EXCERPT ? `${characters.slice(0, LONGEST_EXCERPT - 3).join("")}...` : text;
}

/** The time domain of values moved by `shift_to`, `shift_by` or `shift_until`; `by` is the time, delta or predicate. */
export function shiftDomain(context: Context, kind: "to" | "by" | "until", by: Analyzed, value: Analyzed): TimeDomain {
  const of = kind === "by" ? ` of ${identityOf(value.domain)}` : "";
  return { identity: `shift ${kind} ${by.node}${of}`, label: `Shift ${kind} '${excerpt(context, by.span)}'` };
}

/** The time domain of an operation over `values`; warns (W2000) where they have their values at different times. */
export function combineDomains(context: Context, operation: Span, values: readonly Analyzed[]): TimeDomain {
  const specific = new Map<string, SpecificDomain>();
  let warned = false;
  for (const { domain } of values) {
    if (domain === "reported") warned = true;
    else if (domain !== "continuous") specific.set(domain.identity, domain);
  }
  if (specific.size > 1) {
    context.report.incompatibleTimeDomains(
      operation,
      values.flatMap(({ span, domain }) => (typeof domain === "string" ? [] : [{ span, label: domain.label }])),
    );
    return "reported";
  }
  if (warned) return "reported";
  return specific.values().next().value ?? "continuous";
}
