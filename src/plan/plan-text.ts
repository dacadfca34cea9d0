import { type Analysis, analyze } from "../analyze/analyze.ts";
import type { QueryParameter } from "../analyze/parameters.ts";
import type { TableSnapshot } from "../tables/table-snapshot.ts";
import { type Planned, planQuery } from "./plan-query.ts";

/** What a text names: tables, views and the values that were given with it. */
interface PlanEnvironment {
  readonly tables: readonly TableSnapshot[];
  readonly views: readonly { readonly name: string; readonly expression: string }[];
  readonly parameters?: readonly QueryParameter[];
}

/** A text with what analysis found out about it, and its plan; without a plan where there are errors. */
export interface PlannedText {
  readonly analysis: Analysis;
  readonly planned: Planned | null;
}

/** The texts that were planned last, by themselves and all that their plans depend on. */
const known = new Map<string, PlannedText>();
const MOST_KNOWN = 16;
/** Longer texts are not kept. */
const MOST_TEXT = 1 << 16;

/** Analyzes and plans a text; one that is run again over tables of the same columns has been planned. */
export function planText(text: string, environment: PlanEnvironment): PlannedText {
  const { tables, views, parameters = [] } = environment;
  // A text for a value could be that for another value, too.
  if (parameters.length > 0 || text.length > MOST_TEXT) return planAnew(text, environment);
  const key = JSON.stringify([text, views, tables.map(({ files: _files, ...schema }) => schema)]);
  const planned = known.get(key) ?? planAnew(text, environment);
  known.delete(key);
  known.set(key, planned);
  if (known.size > MOST_KNOWN) known.delete(known.keys().next().value!);
  return planned;
}

function planAnew(text: string, environment: PlanEnvironment): PlannedText {
  const analysis = analyze(text, environment);
  return { analysis, planned: analysis.query === null ? null : planQuery(analysis.query, environment.tables) };
}
