import type { Evaluation, FunctionRecord, SpecialEvaluation } from "../functions/define.ts";
import { callEvaluation } from "../functions/evaluation.ts";
import type { Signature } from "../functions/signature.ts";
import type { Span } from "../text/span.ts";
import { type FenlType, sameType } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";
import { type Analyzed, type Grouping, isReported } from "./analyzed.ts";
import { literalOfConstant } from "./constants.ts";
import type { Context } from "./context.ts";
import type { LiteralValue, NodeId, Window } from "./typed.ts";
import type { CallTyping, TypedParameter } from "./unify.ts";

/** A parameter with its values; `takesInput` where the value is the implicit `$input`. */
export interface GivenParameter extends TypedParameter {
  readonly takesInput: boolean;
}

/** A call whose arguments are analyzed and bound to parameters. */
export interface FunctionCall {
  readonly record: FunctionRecord;
  readonly signature: Signature;
  /** The whole expression. */
  readonly span: Span;
  /** The function's name or the operator, where diagnostics point. */
  readonly functionSpan: Span;
  readonly parameters: readonly GivenParameter[];
}

/** The role of a function that the analyzer or planner expands itself, null for all others. */
export function roleOf(record: FunctionRecord): SpecialEvaluation["role"] | null {
  const { evaluation } = record;
  return typeof evaluation !== "function" && evaluation.kind === "special" ? evaluation.role : null;
}

/** How the call, with these types, is evaluated. */
export function evaluationOfCall(call: FunctionCall, typing: CallTyping): Evaluation {
  return callEvaluation(call.record, { result: typing.typeOf(call.signature.result), variables: typing.variables });
}

/** All values of the call, in the signature's order. */
export function argumentsOf(call: FunctionCall): readonly Analyzed[] {
  return call.parameters.flatMap(({ values }) => values);
}

/** The value of a parameter that takes one. */
export function argumentOf(call: FunctionCall, parameter: string): Analyzed {
  const value = call.parameters.find((given) => given.parameter.name === parameter)?.values[0];
  if (value === undefined) throw new Error(`'${call.record.name}' has no value for '${parameter}'`);
  return value;
}

/** How reports name the call. */
export function placeOf(call: FunctionCall): { readonly span: Span; readonly name: string } {
  return { span: call.functionSpan, name: call.record.name };
}

/** True where an argument was reported as wrong; also reports an implicit `$input` that should be a constant. */
export function hasReportedArgument(context: Context, call: FunctionCall): boolean {
  for (const { parameter, values, takesInput } of call.parameters) {
    if (parameter.constant && takesInput && values.some(isReported)) {
      context.report.notConstant(call.functionSpan, parameter.name, call.record.name);
    }
  }
  return argumentsOf(call).some(isReported);
}

/** The node of a value as a value of `type`. */
export function convert(context: Context, value: Analyzed, type: FenlType): NodeId {
  if (sameType(value.type, type)) return value.node;
  return context.nodes.add({ kind: "cast", value: value.node }, type, value.origin, value.grouping ?? null);
}

function describeConstant(value: HostValue): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function constantArgument(
  context: Context,
  call: FunctionCall,
  given: GivenParameter,
  value: Analyzed,
  type: FenlType,
): NodeId | null {
  const { name } = given.parameter;
  const constant = context.nodes.constant(convert(context, value, type));
  const span = given.takesInput ? call.functionSpan : value.span;
  if (constant === undefined) {
    context.report.notConstant(span, name, call.record.name);
    return null;
  }
  const rule = call.record.constantRules?.[name]?.(constant);
  if (rule) context.report.illegalConstant(span, name, call.record.name, rule, describeConstant(constant));
  return context.nodes.add({ kind: "literal", value: literalOfConstant(constant) }, type, value.origin, null);
}

function defaultArgument(context: Context, call: FunctionCall, given: GivenParameter, type: FenlType): NodeId {
  const text = given.parameter.default?.text ?? "null";
  const bits64 = type.kind === "i64" || type.kind === "u64";
  const values: Record<string, LiteralValue> = {
    null: null,
    bool: text === "true",
    string: text,
    i64: bits64 ? text : Number(text),
    f64: Number(text),
  };
  const value = values[given.parameter.default?.type ?? "null"] ?? null;
  return context.nodes.add({ kind: "literal", value }, type, call.functionSpan, null);
}

/** True for the parameter that takes an aggregation's window. */
export function isWindow(given: GivenParameter): boolean {
  return given.parameter.type.kind === "concrete" && given.parameter.type.type.kind === "window";
}

/** The window that the call has as an argument. */
export function windowOf(call: FunctionCall): Analyzed | undefined {
  return call.parameters.find(isWindow)?.values[0];
}

/** The arguments of the call's node: converted, defaults filled in, variadic ones last; null where one is no constant. */
export function argumentNodes(context: Context, call: FunctionCall, typing: CallTyping): readonly NodeId[] | null {
  const nodes: NodeId[] = [];
  const variadic: NodeId[] = [];
  let constant = true;
  for (const given of call.parameters) {
    if (isWindow(given)) continue;
    const type = typing.typeOf(given.parameter.type);
    if (given.parameter.variadic) {
      variadic.push(...given.values.map((value) => convert(context, value, type)));
      continue;
    }
    const [value] = given.values;
    const node =
      value === undefined
        ? defaultArgument(context, call, given, type)
        : given.parameter.constant
          ? constantArgument(context, call, given, value, type)
          : convert(context, value, type);
    if (node === null) constant = false;
    else nodes.push(node);
  }
  return constant ? [...nodes, ...variadic] : null;
}

/** Adds the node of a typed call; null where an argument should be a constant and is not (reported). */
export function callNode(context: Context, call: FunctionCall, typing: CallTyping, grouping: Grouping): NodeId | null {
  const nodes = argumentNodes(context, call, typing);
  if (nodes === null) return null;
  const window: Window | undefined = windowOf(call)?.window;
  return context.nodes.add(
    {
      kind: "call",
      function: call.record.name,
      arguments: nodes,
      types: typing.variables,
      ...(window === undefined ? {} : { window }),
    },
    typing.typeOf(call.signature.result),
    call.functionSpan,
    grouping ?? null,
  );
}
