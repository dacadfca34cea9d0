import type { FenlType } from "../values/fenl-type.ts";
import { sameType } from "../values/fenl-type.ts";
import { BOOL, scalar } from "./lowering.ts";
import type { PlanBuilder } from "./plan-builder.ts";
import type { Shape } from "./shape.ts";

/** Converts a shape to a type; records field by field, by name. */
export function castShape(builder: PlanBuilder, shape: Shape, type: FenlType): Shape {
  if (shape.kind === "scalar" && shape.type.kind === "null") return nullShape(builder, type, shape);
  if (shape.kind === "record") {
    if (type.kind !== "record") return shape;
    const fields = new Map<string, Shape>();
    for (const field of type.fields) {
      const source = shape.fields.get(field.name);
      fields.set(field.name, source ? castShape(builder, source, field.type) : nullShape(builder, field.type, shape));
    }
    return { ...shape, type, fields };
  }
  if (sameType(shape.type, type)) return shape;
  return scalar(builder, { kind: "cast", argument: shape.value }, type, shape.domain, shape.continuous, shape.isNew);
}

/** An expression that has no rows and no value, such as a literal that was moved in time. */
export function nowhere(builder: PlanBuilder, type: FenlType): Shape {
  return nullShape(builder, type, { domain: null, continuous: true, isNew: null });
}

function nullShape(
  builder: PlanBuilder,
  type: FenlType,
  { domain, continuous, isNew }: Pick<Shape, "domain" | "continuous" | "isNew">,
): Shape {
  const nothing = (of: FenlType) => builder.value({ kind: "literal", value: null }, of, null, true);
  if (type.kind !== "record") return { kind: "scalar", value: nothing(type), type, domain, continuous, isNew };
  const fields = new Map<string, Shape>();
  for (const field of type.fields)
    fields.set(field.name, nullShape(builder, field.type, { domain, continuous, isNew }));
  const valid = builder.value({ kind: "literal", value: false }, BOOL, null, true);
  return { kind: "record", whole: true, type, domain, continuous, isNew, valid, fields };
}
