import type { NodeId, TypedNode } from "../analyze/typed.ts";
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
  const input = rowsOf(lowering, node, [condition, value]);
  const domain = builder.domain({ kind: "select", input, condition: asValue(builder, condition) });
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
    const at = rowsOf(lowering, node, [value, time]);
    const start = builder.value({ kind: "time" }, TIME, value.domain ?? at, false);
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
  const input = rowsOf(lowering, node, [by, value]);
  const domain = builder.domain({ kind: "shift", mode, input, by: asValue(builder, by) });
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
  const input = rowsOf(lowering, node, [key, value]);
  const domain = builder.domain({ kind: "rekey", input, key: asValue(builder, key), sliced: context.sliced });
  return storedOn(lowering, value, domain, (isNew) => anyNew(builder, [isNew, key.isNew], input));
}

/** `lookup`: on the key's rows, the value of another entity; its tables are never sliced. */
export function lowerLookup(lowering: Lowering, node: CallNode, context: LowerContext): Shape {
  const { builder } = lowering;
  const [keyNode, valueNode] = node.arguments as [NodeId, NodeId];
  const key = lowering.lower(keyNode, context);
  const value = lowering.lower(valueNode, { tick: null, sliced: false });
  const domain = rowsOf(lowering, node, [key]);
  const lookup = builder.lookup(asValue(builder, key), domain);
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

/** A tick: true on rows of its own, which belong to the rows it is bound to. */
export function lowerTick(lowering: Lowering, node: CallNode, context: LowerContext): Shape {
  const { builder } = lowering;
  const of = context.tick ?? lowering.queryDomain(node.grouping, context);
  if (of === null)
    throw new PlanFault(node, "no rows", `'${node.function}()' has no events whose boundaries it could mark`);
  const domain = builder.tick(node.function as CalendarUnit, of);
  const present = builder.value({ kind: "present" }, BOOL, domain, false);
  return { kind: "scalar", value: present, type: BOOL, domain, continuous: false, isNew: present };
}

/** The union of the rows of `shapes`; a fault where none has rows. */
export function rowsOf(lowering: Lowering, node: TypedNode, shapes: readonly Shape[]): DomainId {
  const domain = lowering.builder.merge(shapes.map((shape) => shape.domain));
  if (domain !== null) return domain;
  const name = node.kind === "call" ? node.function : node.kind;
  throw new PlanFault(node, "no rows", `'${name}' needs rows: none of its arguments refers to a table`);
}
