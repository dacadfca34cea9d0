import { isAggregation } from "../functions/define.ts";
import { type Analyzed, reported, type TimeDomain } from "./analyzed.ts";
import type { Context } from "./context.ts";
import {
  argumentOf,
  argumentsOf,
  callNode,
  evaluationOfCall,
  type FunctionCall,
  hasReportedArgument,
  isWindow,
  placeOf,
  roleOf,
  windowOf,
} from "./function-call.ts";
import { combineGroupings } from "./grouping.ts";
import { applyRecordFunction } from "./records.ts";
import { applyLookup, applyWithKey } from "./rekey.ts";
import { combineDomains, shiftDomain } from "./time-domain.ts";
import { type CallTyping, unify } from "./unify.ts";
import { applyWindow } from "./windows.ts";

/** Calls that do not type are judged by whether they take a window. */
function aggregates(call: FunctionCall, typing: CallTyping | null): boolean {
  if (typing === null) return call.parameters.some(isWindow);
  return isAggregation(evaluationOfCall(call, typing));
}

function domainOf(context: Context, call: FunctionCall, typing: CallTyping | null): TimeDomain {
  if (aggregates(call, typing)) return "continuous";
  const combined = () => combineDomains(context, call.functionSpan, argumentsOf(call));
  switch (roleOf(call.record)) {
    case "shift_to":
      combined();
      return shiftDomain(context, "to", argumentOf(call, "time"), argumentOf(call, "value"));
    case "shift_by":
      combined();
      return shiftDomain(context, "by", argumentOf(call, "delta"), argumentOf(call, "value"));
    case "shift_until":
      return shiftDomain(context, "until", argumentOf(call, "predicate"), argumentOf(call, "value"));
    default:
      return combined();
  }
}

/** A bounded collection that could never hold enough elements is refused. */
function checkCollectBounds(context: Context, call: FunctionCall): void {
  const [min, max] = ["min", "max"].map(
    (name) => call.parameters.find(({ parameter }) => parameter.name === name)?.values[0],
  );
  if (min === undefined || max === undefined) return;
  const [least, most] = [context.nodes.constant(min.node), context.nodes.constant(max.node)];
  if (least === undefined || least === null || most === undefined || most === null) return;
  if (least > most) context.report.collectBounds(min.span, String(least), String(most));
}

function checkWindow(context: Context, call: FunctionCall, typing: CallTyping): void {
  const window = windowOf(call);
  if (window?.window === undefined || window.window.kind === "since") return;
  const evaluation = evaluationOfCall(call, typing);
  if (evaluation.kind === "aggregate" && evaluation.combine === undefined) {
    context.report.unsupportedWindow(window.span, call.record.name, window.window.kind);
  }
}

function applyPlain(context: Context, call: FunctionCall): Analyzed {
  if (hasReportedArgument(context, call)) return reported(call.span);
  const typing = unify(context, placeOf(call), call.signature, call.parameters);
  const grouping = combineGroupings(context, call.functionSpan, call.record.name, argumentsOf(call));
  const domain = domainOf(context, call, typing);
  if (typing === null) return reported(call.span);
  if (call.record.name === "collect") checkCollectBounds(context, call);
  checkWindow(context, call, typing);
  const node = callNode(context, call, typing, grouping);
  if (node === null) return reported(call.span);
  const type = typing.typeOf(call.signature.result);
  return { node, type, span: call.span, origin: call.functionSpan, grouping, domain };
}

/** The value of a call whose arguments are analyzed and bound. */
export function applyFunction(context: Context, call: FunctionCall): Analyzed {
  switch (roleOf(call.record)) {
    case "extend":
    case "select_fields":
    case "remove_fields":
      return applyRecordFunction(context, call);
    case "since":
    case "sliding":
    case "within":
      return applyWindow(context, call);
    case "lookup":
      return applyLookup(context, call);
    case "with_key":
      return applyWithKey(context, call);
    default:
      return applyPlain(context, call);
  }
}
