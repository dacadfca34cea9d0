import type { NodeId, TypedNode } from "../analyze/typed.ts";
import type { FenlType } from "../values/fenl-type.ts";
import { castShape, nowhere } from "./lower-cast.ts";
import {
  anyNew,
  asValue,
  BOOL,
  definite,
  gated,
  type LowerContext,
  type Lowering,
  mapLeaves,
  scalar,
  shapeOfValue,
  validity,
} from "./lowering.ts";
import type { ValueId } from "./plan.ts";
import type { ScalarShape, Shape } from "./shape.ts";

type CallNode = Extract<TypedNode, { kind: "call" }>;

/** `if` and `null_if`: all rows stay, the value goes where the condition is not true (not false). */
export function lowerIf(lowering: Lowering, node: CallNode, context: LowerContext, negated: boolean): Shape {
  const { builder } = lowering;
  const [conditionNode, valueNode] = node.arguments as [NodeId, NodeId];
  const value = lowering.lower(valueNode, context);
  const condition = lowering.lower(conditionNode, { ...context, tick: value.domain ?? context.tick });
  const test = asValue(builder, condition);
  const domain = builder.merge([condition.domain, value.domain]);
  const continuous = condition.continuous && value.continuous;
  const whole = gated(builder, value, domain, value.kind === "record" && !value.whole ? [value.valid] : []);
  const isNew = anyNew(builder, [condition.isNew, value.isNew], domain);
  const shape = mapLeaves(
    whole,
    domain,
    (leaf, _own, type) =>
      builder.value({ kind: "if", condition: test, argument: leaf, negated }, type, domain, continuous),
    () => isNew,
    () => continuous,
  );
  return shape.kind === "record" ? { ...shape, whole: true, valid: definite(builder, shape.valid) } : shape;
}

/** `coalesce` and `else`: the first argument that is there. */
export function lowerChoose(
  lowering: Lowering,
  node: CallNode,
  argumentIds: readonly NodeId[],
  context: LowerContext,
): Shape {
  const { builder } = lowering;
  const shapes = argumentIds.map((argument) => castShape(builder, lowering.lower(argument, context), node.type));
  const domain = builder.merge(shapes.map((shape) => shape.domain));
  const continuous = shapes.every((shape) => shape.continuous);
  const isNew = anyNew(
    builder,
    shapes.map((shape) => shape.isNew),
    domain,
  );
  const tests = shapes.map((shape) => validity(builder, shape));
  return chooseLeaves(shapes.map((shape) => gated(builder, shape, domain)));

  function chooseLeaves(options: readonly Shape[]): Shape {
    const first = options[0]!;
    if (first.kind === "scalar") {
      const values = options.map((option) => asValue(builder, option));
      return scalar(builder, { kind: "choose", tests, arguments: values }, first.type, domain, continuous, isNew);
    }
    const fields = new Map<string, Shape>();
    for (const name of first.fields.keys()) {
      fields.set(name, chooseLeaves(options.map((option) => fieldOf(option, name))));
    }
    const valid = chosenRecord(options);
    return { kind: "record", whole: true, type: first.type, domain, continuous, isNew, valid, fields };
  }

  function chosenRecord(options: readonly Shape[]): ValueId {
    const valids = options.map((option) => validity(builder, option));
    const chosen = builder.value({ kind: "choose", tests, arguments: valids }, BOOL, domain, continuous);
    return definite(builder, chosen);
  }
}

function fieldOf(shape: Shape, name: string): Shape {
  const field = shape.kind === "record" ? shape.fields.get(name) : undefined;
  if (!field) throw new Error(`records of one type differ in field ${name}`);
  return field;
}

/** `time_of`: the time of the argument's rows, whatever its value. */
export function lowerTimeOf(lowering: Lowering, node: CallNode, context: LowerContext): Shape {
  const shape = lowering.lower(node.arguments[0]!, context);
  const { domain, isNew } = shape;
  if (domain === null) return nowhere(lowering.builder, node.type);
  return scalar(lowering.builder, { kind: "time" }, node.type, domain, false, isNew);
}

/** `hash`: of a record the fold of its fields' hashes. */
export function lowerHash(lowering: Lowering, node: CallNode, context: LowerContext): Shape {
  const { builder } = lowering;
  const shape = lowering.lower(node.arguments[0]!, context);
  const { domain, continuous, isNew } = shape;
  return { kind: "scalar", value: hashOf(shape), type: node.type, domain, continuous, isNew };

  function hashOf(part: Shape): ValueId {
    const record = part.kind === "record";
    const parts = part.kind === "record" ? [...part.fields.values()].map(leafOf) : [part.value];
    return builder.value({ kind: "hash", arguments: parts, record }, node.type, part.domain, part.continuous);
  }

  function leafOf(part: Shape): ValueId {
    return part.kind === "record" ? hashOf(part) : part.value;
  }
}

/** `.name` of something that is no record: a member of a JSON text, or a field of each record of a list. */
export function lowerMember(lowering: Lowering, base: ScalarShape, name: string, type: FenlType): Shape {
  const { builder } = lowering;
  const { domain, continuous, isNew } = base;
  if (base.type.kind !== "list") {
    return scalar(builder, { kind: "member", argument: base.value, name }, type, domain, continuous, isNew);
  }
  const item = base.type.item;
  const index = item.kind === "record" ? item.fields.findIndex((field) => field.name === name) : -1;
  const value = builder.value({ kind: "items", argument: base.value, index }, type, domain, continuous);
  return shapeOfValue(builder, value, type, domain, continuous, isNew);
}
