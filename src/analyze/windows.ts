import { type Analyzed, reported } from "./analyzed.ts";
import type { Context } from "./context.ts";
import {
  argumentNodes,
  argumentOf,
  argumentsOf,
  type FunctionCall,
  type GivenParameter,
  hasReportedArgument,
  placeOf,
  roleOf,
} from "./function-call.ts";
import { combineGroupings } from "./grouping.ts";
import { combineDomains } from "./time-domain.ts";
import type { NodeId, Window } from "./typed.ts";
import { unify } from "./unify.ts";

/** Seconds of the functions that make a length of time of fixed size. */
const SECONDS: ReadonlyMap<string, bigint> = new Map([
  ["seconds", 1n],
  ["minutes", 60n],
  ["hours", 3_600n],
  ["days", 86_400n],
  ["weeks", 604_800n],
]);

const NANOSECONDS: ReadonlyMap<string, bigint> = new Map([
  ["duration_s", 1_000_000_000n],
  ["duration_ms", 1_000_000n],
  ["duration_us", 1_000n],
  ["duration_ns", 1n],
]);

/** The nanoseconds of a constant length of time, undefined where it is none. */
function constantNanoseconds(context: Context, id: NodeId): bigint | undefined {
  if (id < 0) return undefined;
  const node = context.nodes.at(id);
  if (node.kind === "cast") {
    const number = context.nodes.constant(node.value);
    const unit = NANOSECONDS.get(node.type.kind);
    return typeof number === "bigint" && unit !== undefined ? number * unit : constantNanoseconds(context, node.value);
  }
  const seconds = node.kind === "call" ? SECONDS.get(node.function) : undefined;
  if (node.kind !== "call" || seconds === undefined || node.arguments[0] === undefined) return undefined;
  const count = context.nodes.constant(node.arguments[0]);
  return typeof count === "bigint" ? count * seconds * 1_000_000_000n : undefined;
}

/** A record as a condition is true where it is there. */
function asCondition(context: Context, value: Analyzed): Analyzed {
  if (value.type.kind !== "record") return value;
  const type = { kind: "bool" } as const;
  const node = context.nodes.add(
    { kind: "call", function: "is_valid", arguments: [value.node], types: { T: value.type } },
    type,
    value.origin,
    value.grouping ?? null,
  );
  return { ...value, node, type };
}

function withRecordConditions(context: Context, call: FunctionCall): FunctionCall {
  const parameters = call.parameters.map((given): GivenParameter => {
    const { type } = given.parameter;
    const isCondition = type.kind === "concrete" && type.type.kind === "bool";
    return isCondition ? { ...given, values: given.values.map((value) => asCondition(context, value)) } : given;
  });
  return { ...call, parameters };
}

function withinWindow(context: Context, call: FunctionCall): Window | null {
  const duration = argumentOf(call, call.parameters[0]?.parameter.name ?? "duration");
  const name = call.record.name;
  const parameter = call.parameters[0]?.parameter.name ?? "duration";
  if (duration.type.kind === "interval_months") {
    context.report.variableDuration(duration, name);
    return null;
  }
  const nanoseconds = constantNanoseconds(context, duration.node);
  if (nanoseconds === undefined) {
    context.report.notConstant(duration.span, parameter, name);
    return null;
  }
  if (nanoseconds <= 0n) {
    context.report.illegalConstant(duration.span, parameter, name, "must be longer than nothing", `${nanoseconds} ns`);
  }
  return { kind: "within", nanoseconds: nanoseconds.toString() };
}

function conditionWindow(context: Context, call: FunctionCall, nodes: readonly NodeId[]): Window {
  if (roleOf(call.record) === "since") return { kind: "since", condition: nodes[0] ?? -1 };
  const count = Number(context.nodes.constant(nodes[0] ?? -1) ?? 0);
  if (count < 1 && call.record.constantRules === undefined) {
    const duration = argumentsOf(call)[0];
    if (duration) {
      context.report.illegalConstant(duration.span, "duration", call.record.name, "must be at least 1", String(count));
    }
  }
  return { kind: "sliding", count, condition: nodes[1] ?? -1 };
}

/** A call of `since`, `sliding` or `within`: a value of type `window`, which only an aggregation can use. */
export function applyWindow(context: Context, plainCall: FunctionCall): Analyzed {
  const call = withRecordConditions(context, plainCall);
  if (hasReportedArgument(context, call)) return reported(call.span);
  const typing = unify(context, placeOf(call), call.signature, call.parameters);
  if (typing === null) return reported(call.span);
  let window: Window | null = null;
  if (roleOf(call.record) === "within") {
    window = withinWindow(context, call);
  } else {
    const nodes = argumentNodes(context, call, typing);
    window = nodes && conditionWindow(context, call, nodes);
  }
  if (window === null) return reported(call.span);
  return {
    node: -1,
    type: { kind: "window" },
    span: call.span,
    origin: call.functionSpan,
    grouping: combineGroupings(context, call.functionSpan, call.record.name, argumentsOf(call)),
    domain: combineDomains(context, call.functionSpan, argumentsOf(call)),
    window,
  };
}
