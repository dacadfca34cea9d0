import type { LiteralValue, TypedNode } from "../analyze/typed.ts";
import { findFunction, signatureOf } from "../functions/catalog.ts";
import type { Evaluation } from "../functions/define.ts";
import { keepsFields } from "../functions/evaluation.ts";
import {
  anyNew,
  asValue,
  definite,
  gated,
  type LowerContext,
  type Lowering,
  mapLeaves,
  shapeOfValue,
  validity,
} from "./lowering.ts";
import type { PlanWindow, ValueId } from "./plan.ts";
import type { Shape } from "./shape.ts";

type CallNode = Extract<TypedNode, { kind: "call" }>;

/** An aggregation: one value per entity that changes on the rows of its input and of its window's condition. */
export function lowerAggregate(
  lowering: Lowering,
  node: CallNode,
  context: LowerContext,
  evaluation: Evaluation,
): Shape {
  const { builder, query } = lowering;
  const place = inputPlace(node);
  const input = lowering.lower(node.arguments[place]!, context);
  const constants = node.arguments
    .filter((_, index) => index !== place)
    .map((argument) => ({ type: query.nodes[argument]!.type, value: literalOf(query.nodes[argument]!) }));
  const { window, condition } = lowerWindow(lowering, node, context, input);
  const domain = builder.merge([input.domain, condition?.domain ?? null]);
  const isNew = anyNew(builder, [input.isNew, condition?.isNew ?? null], domain);

  const aggregate = (argument: ValueId, test: ValueId | null, type: Shape["type"]): ValueId =>
    builder.value(
      {
        kind: "aggregate",
        function: node.function,
        constants,
        variables: node.types,
        argument,
        test,
        isNew: input.isNew,
        window,
      },
      type,
      domain,
      true,
    );

  if (input.kind === "record" && node.type.kind === "record" && keepsFields(evaluation)) {
    const kept = mapLeaves(
      gated(builder, input, domain),
      domain,
      (leaf, _continuous, type) => aggregate(leaf, input.valid, type),
      () => isNew,
      () => true,
    );
    return kept.kind === "record" ? { ...kept, whole: true, valid: definite(builder, kept.valid) } : kept;
  }
  const argument = input.kind === "record" && evaluation.kind === "aggregate" ? input.valid : asValue(builder, input);
  const test = input.kind === "record" ? validity(builder, input) : null;
  const value = aggregate(argument, test, node.type);
  return shapeOfValue(builder, value, node.type, domain, true, isNew);
}

function lowerWindow(
  lowering: Lowering,
  node: CallNode,
  context: LowerContext,
  input: Shape,
): { window: PlanWindow | null; condition: Shape | null } {
  const window = node.window;
  if (window === undefined) return { window: null, condition: null };
  if (window.kind === "within") return { window, condition: null };
  const condition = lowering.lower(window.condition, { ...context, tick: input.domain ?? context.tick });
  const value = asValue(lowering.builder, condition);
  if (window.kind === "since") return { window: { kind: "since", condition: value }, condition };
  return { window: { kind: "sliding", count: window.count, condition: value }, condition };
}

/** Which argument of an aggregation is its input: the parameter of that name. */
function inputPlace(node: CallNode): number {
  const { parameters } = signatureOf(findFunction(node.function)!);
  return parameters.filter((parameter) => parameter.name !== "window").findIndex(({ name }) => name === "input");
}

/** The value of a constant argument; the analyzer leaves a literal, or a cast of one, there. */
export function literalOf(node: TypedNode): LiteralValue {
  if (node.kind === "literal") return node.value;
  throw new Error(`a constant argument is ${node.kind}`);
}
