import type { NodeId, TypedNode } from "../analyze/typed.ts";
import type { FenlType } from "../values/fenl-type.ts";
import { nowhere } from "./lower-cast.ts";
import {
  anyNew,
  asValue,
  BOOL,
  type LowerContext,
  type Lowering,
  mapLeaves,
  PlanFault,
  scalar,
  settled,
} from "./lowering.ts";
import type { CalendarUnit, DomainId, ValueId } from "./plan.ts";
import type { Shape } from "./shape.ts";

type CallNode = Extract<TypedNode, { kind: "call" }>;

/** `when`: the rows of both on which the condition is true. A tick in the condition belongs to the value's rows. */
export function lowerWhen(lowering: Lowering, node: CallNode, context: LowerContext): Shape {
  const { builder } = lowering;
  const [conditionNode, valueNode] = node.arguments as [NodeId, NodeId];
  const value = settled(builder, lowering.lower(valueNode, context));
  const condition = lowering.lower(conditionNode, { ...context, tick: value.domain ?? context.tick });
  const input = builder.merge([condition.domain, value.domain]);
  const test = asValue(builder, condition);
  if (input === null) {
    // Literals have no rows to choose from: they are there or not.
    const kept = (leaf: ValueId, continuous: boolean, type: FenlType) =>
      builder.value({ kind: "if", condition: test, argument: leaf, negated: false }, type, null, continuous);
    return mapLeaves(value, null, kept, (isNew) => isNew);
  }
  const domain = builder.domain({ kind: "select", input, condition: test });
  return mapLeaves(
    value,
    domain,
    (leaf, continuous, type) => builder.value({ kind: "sample", argument: leaf }, type, domain, continuous),
    (isNew) => anyNew(builder, [isNew, condition.isNew], domain),
  );
}

/** `shift_to` and `shift_by`: the rows of both at the given time. */
export function lowerShiftTo(lowering: Lowering, node: CallNode, context: LowerContext): Shape {
  const { builder } = lowering;
  const [timeNode, valueNode] = node.arguments as [NodeId, NodeId];
  const value = settled(builder, lowering.lower(valueNode, context));
  let time = lowering.lower(timeNode, context);
  if (node.function === "shift_by") {
    const at = builder.merge([value.domain, time.domain]);
    if (at === null) return nowhere(builder, node.type);
    // What has no rows has no time either: nothing of it can be moved.
    const start =
      value.domain === null
        ? builder.value({ kind: "literal", value: null }, TIME, null, true)
        : builder.value({ kind: "time" }, TIME, value.domain, false);
    time = scalar(
      builder,
      { kind: "call", function: "add_time", arguments: [asValue(builder, time), start], variables: { D: time.type } },
      TIME,
      at,
      false,
      null,
    );
  }
  return shifted(lowering, node, "to", time, value);
}

/** `shift_until`: rows wait for the next row on which the predicate is true. */
export function lowerShiftUntil(lowering: Lowering, node: CallNode, context: LowerContext): Shape {
  const { builder } = lowering;
  const [predicateNode, valueNode] = node.arguments as [NodeId, NodeId];
  const value = settled(builder, lowering.lower(valueNode, context));
  const predicate = lowering.lower(predicateNode, { ...context, tick: value.domain ?? context.tick });
  return shifted(lowering, node, "until", predicate, value);
}

const TIME = { kind: "timestamp_ns" } as const;

function shifted(lowering: Lowering, node: CallNode, mode: "to" | "until", by: Shape, value: Shape): Shape {
  const { builder } = lowering;
  const input = builder.merge([by.domain, value.domain]);
  if (input === null) return nowhere(builder, node.type);
  const domain = builder.domain({ kind: "shift", mode, input, by: asValue(builder, by) });
  builder.shiftedBy(domain, lowering.query.nodes.indexOf(node));
  // A record that was moved is one value from then on: it stands between its rows only if all of it does.
  const moved = storedOn(
    lowering,
    value,
    domain,
    (isNew) => isNew,
    () => value.continuous,
  );
  return moved.kind === "record" ? { ...moved, whole: true } : moved;
}

function storedOn(
  lowering: Lowering,
  value: Shape,
  domain: DomainId,
  newness: (isNew: ValueId | null) => ValueId | null,
  continuity: (continuous: boolean) => boolean = (continuous) => continuous,
): Shape {
  const { builder } = lowering;
  return mapLeaves(
    value,
    domain,
    (leaf, continuous, type) => builder.value({ kind: "stored", argument: leaf }, type, domain, continuous),
    (isNew) => {
      const stored = newness(isNew);
      return stored === null ? null : builder.value({ kind: "stored", argument: stored }, BOOL, domain, false);
    },
    continuity,
  );
}

/** `with_key`: the rows of both under new entities. */
export function lowerWithKey(lowering: Lowering, node: CallNode, context: LowerContext): Shape {
  const { builder } = lowering;
  const [keyNode, valueNode] = node.arguments as [NodeId, NodeId];
  const inner = { ...context, sliced: false };
  const value = settled(builder, lowering.lower(valueNode, inner));
  const key = lowering.lower(keyNode, inner);
  const input = builder.merge([key.domain, value.domain]);
  if (input === null) return nowhere(builder, node.type);
  const domain = builder.domain({ kind: "rekey", input, key: asValue(builder, key), sliced: context.sliced });
  return storedOn(lowering, value, domain, (isNew) => anyNew(builder, [isNew, key.isNew], input));
}

/** `lookup`: on the key's rows, the value of another entity; its tables are never sliced. */
export function lowerLookup(lowering: Lowering, node: CallNode, context: LowerContext): Shape {
  const { builder } = lowering;
  const [keyNode, valueNode] = node.arguments as [NodeId, NodeId];
  const key = lowering.lower(keyNode, context);
  const value = settled(builder, lowering.lower(valueNode, { tick: null, sliced: false }));
  const { domain } = key;
  if (domain === null)
    throw new PlanFault(node, "no rows", "the key of 'lookup' needs rows: it does not refer to a table");
  const lookup = builder.lookup(asValue(builder, key), domain, leavesOf(value));
  return mapLeaves(
    value,
    domain,
    (leaf, continuous, type) => {
      const part = builder.lookupPart(lookup, { value: leaf, exact: !continuous });
      return builder.value({ kind: "answer", lookup, part }, type, domain, continuous);
    },
    (isNew) => {
      if (isNew === null) return anyNew(builder, [key.isNew], domain);
      const part = builder.lookupPart(lookup, { value: isNew, exact: true });
      const foreign = builder.value({ kind: "answer", lookup, part }, BOOL, domain, false);
      return anyNew(builder, [key.isNew, foreign], domain);
    },
  );
}

/** Every value that a shape is made of. */
function leavesOf(shape: Shape): ValueId[] {
  const isNew = shape.isNew === null ? [] : [shape.isNew];
  if (shape.kind === "scalar") return [...isNew, shape.value];
  return [...isNew, shape.valid, ...[...shape.fields.values()].flatMap(leavesOf)];
}

/** A tick: true on rows of its own, which belong to the rows it is bound to. */
export function lowerTick(lowering: Lowering, node: CallNode, context: LowerContext): Shape {
  const { builder } = lowering;
  const of = context.tick;
  if (of === null) return nowhere(builder, BOOL);
  const domain = builder.tick(node.function as CalendarUnit, of);
  const present = builder.value({ kind: "present" }, BOOL, domain, false);
  return { kind: "scalar", value: present, type: BOOL, domain, continuous: false, isNew: present };
}
