import type { ParameterValue } from "../../src/api/parameters.ts";
import type { QueryResult } from "../../src/api/query-result.ts";
import type { Explanation } from "../../src/explain-fenl.ts";
import { nearest } from "../../src/text/nearest.ts";
import { parseTimestamp } from "../../src/values/timestamp.ts";
import { escapeHtml } from "../display/escape-html.ts";
import { plot } from "../display/plot.ts";
import { resultBundle } from "../display/query-result.ts";
import { userError } from "../display/user-error.ts";
import type { CellContext, CellValue } from "./cell-context.ts";
import { type Magic, type MagicOption, NO_VALUE } from "./magic.ts";
import { BOOLEAN_WORDS, booleanOption, type ParsedOptions, parseOptions } from "./parse-options.ts";
import { stopped } from "./stopped.ts";
import { usageError } from "./usage-error.ts";

const OPTIONS: readonly MagicOption[] = [
  { name: "var", value: "NAME", summary: "Bind the result to a variable of the session." },
  {
    name: "param",
    value: "NAME",
    repeatable: true,
    summary: "Give the query the value of this variable of the session as $NAME. May be repeated.",
  },
  {
    name: "result-behavior",
    value: "all-results|final-results",
    words: ["all-results", "final-results"],
    summary: "All rows, or the last one of each entity.",
  },
  {
    name: "row-order",
    value: "time|entity",
    words: ["time", "entity"],
    summary: "Rows by time over all entities (the default), or entity by entity.",
  },
  { name: "final-time", value: "TIME", summary: "Final results as of this time (RFC 3339)." },
  { name: "changed-since-time", value: "TIME", summary: "Only results that changed at or after this time (RFC 3339)." },
  { name: "data-token", value: "ID", summary: "Use this version of the data instead of the latest." },
  { name: "preview-rows", value: "N", summary: "Stop after N rows." },
  {
    name: "output",
    value: "parquet|csv",
    words: ["parquet", "csv"],
    summary: "Accepted: a result can be written in every format, with toCsv and toParquet.",
  },
  {
    name: "dataframe",
    value: "BOOL",
    words: BOOLEAN_WORDS,
    summary: "Show the rows (the default), or only the response.",
  },
  {
    name: "plot",
    value: "BOOL",
    words: BOOLEAN_WORDS,
    summary: "Draw the rows as timelines of their entities instead of showing the table.",
  },
  { name: "dry-run", value: "BOOL", words: BOOLEAN_WORDS, summary: "Check the query without running it." },
  {
    name: "explain",
    value: "ast|typed|plan|wasm",
    words: ["ast", "typed", "plan", "wasm"],
    summary: "Show what the parser, the analyzer, the planner or the compiler makes of the query, without running it.",
  },
  {
    name: "on",
    value: "local|spark",
    words: ["local", "spark"],
    summary: "Where the query runs: here, or in the session that SparkBuilder built.",
  },
  { name: "experimental", value: "BOOL", words: BOOLEAN_WORDS, summary: "Accepted: no function is held back." },
  { name: "debug", value: "BOOL", words: BOOLEAN_WORDS, summary: "Accepted; it has no effect." },
];

/** `%%fenl`: runs the Fenl query below; its result is the cell's value, and with `--var NAME` a variable as well. */
export const magicFenl: Magic = {
  name: "fenl",
  forms: ["cell"],
  usage: "%%fenl [--var NAME] [--param NAME ...] [OPTION ...]",
  summary: "Run the Fenl query below and show its result.",
  options: OPTIONS,
  async run(call, context) {
    const options = parseOptions(call.argument, magicFenl);
    const name = readName(options);
    const request = { ...readRequest(options, call.body), parameters: readParameters(options, context) };
    const explain = text(options.values, "explain") as Explanation | undefined;
    if (explain !== undefined) return await showExplanation(explain, name, request, context);
    const onSpark = text(options.values, "on") === "spark";
    if (onSpark && request.dataTokenId !== undefined) throw usageError("--data-token is for the tables of a store");
    try {
      const result = await (onSpark ? answerOnSpark(request, context.signal) : answer(request, context.signal));
      // What was stopped at the last moment is not bound either.
      context.signal.throwIfAborted();
      if (name !== null) context.session.bind(name, result);
      if (booleanOption(options.values.get("plot"), false) && !request.dryRun) {
        return { kind: "value", value: plot(result) };
      }
      if (booleanOption(options.values.get("dataframe"), true)) return { kind: "value", value: result };
      context.output.display(resultBundle(result, { rows: false }));
      return NO_VALUE;
    } catch (error) {
      throw context.signal.aborted ? stopped("the query") : (userError(error) ?? error);
    }
  },
};

type Request = ReturnType<typeof readRequest> & { readonly parameters: Record<string, ParameterValue> };

async function answer(request: Request, signal: AbortSignal): Promise<QueryResult> {
  // The engine is loaded with the first query, not with the kernel.
  const { createQuery } = await import("../../src/api/query.ts");
  return await createQuery({ ...request, signal });
}

async function answerOnSpark({ dataTokenId: _none, ...request }: Request, signal: AbortSignal): Promise<QueryResult> {
  const { livingSparkSession } = await import("../../src/api/spark-session.ts");
  const session = await livingSparkSession();
  if (session === null) {
    throw usageError(
      "there is no session on Spark",
      'Build one in a TypeScript cell: await new SparkBuilder().master("spark://host:7077").build()',
    );
  }
  return await session.query({ ...request, signal });
}

async function showExplanation(
  explain: Explanation,
  name: string | null,
  { limits: _limits, dryRun: _dryRun, experimental: _experimental, rowOrder: _order, ...request }: Request,
  { output }: CellContext,
): Promise<CellValue> {
  if (name !== null) throw usageError("--explain runs nothing, so there is no result that --var could bind");
  const { explainQuery } = await import("../../src/api/explain-query.ts");
  try {
    const { text, diagnostics } = await explainQuery({ ...request, explain });
    for (const { formatted } of diagnostics) output.stream("stderr", `${formatted.trimEnd()}\n`);
    output.display({
      "text/plain": text.trimEnd(),
      "text/html": `<pre style="overflow-x:auto">${escapeHtml(text.trimEnd())}</pre>`,
    });
    return NO_VALUE;
  } catch (error) {
    throw userError(error) ?? error;
  }
}

/** Words that cannot be the name of a variable. */
const RESERVED = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends " +
    "false finally for function if implements import in instanceof interface let new null package private protected " +
    "public return static super switch this throw true try typeof undefined var void while with yield NaN Infinity"
  ).split(" "),
);

function readName({ values }: ParsedOptions): string | null {
  const name = values.get("var");
  if (name === undefined) return null;
  if (typeof name === "string" && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) && !RESERVED.has(name))
    return name;
  throw usageError(`--var must be a name that a TypeScript variable can have, but is '${name}'`);
}

function readRequest({ values, words }: ParsedOptions, body: string) {
  if (words.length > 0) {
    throw usageError(`unexpected '${words.join(" ")}' on the line of %%fenl`, "The query goes on the lines below it.");
  }
  const expression = body.trim();
  if (expression === "") throw usageError("%%fenl needs a query on the lines below it");
  const finalTime = time(values, "final-time");
  const behavior = text(values, "result-behavior");
  if (finalTime !== undefined && behavior !== undefined && behavior !== "final-results") {
    throw usageError('--final-time must be used with result-behavior "final-results"');
  }
  const isFinal = behavior === "final-results" || finalTime !== undefined;
  return {
    expression,
    resultBehavior: isFinal ? "final-results" : "all-results",
    rowOrder: text(values, "row-order") as "time" | "entity" | undefined,
    finalResultTime: finalTime,
    changedSinceTime: time(values, "changed-since-time"),
    dataTokenId: text(values, "data-token"),
    limits: previewLimits(text(values, "preview-rows")),
    dryRun: booleanOption(values.get("dry-run"), false),
    experimental: booleanOption(values.get("experimental"), false),
  } as const;
}

/** The values of the variables that `--param` names; what a query can take is checked with the query. */
function readParameters({ lists }: ParsedOptions, { session }: CellContext): Record<string, ParameterValue> {
  const names = lists.get("param") ?? [];
  if (names.length === 0) return {};
  const bindings = session.bindings();
  const parameters = names.map((name): [string, ParameterValue] => {
    if (bindings.has(name)) return [name, bindings.get(name) as ParameterValue];
    const close = nearest(name, bindings.keys(), 3);
    throw usageError(
      `--param ${name}: no variable of the session is called '${name}'`,
      ...(close.length === 0 ? [] : [`Nearest variables: ${close.join(", ")}`]),
    );
  });
  return Object.fromEntries(parameters);
}

function text(values: ParsedOptions["values"], name: string): string | undefined {
  const value = values.get(name);
  return typeof value === "string" ? value : undefined;
}

function time(values: ParsedOptions["values"], name: string): string | undefined {
  const value = text(values, name);
  if (value === undefined || parseTimestamp(value) !== null) return value;
  throw usageError(`--${name} must be a time such as 2022-01-01T10:00:00Z, but is '${value}'`);
}

function previewLimits(rows: string | undefined): { readonly previewRows: number } | undefined {
  if (rows === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(rows) || !Number.isSafeInteger(Number(rows))) {
    throw usageError(`--preview-rows must be a whole number from 1, but is '${rows}'`);
  }
  return { previewRows: Number(rows) };
}
