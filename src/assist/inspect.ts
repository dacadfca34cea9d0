import type { AnalyzeEnvironment } from "../analyze/analyze.ts";
import { allFunctions, findFunction, signatureOf } from "../functions/catalog.ts";
import type { SignatureParameter } from "../functions/signature.ts";
import type { Token } from "../syntax/tokenize.ts";
import type { FenlType } from "../values/fenl-type.ts";
import { fieldsOf, shownType } from "./complete.ts";
import { functionHelp, type HelpPart, type HelpText, helpText } from "./function-page.ts";
import { type OpenPart, repairText } from "./repair.ts";
import { tokensOf } from "./tokens.ts";
import { type Found, findAt } from "./types-at.ts";

/**
 * Tells about what stands at an offset (in UTF-16 units) of a text, however unfinished it is: a function, a name with
 * its type, or, inside the parentheses of a call, its signature. Null where there is nothing to tell. Never fails.
 */
export function inspectFenl(text: string, offset: number, environment: AnalyzeEnvironment): HelpText | null {
  const at = Math.max(0, Math.min(offset, text.length));
  const tokens = tokensOf(text).filter(({ kind }) => kind !== "comment");
  const index = tokenAt(tokens, at);
  const token = tokens[index];
  const named = token === undefined ? null : namedHelp(text, tokens, index, environment);
  if (named !== null) return named;
  const { open } = repairText(text, at);
  const call = open.findLast(({ kind }) => kind === "call");
  const operator = token === undefined || token.end === at ? null : operatorHelp(token);
  return operator ?? (call === undefined ? null : callHelp(call));
}

/** The signature of the call around an offset, its current parameter marked; null outside calls. */
export function signatureHelp(text: string, offset: number): HelpText | null {
  const call = repairText(text, offset).open.findLast(({ kind }) => kind === "call");
  return call === undefined ? null : callHelp(call);
}

/** The token that an offset is in; between two tokens a name wins. */
function tokenAt(tokens: readonly Token[], at: number): number {
  const touches = ({ start, end }: Token) => start <= at && at <= end;
  const isName = ({ kind, text }: Token) => kind === "name" || kind === "parameter" || text === "$input";
  const name = tokens.findIndex((token) => touches(token) && isName(token));
  return name >= 0 ? name : tokens.findIndex(({ start, end }) => start <= at && at < end);
}

function namedHelp(
  text: string,
  tokens: readonly Token[],
  index: number,
  environment: AnalyzeEnvironment,
): HelpText | null {
  const token = tokens[index]!;
  if (token.kind !== "name" && token.kind !== "parameter" && token.text !== "$input") return null;
  const isMember = tokens[index - 1]?.text === ".";
  const next = tokens[index + 1]?.text;
  if (token.kind === "name" && !isMember && next === "(") {
    const record = findFunction(token.text);
    return record === undefined ? null : functionHelp(record);
  }
  const { text: repaired, cursor, open } = repairText(text, token.start);
  const call = open.at(-1);
  if (next === "=" && call?.kind === "call") return callHelp({ ...call, keyword: token.text });
  const found = cursor === null ? null : findAt(repaired, cursor, environment);
  if (found !== null) return foundHelp(found, environment);
  const record = isMember ? undefined : findFunction(token.text);
  return record === undefined ? null : functionHelp(record);
}

function foundHelp({ role, name, type, base, bindings }: Found, environment: AnalyzeEnvironment): HelpText | null {
  switch (role) {
    case "name":
      if (!bindings.some((binding) => binding.name === name)) return globalHelp(name, type, environment);
      return typed(name, type, "Bound by let.");
    case "input":
      return typed("$input", type, "What is on the left of the pipe.");
    case "parameter":
      return typed(`$${name}`, type, "Given with the query.");
    case "binding":
      return typed(name, type, "Bound by let.");
    case "new-field":
      return typed(name, type, "A field of the record.");
    case "field":
      if (type !== null) return typed(name, type, base === null ? "A field." : `A field of ${shortType(base)}.`);
      return base === null ? null : helpText([{ kind: "text", text: `${shortType(base)} has no field ${name}.` }]);
    case "cast-type":
      return type === null ? null : helpText([{ kind: "text", text: `Converts ${shownType(type)} to ${name}.` }]);
    case "function": {
      const record = findFunction(name);
      return record === undefined ? null : functionHelp(record);
    }
  }
}

function globalHelp(name: string, type: FenlType | null, environment: AnalyzeEnvironment): HelpText | null {
  const table = environment.tables.find((candidate) => candidate.name === name);
  if (table !== undefined) {
    const text = `A table of the grouping ${table.grouping}, by keys of type ${shownType(table.keyType)}.`;
    return typed(name, type, text);
  }
  const view = environment.views.find((candidate) => candidate.name === name);
  if (view !== undefined) {
    return typed(name, type, "A view:", [{ kind: "code", language: "fenl", text: view.expression }]);
  }
  const record = findFunction(name);
  return record === undefined ? null : functionHelp(record);
}

function typed(name: string, type: FenlType | null, text: string, more: readonly HelpPart[] = []): HelpText {
  const shown = type === null ? "unknown" : shownType(type);
  const fields = fieldsOf(type);
  const line = fields.length > 3 ? `${name}: ${shortType(type!)}` : `${name}: ${shown}`;
  const items = fields.map((field) => ({ name: field.name, text: shownType(field.type), current: false }));
  return helpText([
    { kind: "code", language: "fenl", text: line },
    { kind: "text", text },
    ...more,
    ...(fields.length > 3 ? [{ kind: "list", items } as const] : []),
  ]);
}

function shortType(type: FenlType): string {
  if (type.kind === "record")
    return type.fields.length > 3 ? `a record of ${type.fields.length} fields` : shownType(type);
  return type.kind === "list" ? `list of ${shortType(type.item)}` : shownType(type);
}

function operatorHelp(token: Token): HelpText | null {
  if (token.kind !== "operator" && token.kind !== "keyword") return null;
  const record = allFunctions().find(({ operator }) => operator?.split(/[ ,]+|a$/).includes(token.text));
  return record === undefined ? null : functionHelp(record);
}

function callHelp(call: OpenPart): HelpText | null {
  const record = findFunction(call.name);
  if (record === undefined) return null;
  return functionHelp(record, call.keyword ?? currentParameter(call, signatureOf(record).parameters));
}

/** The parameter that the place in a call is for: after those without defaults, the first that is not yet given. */
function currentParameter(call: OpenPart, parameters: readonly SignatureParameter[]): string | null {
  const positional = parameters.filter((parameter) => parameter.default === undefined);
  const variadic = positional.find((parameter) => parameter.variadic);
  const optional = parameters.find(({ name, default: value }) => value !== undefined && !call.keywords.includes(name));
  return (positional[call.commas] ?? variadic ?? optional)?.name ?? null;
}
