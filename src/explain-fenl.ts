import { analyze } from "./analyze/analyze.ts";
import { explainTyped } from "./analyze/explain-typed.ts";
import { CompileFault } from "./compile/compile-fault.ts";
import { explainStages } from "./compile/explain-stages.ts";
import { explainPlan } from "./plan/explain-plan.ts";
import { planQuery } from "./plan/plan-query.ts";
import { stagesOf } from "./plan/stages.ts";
import type { FenlEnvironment, FenlOptions } from "./run-fenl.ts";
import { explainAst } from "./syntax/explain-ast.ts";
import { parseFenl } from "./syntax/parse.ts";
import type { Diagnostic, SourceTexts } from "./text/diagnostic.ts";
import { internalError } from "./text/internal-error.ts";
import { QUERY_SOURCE } from "./text/span.ts";

/** What a query can be looked at as: what the parser, the analyzer, the planner, or the compiler made of it. */
export const EXPLANATIONS = ["ast", "typed", "plan", "wasm"] as const;

export type Explanation = (typeof EXPLANATIONS)[number];

/** A query as one of its stages sees it. */
export interface ExplainedQuery {
  /** Null where the query is too wrong to get as far; the diagnostics then say why. */
  readonly text: string | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: SourceTexts;
}

/** Shows what becomes of a query on its way to rows, without running it. The same query gives the same text. */
export function explainFenl(
  text: string,
  environment: FenlEnvironment,
  what: Explanation,
  options: Pick<FenlOptions, "resultBehavior" | "finalTime" | "changedSince"> = { resultBehavior: "all-results" },
): ExplainedQuery {
  if (what === "ast") {
    const { expression, diagnostics } = parseFenl(text);
    const sources = { [QUERY_SOURCE]: text };
    return { text: expression === null ? null : explainAst(expression, text), diagnostics, sources };
  }
  const { query, diagnostics, sources } = analyze(text, environment);
  if (query === null) return { text: null, diagnostics, sources };
  if (what === "typed") return { text: explainTyped(query), diagnostics, sources };

  const { plan, fault } = planQuery(query, environment.tables);
  if (plan === null) return { text: null, diagnostics: [...diagnostics, fault], sources };
  const stages = stagesOf(plan, options.resultBehavior === "final-results");
  if (what === "plan") return { text: explainPlan(plan, stages), diagnostics, sources };

  const bounds = { finalTime: options.finalTime !== undefined, changedSince: options.changedSince !== undefined };
  try {
    return { text: explainStages(plan, stages, environment.tables, bounds), diagnostics, sources };
  } catch (error) {
    if (!(error instanceof CompileFault)) throw error;
    const fault = internalError(error.cause, query.nodes[query.root]!.span);
    return { text: null, diagnostics: [...diagnostics, fault], sources };
  }
}
