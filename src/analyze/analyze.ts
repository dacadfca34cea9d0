import type { Expression } from "../syntax/ast.ts";
import { parseFenl } from "../syntax/parse.ts";
import type { Diagnostic, SourceTexts } from "../text/diagnostic.ts";
import { QUERY_SOURCE, type Span } from "../text/span.ts";
import type { FenlType, RecordField } from "../values/fenl-type.ts";
import { type Analyzed, isReported } from "./analyzed.ts";
import type { Context, Observer } from "./context.ts";
import { analyzeExpression } from "./expression.ts";
import { type Formula, Formulas } from "./formulas.ts";
import { NodeTable } from "./node-table.ts";
import { checkOutput } from "./output.ts";
import type { QueryParameter } from "./parameters.ts";
import { Report } from "./report.ts";
import { OUTERMOST } from "./scope.ts";
import { tableDomain } from "./time-domain.ts";
import type { TypedQuery } from "./typed.ts";

/** A table as queries name it. */
export interface AnalyzeTable {
  readonly name: string;
  readonly grouping: string;
  readonly keyType: FenlType;
  readonly columns: readonly RecordField[];
}

/** The names that a query can use. */
export interface AnalyzeEnvironment {
  readonly tables: readonly AnalyzeTable[];
  readonly views: readonly Formula[];
  /** The values that a query can use as `$name`. */
  readonly parameters?: readonly QueryParameter[];
}

/** What analysis finds out about a text. */
export interface Analysis {
  /** Null exactly when a diagnostic is an error. */
  readonly query: TypedQuery | null;
  /** The fields of the result, where it is a record. */
  readonly schema: readonly RecordField[] | null;
  /** The type of the whole expression, where it has one. */
  readonly type: FenlType | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: SourceTexts;
}

function tableValue(nodes: NodeTable, table: AnalyzeTable, span: Span): Analyzed {
  const type: FenlType = { kind: "record", fields: table.columns.map(({ name, type }) => ({ name, type })) };
  const node = nodes.add({ kind: "table", table: table.name }, type, span, table.grouping);
  return { node, type, span, origin: span, grouping: table.grouping, domain: tableDomain(table.name) };
}

function contextOf(
  environment: AnalyzeEnvironment,
  report: Report,
  sources: Record<string, string>,
  observe?: Observer,
): Context {
  const nodes = new NodeTable();
  const tables = new Map(environment.tables.map((table) => [table.name, table]));
  const groupings = new Map<string, FenlType>();
  for (const { grouping, keyType } of environment.tables) {
    if (!groupings.has(grouping)) groupings.set(grouping, keyType);
  }
  const formulas = new Formulas(report, sources, environment.views, new Set(tables.keys()));
  const context: Context = {
    nodes,
    report,
    sources,
    groupings,
    observe,
    parameters: new Map(environment.parameters?.map((parameter) => [parameter.name, parameter])),
    globalNames: [...formulas.names, ...tables.keys()],
    global: (name, span) => {
      const table = tables.get(name);
      if (table !== undefined) return tableValue(nodes, table, span);
      return formulas.value(name, span, (expression) => analyzeExpression(context, expression, OUTERMOST));
    },
  };
  return context;
}

/** Only nodes that the root needs, in order. */
function prune({ nodes }: NodeTable, root: number): Pick<TypedQuery, "nodes" | "root"> {
  const needed = new Uint8Array(nodes.length);
  needed[root] = 1;
  const need = (id: number) => {
    needed[id] = 1;
    return id;
  };
  for (let id = root; id >= 0; id--) {
    const node = nodes[id];
    if (node !== undefined && needed[id]) mapArguments(node, need);
  }
  const places = new Int32Array(nodes.length);
  const kept: TypedQuery["nodes"][number][] = [];
  for (const [id, node] of nodes.entries()) {
    if (!needed[id]) continue;
    places[id] = kept.length;
    kept.push(mapArguments(node, (argument) => places[argument] ?? -1));
  }
  return { nodes: kept, root: places[root] ?? -1 };
}

function mapArguments(node: TypedQuery["nodes"][number], map: (id: number) => number): TypedQuery["nodes"][number] {
  switch (node.kind) {
    case "literal":
    case "table":
      return node;
    case "field":
    case "project":
      return { ...node, base: map(node.base) };
    case "record":
      return { ...node, fields: node.fields.map(({ name, value }) => ({ name, value: map(value) })) };
    case "extend":
      return { ...node, extension: map(node.extension), base: map(node.base) };
    case "cast":
      return { ...node, value: map(node.value) };
    case "call": {
      const mapped = { ...node, arguments: node.arguments.map(map) };
      if (node.window === undefined || node.window.kind === "within") return mapped;
      return { ...mapped, window: { ...node.window, condition: map(node.window.condition) } };
    }
  }
}

function typedQuery(context: Context, { node, grouping }: Analyzed): TypedQuery {
  const keyType = typeof grouping === "string" ? context.groupings.get(grouping) : undefined;
  return { ...prune(context.nodes, node), keyType: keyType ?? null };
}

/**
 * Text -> typed tree, or what is wrong with it. With `purpose` `view` the value may be of any type, as those of views
 * may; then there is no query, as it would have no rows to output.
 */
export function analyze(text: string, environment: AnalyzeEnvironment, purpose: "query" | "view" = "query"): Analysis {
  const report = new Report();
  const sources: Record<string, string> = Object.create(null);
  sources[QUERY_SOURCE] = text;
  const { expression, diagnostics } = parseFenl(text);
  report.addAll(diagnostics);
  const context = contextOf(environment, report, sources);
  let value: Analyzed | null = null;
  if (expression !== null) {
    try {
      value = analyzeExpression(context, expression, OUTERMOST);
      if (purpose === "query") checkOutput(context, value);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      report.tooDeep(expression.span);
      value = null;
    }
  }
  const type = value === null || isReported(value) ? null : value.type;
  return {
    query: report.failed || value === null || value.node < 0 ? null : typedQuery(context, value),
    schema: !report.failed && type?.kind === "record" ? type.fields : null,
    type,
    diagnostics: report.diagnostics,
    sources,
  };
}

/** Tells what each part of a parsed text is, as far as it can be found out; wrong parts are of type `error`. */
export function observeTypes(expression: Expression, environment: AnalyzeEnvironment, observe: Observer): void {
  const context = contextOf(environment, new Report(), Object.create(null), observe);
  try {
    analyzeExpression(context, expression, OUTERMOST);
  } catch (error) {
    // Nested too deeply: what was found out so far is all there is.
    if (!(error instanceof RangeError)) throw error;
  }
}
