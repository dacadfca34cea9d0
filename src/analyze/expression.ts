import { allFunctions, findFunction, signatureOf } from "../functions/catalog.ts";
import type { FunctionRecord } from "../functions/define.ts";
import type { SignatureParameter } from "../functions/signature.ts";
import type {
  Argument,
  CallExpression,
  Expression,
  LetExpression,
  LiteralExpression,
  PipeExpression,
} from "../syntax/ast.ts";
import type { Span } from "../text/span.ts";
import type { FenlType } from "../values/fenl-type.ts";
import { type Analyzed, isReported, reported } from "./analyzed.ts";
import { applyFunction } from "./apply-function.ts";
import { type BoundParameter, bindArguments } from "./bind-arguments.ts";
import { castOf } from "./cast-expression.ts";
import type { Context } from "./context.ts";
import { type GivenParameter, isWindow, roleOf } from "./function-call.ts";
import { fieldOf, recordOf } from "./records.ts";
import { bindingNames, findBinding, type PipeInput, type Scope } from "./scope.ts";
import type { LiteralValue } from "./typed.ts";

/** What an expression is in a scope; everything wrong with it goes to the context's report. */
export function analyzeExpression(context: Context, expression: Expression, scope: Scope): Analyzed {
  const value = analyzeKind(context, expression, scope);
  context.observe?.(expression, value, scope);
  return value;
}

function analyzeKind(context: Context, expression: Expression, scope: Scope): Analyzed {
  switch (expression.kind) {
    case "literal":
      return literal(context, expression);
    case "name":
      return named(context, expression.name, expression.span, scope);
    case "input":
      return explicitInput(context, expression.span, scope);
    case "parameter":
      return givenValue(context, expression.name, expression.span);
    case "field": {
      const base = analyzeExpression(context, expression.base, scope);
      return fieldOf(context, base, expression.name, expression.nameSpan, expression.span);
    }
    case "record": {
      const values = expression.fields.map(({ value }) => analyzeExpression(context, value, scope));
      return recordOf(context, expression, values);
    }
    case "cast": {
      const value = analyzeExpression(context, expression.value, scope);
      return castOf(context, value, expression.type, expression.span);
    }
    case "call":
      return operatorChain(context, expression, scope);
    case "pipe":
      return pipe(context, expression, scope);
    case "let":
      return letIn(context, expression, scope);
  }
}

function literal(context: Context, { type, text, span }: LiteralExpression): Analyzed {
  const values: Partial<Record<typeof type, LiteralValue>> = {
    null: null,
    bool: text === "true",
    string: text,
    i64: text,
    u64: text,
  };
  const value = type in values ? (values[type] ?? null) : Number(text);
  const fenlType: FenlType = { kind: type };
  const node = context.nodes.add({ kind: "literal", value }, fenlType, span, null);
  return { node, type: fenlType, span, origin: span, grouping: null, domain: "continuous" };
}

function givenValue(context: Context, name: string, span: Span): Analyzed {
  const parameter = context.parameters.get(name);
  if (parameter === undefined) {
    context.report.unknownParameter(span, name, context.parameters.keys());
    return reported(span);
  }
  const { type, value } = parameter;
  const node = context.nodes.add({ kind: "literal", value }, type, span, null);
  return { node, type, span, origin: span, grouping: null, domain: "continuous" };
}

function named(context: Context, name: string, span: Span, scope: Scope): Analyzed {
  const binding = findBinding(scope, name);
  if (binding !== null) {
    binding.used = true;
    return { ...binding.value, span };
  }
  const global = context.global(name, span);
  if (global !== null) return global;
  context.report.unboundName(span, name, [...bindingNames(scope), ...context.globalNames]);
  return reported(span);
}

function explicitInput(context: Context, span: Span, scope: Scope): Analyzed {
  if (scope.input === null) {
    context.report.unboundInput(span);
    return reported(span);
  }
  scope.input.used = true;
  return { ...scope.input.value, span };
}

function implicitInput(context: Context, call: CallExpression, parameter: string, scope: Scope): Analyzed {
  if (scope.input === null) {
    context.report.unboundImplicitInput(call.functionSpan, call.function, parameter);
    return reported(call.functionSpan);
  }
  scope.input.used = true;
  return scope.input.value;
}

function pipe(context: Context, expression: PipeExpression, outer: Scope): Analyzed {
  let left = analyzeExpression(context, expression.left, outer);
  let current = expression;
  for (;;) {
    const input: PipeInput = { value: left, used: false };
    const scope: Scope = { bindings: outer.bindings, input };
    const next = current.right.kind === "pipe" ? current.right : null;
    const right = analyzeExpression(context, next?.left ?? current.right, scope);
    if (!input.used) context.report.unusedInput(current.barSpan);
    if (next === null) return { ...right, span: expression.span };
    left = right;
    current = next;
  }
}

function letIn(context: Context, expression: LetExpression, outer: Scope): Analyzed {
  let scope = outer;
  for (const { name, nameSpan, value } of expression.bindings) {
    const analyzed = analyzeExpression(context, value, scope);
    const binding = { name, nameSpan, value: analyzed, outer: scope.bindings, used: false };
    scope = { bindings: binding, input: outer.input };
  }
  const body = analyzeExpression(context, expression.body, scope);
  const unused: { name: string; nameSpan: Span }[] = [];
  for (let binding = scope.bindings; binding !== null && binding !== outer.bindings; binding = binding.outer) {
    if (!binding.used) unused.unshift(binding);
  }
  for (const { nameSpan, name } of unused) context.report.unusedBinding(nameSpan, name);
  return { ...body, span: expression.span };
}

/** The operand on the left of an operator, where the chain of operators goes on. */
function leftOperand(call: CallExpression): Expression | null {
  const first = call.arguments[0];
  return call.operator !== undefined && first !== undefined && first.name === undefined ? first.value : null;
}

/** `a + b + c + ...` nests to the left: walked down and back in a loop, so that long chains need no deep stack. */
function operatorChain(context: Context, outermost: CallExpression, scope: Scope): Analyzed {
  const chain = [outermost];
  let left = leftOperand(outermost);
  while (left?.kind === "call") {
    chain.push(left);
    left = leftOperand(left);
  }
  let value = left === null ? null : analyzeExpression(context, left, scope);
  for (const call of chain.reverse()) value = callOf(context, call, value, scope);
  return value ?? reported(outermost.span);
}

/** `first`: the first argument where it is analyzed already. */
function callOf(context: Context, written: CallExpression, first: Analyzed | null, scope: Scope): Analyzed {
  const record = findFunction(written.function);
  const known = new Map<Argument, Analyzed>();
  if (first !== null && written.arguments[0] !== undefined) known.set(written.arguments[0], first);
  const evaluate = (argument: Argument) => known.get(argument) ?? analyzeExpression(context, argument.value, scope);
  if (record === undefined) {
    const names = allFunctions().map(({ name }) => name);
    context.report.unknownFunction(written.functionSpan, written.function, names);
    written.arguments.forEach(evaluate);
    return reported(written.span);
  }
  if (written.function === "index" && written.operator !== undefined) {
    return elementOf(context, written, written.arguments.map(evaluate));
  }
  const signature = signatureOf(record);
  const bound = bindArguments(context, written, signature, record.piped, scope.input);
  if (bound === null) {
    written.arguments.forEach(evaluate);
    return reported(written.span);
  }
  const given = inWrittenOrder(bound, written).map(({ parameter, arguments: values, takesInput }): GivenParameter => {
    if (takesInput) return { parameter, values: [implicitInput(context, written, parameter.name, scope)], takesInput };
    const value = values.length === 1 ? unknownWindow(context, parameter, values[0]!) : null;
    return { parameter, values: value === null ? values.map(evaluate) : [value], takesInput };
  });
  const parameters = signature.parameters.map((parameter) => {
    const found = given.find((candidate) => candidate.parameter === parameter) as GivenParameter;
    return isWindow(found) ? windowArgument(context, found, written) : found;
  });
  const { span, functionSpan } = written;
  return applyFunction(context, { record, signature, span, functionSpan, parameters });
}

/** Arguments are analyzed in the order they are written in, whatever the order of the parameters. */
function inWrittenOrder(bound: readonly BoundParameter[], call: CallExpression): readonly BoundParameter[] {
  const place = ({ arguments: [first] }: BoundParameter) => (first === undefined ? -1 : call.arguments.indexOf(first));
  return [...bound].sort((a, b) => place(a) - place(b));
}

/** `a[i]`: an element of a list, or of a map by key. */
function elementOf(context: Context, written: CallExpression, values: readonly Analyzed[]): Analyzed {
  const [base, index] = values;
  const isMap = base?.type.kind === "map";
  const record = findFunction(isMap ? "get" : "index");
  if (base === undefined || index === undefined || record === undefined) return reported(written.span);
  const signature = signatureOf(record);
  const parameters = signature.parameters.map((parameter): GivenParameter => {
    const isBase = parameter.name === "list" || parameter.name === "map";
    return { parameter, values: [isBase ? base : index], takesInput: false };
  });
  const { span, functionSpan } = written;
  return applyFunction(context, { record, signature, span, functionSpan, parameters });
}

/** What stands for a window and names no function at all; null where that is not so. */
function unknownWindow(context: Context, { typeText }: SignatureParameter, { value }: Argument): Analyzed | null {
  if (typeText !== "window" || value.kind !== "call" || findFunction(value.function) !== undefined) return null;
  context.report.invalidWindow(value.functionSpan, value.function, windowFunctionNames());
  return reported(value.span);
}

function windowFunctionNames(): string[] {
  return allFunctions()
    .filter(isWindowFunction)
    .map(({ name }) => name);
}

function isWindowFunction(record: FunctionRecord): boolean {
  return ["since", "sliding", "within"].includes(roleOf(record) ?? "");
}

/** A null window is no window; one that another function makes is reported. */
function windowArgument(context: Context, given: GivenParameter, call: CallExpression): GivenParameter {
  const [value] = given.values;
  if (value === undefined || value.type.kind === "window" || isReported(value)) return given;
  if (value.type.kind === "null") return { ...given, values: [] };
  const written = call.arguments.find(({ name }) => name === given.parameter.name)?.value;
  if (written?.kind !== "call") return given;
  context.report.invalidWindow(written.functionSpan, written.function, windowFunctionNames());
  return { ...given, values: [reported(value.span)] };
}
