import { EXPLANATIONS, type Explanation, explainFenl } from "../explain-fenl.ts";
import type { Store } from "../tables/store/store.ts";
import { checkOptions, type OptionRule, required } from "./argument-error.ts";
import { describeDiagnostics, type FenlDiagnostic, FenlError } from "./fenl-error.ts";
import { toParameters } from "./parameters.ts";
import { engineOptions, type QueryOptions, queryRules } from "./run-query.ts";
import { type Session, sessionOption, sessionOrDefault } from "./session.ts";

/** Options of {@link explainQuery}: those of a query, as far as they change how it is planned. */
export interface ExplainQueryOptions
  extends Pick<
    QueryOptions,
    "expression" | "resultBehavior" | "finalResultTime" | "changedSinceTime" | "dataTokenId" | "parameters"
  > {
  /** The tree of the text, the typed tree, the plan with its stages, or the stages' WebAssembly. */
  readonly explain: Explanation;
  /** Default: the living session, or a new one with the defaults. */
  readonly session?: Session | null;
}

/** A query as one of the engine's stages sees it. */
export interface QueryExplanation {
  readonly text: string;
  /** Warnings of the query. */
  readonly diagnostics: readonly FenlDiagnostic[];
}

const explainRule: OptionRule = {
  expected: EXPLANATIONS.map((what) => `"${what}"`).join(", "),
  holds: (value) => EXPLANATIONS.includes(value as Explanation),
};

/**
 * Shows what becomes of a query on its way to rows, without running it.
 * @throws FenlError for a wrong query, with its diagnostics
 */
export async function explainQuery(options: ExplainQueryOptions): Promise<QueryExplanation> {
  const { expression, resultBehavior, finalResultTime, changedSinceTime, dataTokenId, parameters } = queryRules;
  checkOptions("explainQuery", options, {
    ...{ expression, resultBehavior, finalResultTime, changedSinceTime, dataTokenId, parameters },
    explain: required(explainRule),
    session: sessionOption,
  });
  const session = await sessionOrDefault(options.session);
  return explainOver("explainQuery", session.store, options);
}

/**
 * Shows what becomes of a query over the tables and views of a store.
 * @throws FenlError for a wrong query
 */
export function explainOver(
  call: string,
  store: Store,
  options: Omit<ExplainQueryOptions, "session">,
): QueryExplanation {
  const engine = engineOptions(call, options);
  const tables = store.snapshot(options.dataTokenId ?? store.latestDataToken());
  const environment = { tables, views: store.listViews(), parameters: toParameters(call, options.parameters) };
  const explained = explainFenl(options.expression, environment, options.explain, engine);
  const diagnostics = describeDiagnostics(explained.diagnostics, explained.sources);
  if (explained.text === null) throw new FenlError(diagnostics);
  return { text: explained.text, diagnostics };
}
