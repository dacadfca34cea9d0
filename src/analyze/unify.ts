import type { Signature, SignatureParameter, SignatureType } from "../functions/signature.ts";
import type { Span } from "../text/span.ts";
import type { FenlType } from "../values/fenl-type.ts";
import type { Analyzed } from "./analyzed.ts";
import type { Context } from "./context.ts";
import { converts } from "./conversion.ts";
import { leastUpperBound } from "./least-upper-bound.ts";
import { promote } from "./type-class.ts";

/** A parameter with the values a call has for it; none: its default. */
export interface TypedParameter {
  readonly parameter: SignatureParameter;
  readonly values: readonly Analyzed[];
}

/** The types of a call: by type variable, and what each parameter and the result become. */
export interface CallTyping {
  readonly variables: Readonly<Record<string, FenlType>>;
  typeOf(type: SignatureType): FenlType;
}

/** What the arguments demand of one type variable. `exact`: a map's keys, which are never converted. */
interface Demand {
  readonly type: FenlType;
  readonly value: Analyzed;
  readonly exact: boolean;
}

/** Collects the demands of an argument's type; false where the type has another shape than the parameter's. */
function demand(
  demands: Map<string, Demand[]>,
  wanted: SignatureType,
  type: FenlType,
  value: Analyzed,
  exact = false,
): boolean {
  switch (wanted.kind) {
    case "concrete":
      return converts(type, wanted.type);
    case "variable": {
      const list = demands.get(wanted.name) ?? [];
      list.push({ type, value, exact });
      demands.set(wanted.name, list);
      return true;
    }
    case "list":
      if (type.kind === "null") return demand(demands, wanted.item, type, value);
      return type.kind === "list" && demand(demands, wanted.item, type.item, value);
    case "map":
      if (type.kind === "null") return demand(demands, wanted.value, type, value);
      return (
        type.kind === "map" &&
        demand(demands, wanted.key, type.key, value, true) &&
        demand(demands, wanted.value, type.value, value)
      );
    case "record":
      return type.kind === "record";
    case "infer":
      return true;
  }
}

function commonType(demands: readonly Demand[]): FenlType | null {
  let common: FenlType | null = demands.find(({ exact }) => exact)?.type ?? null;
  if (common !== null) {
    const exact = common;
    return demands.every(({ type }) => converts(type, exact)) ? exact : null;
  }
  common = { kind: "null" };
  for (const { type } of demands) {
    common = leastUpperBound(common, type);
    if (common === null) return null;
  }
  return common;
}

function substitute(type: SignatureType, variables: ReadonlyMap<string, FenlType>): FenlType {
  switch (type.kind) {
    case "concrete":
      return type.type;
    case "variable":
      return variables.get(type.name) ?? { kind: "null" };
    case "list":
      return { kind: "list", item: substitute(type.item, variables) };
    case "map":
      return { kind: "map", key: substitute(type.key, variables), value: substitute(type.value, variables) };
    default:
      return { kind: "error" };
  }
}

/** Where a parameter's type stands in its signature, as a place that diagnostics can show. */
export function signaturePlace(context: Context, signature: Signature, parameter: SignatureParameter) {
  const source = `built-in signature '${signature.text}'`;
  context.sources[source] = signature.text;
  return { span: { source, start: parameter.typeStart, end: parameter.typeEnd }, text: parameter.typeText };
}

/** Types a call by unification (the language reference, 4.1); null, reported, where the arguments do not fit. */
export function unify(
  context: Context,
  call: { readonly span: Span; readonly name: string },
  signature: Signature,
  parameters: readonly TypedParameter[],
): CallTyping | null {
  let fits = true;
  const demands = new Map<string, Demand[]>();
  for (const { parameter, values } of parameters) {
    for (const value of values) {
      if (demand(demands, parameter.type, value.type, value)) continue;
      fits = false;
      context.report.wrongParameterType(call, parameter.name, value, signaturePlace(context, signature, parameter));
    }
  }
  const variables = new Map<string, FenlType>();
  for (const variable of signature.variables) {
    const ofVariable = demands.get(variable.name) ?? [];
    const common = commonType(ofVariable);
    if (common === null) {
      fits = false;
      context.report.incompatibleTypes(call, places(ofVariable));
      continue;
    }
    const type = promote(common, variable.class);
    if (type === null) {
      fits = false;
      context.report.wrongTypeClass(call, places(ofVariable), variable.class);
    } else {
      variables.set(variable.name, type);
    }
  }
  if (!fits) return null;
  return { variables: Object.fromEntries(variables), typeOf: (type) => substitute(type, variables) };
}

function places(demands: readonly Demand[]) {
  return demands.map(({ value }) => ({ span: value.span, type: value.type }));
}
