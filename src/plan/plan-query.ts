import type { TypedQuery } from "../analyze/typed.ts";
import type { TableSnapshot } from "../tables/table-snapshot.ts";
import { CODES } from "../text/codes.ts";
import type { Diagnostic } from "../text/diagnostic.ts";
import { internalError } from "../text/internal-error.ts";
import { lowerQuery } from "./lower-query.ts";
import { PlanFault } from "./lowering.ts";
import type { Plan } from "./plan.ts";
import { pruneLookups } from "./prune-lookups.ts";

/** A plan, or why there is none. */
export type Planned =
  | { readonly plan: Plan; readonly fault: null }
  | { readonly plan: null; readonly fault: Diagnostic };

/** Plans a typed query. A query without rows, such as one of literals alone, is the user's mistake. */
export function planQuery(query: TypedQuery, tables: readonly TableSnapshot[]): Planned {
  try {
    return { plan: pruneLookups(lowerQuery(query, tables)), fault: null };
  } catch (error) {
    if (!(error instanceof PlanFault))
      return { plan: null, fault: internalError(error, query.nodes[query.root]!.span) };
    const { node, message } = error;
    return {
      plan: null,
      fault: {
        code: "E0013",
        severity: "error",
        message: CODES.E0013,
        labels: [{ style: "primary", span: node.span, message }],
        notes: [],
      },
    };
  }
}
