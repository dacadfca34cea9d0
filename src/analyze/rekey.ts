import { sameType, typeName } from "../values/fenl-type.ts";
import { type Analyzed, type Grouping, reported, type TimeDomain } from "./analyzed.ts";
import type { Context } from "./context.ts";
import { argumentOf, callNode, type FunctionCall, hasReportedArgument, placeOf } from "./function-call.ts";
import { combineGroupings } from "./grouping.ts";
import { combineDomains } from "./time-domain.ts";
import { unify } from "./unify.ts";

function finish(context: Context, call: FunctionCall, grouping: Grouping, domain: TimeDomain): Analyzed {
  const typing = unify(context, placeOf(call), call.signature, call.parameters);
  const node = typing && callNode(context, call, typing, grouping);
  if (typing === null || node === null) return reported(call.span);
  const type = typing.typeOf(call.signature.result);
  return { node, type, span: call.span, origin: call.functionSpan, grouping, domain };
}

/** False, reported, where `key` cannot be a key of the grouping that `value` stands for. */
function keyFits(context: Context, key: Analyzed, value: Analyzed, grouping: string): boolean {
  const expected = context.groupings.get(grouping);
  if (expected === undefined || sameType(key.type, expected)) return true;
  context.report.wrongKeyType(key, value.span, grouping, expected);
  return false;
}

function isKeyType(context: Context, key: Analyzed): boolean {
  if (key.type.kind !== "window" && key.type.kind !== "json") return true;
  context.report.invalidKeyType(key);
  return false;
}

/** `lookup(key, value)`: the value of a foreign entity, in the key's grouping. */
export function applyLookup(context: Context, call: FunctionCall): Analyzed {
  if (hasReportedArgument(context, call)) return reported(call.span);
  const key = argumentOf(call, "key");
  const value = argumentOf(call, "value");
  let fits = isKeyType(context, key);
  if (key.grouping === null) {
    context.report.ungroupedLookup(key.span, "key");
    fits = false;
  }
  if (value.grouping === null) {
    context.report.ungroupedLookup(value.span, "value");
    fits = false;
  }
  if (fits && value.grouping) fits = keyFits(context, key, value, value.grouping);
  if (!fits) return reported(call.span);
  return finish(context, call, key.grouping, value.domain === "continuous" ? "continuous" : key.domain);
}

/** `with_key(key, value)`: the rows under another key, in the grouping of that name or of the key type's name. */
export function applyWithKey(context: Context, call: FunctionCall): Analyzed {
  if (hasReportedArgument(context, call)) return reported(call.span);
  const key = argumentOf(call, "key");
  const value = argumentOf(call, "value");
  combineGroupings(context, call.functionSpan, call.record.name, [key, value]);
  const domain = combineDomains(context, call.functionSpan, [key, value]);
  if (!isKeyType(context, key)) return reported(call.span);
  const named = call.parameters.find(({ parameter }) => parameter.name === "grouping")?.values[0];
  const constant = named && context.nodes.constant(named.node);
  const grouping = typeof constant === "string" ? constant : typeName(key.type);
  if (!keyFits(context, key, named ?? value, grouping)) return reported(call.span);
  const result = finish(context, call, grouping, domain);
  if (result.node >= 0 && !context.groupings.has(grouping)) context.groupings.set(grouping, key.type);
  return result;
}
