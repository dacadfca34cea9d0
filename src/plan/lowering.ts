import type { NodeId, TypedNode, TypedQuery } from "../analyze/typed.ts";
import type { FenlType } from "../values/fenl-type.ts";
import type { DomainId, ValueExpression, ValueId } from "./plan.ts";
import type { PlanBuilder } from "./plan-builder.ts";
import type { RecordShape, ScalarShape, Shape } from "./shape.ts";

/**
 * What surrounds an expression: the rows that a tick in it belongs to (null: none, the tick is nothing), and whether its
 * tables are sliced.
 */
export interface LowerContext {
  readonly tick: DomainId | null;
  readonly sliced: boolean;
}

/** The tools that the lowering of every kind of node shares. */
export interface Lowering {
  readonly builder: PlanBuilder;
  readonly query: TypedQuery;
  lower(node: NodeId, context: LowerContext): Shape;
}

/** A query that is well typed and still cannot be planned; `node` is where to point. */
export class PlanFault extends Error {
  readonly node: TypedNode;
  readonly title: string;

  constructor(node: TypedNode, title: string, message: string) {
    super(message);
    this.node = node;
    this.title = title;
  }
}

export const BOOL: FenlType = { kind: "bool" };

/** A scalar shape around a new value. */
export function scalar(
  builder: PlanBuilder,
  expression: ValueExpression,
  type: FenlType,
  domain: DomainId | null,
  continuous: boolean,
  isNew: ValueId | null,
): ScalarShape {
  return {
    kind: "scalar",
    value: builder.value(expression, type, domain, continuous),
    type,
    domain,
    continuous,
    isNew,
  };
}

/** Newness that is the newness of any of the parts, on the rows of `domain`. */
export function anyNew(builder: PlanBuilder, parts: Iterable<ValueId | null>, domain: DomainId | null): ValueId | null {
  const all = [...new Set(parts)].filter((part) => part !== null).sort((a, b) => a - b);
  if (all.length === 0) return null;
  const present = all.flatMap((part) => {
    const { kind, continuous, domain: own } = builder.values[part]!;
    return kind === "present" && !continuous && own !== null ? [own] : [];
  });
  if (domain !== null && builder.isCovered(domain, present))
    return builder.value({ kind: "present" }, BOOL, domain, false);
  if (all.length === 1 && builder.values[all[0]!]!.domain === domain) return all[0]!;
  return builder.value({ kind: "any", arguments: all }, BOOL, domain, false);
}

/** Each scalar leaf of a shape (validity of records included) replaced by what `leaf` makes of it. */
export function mapLeaves(
  shape: Shape,
  domain: DomainId | null,
  leaf: (value: ValueId, continuous: boolean, type: FenlType) => ValueId,
  newness: (isNew: ValueId | null) => ValueId | null,
  continuity: (continuous: boolean) => boolean = (continuous) => continuous,
): Shape {
  const common = { domain, continuous: continuity(shape.continuous), isNew: newness(shape.isNew), type: shape.type };
  if (shape.kind === "scalar")
    return { ...common, kind: "scalar", value: leaf(shape.value, common.continuous, shape.type) };
  const fields = new Map<string, Shape>();
  for (const [name, field] of shape.fields) fields.set(name, mapLeaves(field, domain, leaf, newness, continuity));
  return { ...common, kind: "record", whole: shape.whole, valid: leaf(shape.valid, common.continuous, BOOL), fields };
}

/** A record made of fields that keep their own domains: literals and `extend`. */
export function recordOf(
  builder: PlanBuilder,
  type: FenlType,
  fields: ReadonlyMap<string, Shape>,
  more: readonly Shape[] = [],
): RecordShape {
  const parts = [...fields.values(), ...more];
  const domain = builder.merge(parts.map((part) => part.domain));
  const continuous = parts.every((part) => part.continuous);
  const valid =
    domain === null
      ? builder.value({ kind: "literal", value: true }, BOOL, null, true)
      : builder.value({ kind: "present" }, BOOL, domain, continuous);
  return {
    kind: "record",
    whole: false,
    type,
    domain,
    continuous,
    isNew: anyNew(
      builder,
      parts.map((part) => part.isNew),
      domain,
    ),
    valid,
    fields,
  };
}

/** Whether a shape is there, as a bool value that is never null on the shape's own rows. */
export function validity(builder: PlanBuilder, shape: Shape): ValueId {
  if (shape.kind === "record") return shape.valid;
  return builder.value({ kind: "is_valid", argument: shape.value }, BOOL, shape.domain, shape.continuous);
}

/** A record's validity made true or false, never null, on its own rows. */
export function definite(builder: PlanBuilder, valid: ValueId): ValueId {
  const { domain, continuous } = builder.values[valid]!;
  return builder.value({ kind: "all", arguments: [valid] }, BOOL, domain, continuous);
}

/** One value for a shape: records as host tuples, for lists of records and comparisons. */
export function asValue(builder: PlanBuilder, shape: Shape): ValueId {
  if (shape.kind === "scalar") return shape.value;
  const parts = [...shape.fields.values()].map((field) => asValue(builder, field));
  return builder.value(
    { kind: "tuple", test: shape.valid, arguments: parts },
    shape.type,
    shape.domain,
    shape.continuous,
  );
}

/** The shape of a computed value: a value of record type is taken apart. */
export function shapeOfValue(
  builder: PlanBuilder,
  value: ValueId,
  type: FenlType,
  domain: DomainId | null,
  continuous: boolean,
  isNew: ValueId | null,
): Shape {
  if (type.kind !== "record") return { kind: "scalar", value, type, domain, continuous, isNew };
  const fields = new Map<string, Shape>();
  type.fields.forEach((field, index) => {
    const part = builder.value({ kind: "part", argument: value, index }, field.type, domain, continuous);
    fields.set(field.name, shapeOfValue(builder, part, field.type, domain, continuous, isNew));
  });
  const valid = builder.value({ kind: "is_valid", argument: value }, BOOL, domain, continuous);
  return { kind: "record", whole: true, type, domain, continuous, isNew, valid, fields };
}

/** A record whose literal fields stand on its own rows: they are null before its first row, as all else of it. */
export function settled(builder: PlanBuilder, shape: Shape, domain: DomainId | null = shape.domain): Shape {
  if (shape.kind === "scalar") {
    if (shape.domain !== null || domain === null) return shape;
    return scalar(builder, { kind: "sample", argument: shape.value }, shape.type, domain, true, shape.isNew);
  }
  const fields = new Map([...shape.fields].map(([name, field]) => [name, settled(builder, field, domain)]));
  return { ...shape, fields };
}

/**
 * A record about to become one value, on the rows of `domain`: where a record literal in it is not there, none of its
 * fields is. `guards` are the validities of the records around.
 */
export function gated(
  builder: PlanBuilder,
  shape: Shape,
  domain: DomainId | null,
  guards: readonly ValueId[] = [],
): Shape {
  const guard = (leaf: ValueId, type: FenlType): ValueId => {
    if (guards.length === 0) return leaf;
    const condition =
      guards.length === 1 ? guards[0]! : builder.value({ kind: "all", arguments: guards }, BOOL, domain, false);
    return builder.value({ kind: "if", condition, argument: leaf, negated: false }, type, domain, false);
  };
  if (shape.kind === "scalar") return { ...shape, value: guard(shape.value, shape.type) };
  const fields = new Map<string, Shape>();
  for (const [name, field] of shape.fields) {
    const own = field.kind === "record" && !field.whole ? [...guards, field.valid] : guards;
    fields.set(name, gated(builder, field, domain, own));
  }
  return { ...shape, valid: guard(shape.valid, BOOL), fields };
}
