import type { Span } from "../text/span.ts";
import type { Analyzed, Grouping } from "./analyzed.ts";
import type { Context } from "./context.ts";

/** The grouping of an operation over `values`; reports (W2001) where they belong to different ones. */
export function combineGroupings(
  context: Context,
  operation: Span,
  operationName: string,
  values: readonly Analyzed[],
): Grouping {
  const firstOf = new Map<string, Span>();
  let reported = false;
  for (const { grouping, span } of values) {
    if (grouping === undefined) reported = true;
    else if (grouping !== null && !firstOf.has(grouping)) firstOf.set(grouping, span);
  }
  if (firstOf.size > 1) {
    context.report.incompatibleGroupings(operation, operationName, firstOf);
    return undefined;
  }
  const [only] = firstOf.keys();
  return only ?? (reported ? undefined : null);
}
