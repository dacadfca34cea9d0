import { canCast } from "../functions/cast-rules.ts";
import { scalarNamed } from "../functions/signature.ts";
import type { TypeExpression } from "../syntax/ast.ts";
import type { Span } from "../text/span.ts";
import { type FenlType, sameType } from "../values/fenl-type.ts";
import { type Analyzed, isReported, reported } from "./analyzed.ts";
import type { Context } from "./context.ts";

/** The type that is written, null when it names none. */
function typeOf(expression: TypeExpression): FenlType | null {
  const [first, second, third] = expression.arguments;
  if (expression.name === "list" && first !== undefined && second === undefined) {
    const item = typeOf(first);
    return item && { kind: "list", item };
  }
  if (expression.name === "map" && first !== undefined && second !== undefined && third === undefined) {
    const [key, value] = [typeOf(first), typeOf(second)];
    return key && value && { kind: "map", key, value };
  }
  return first === undefined ? scalarNamed(expression.name) : null;
}

function written(expression: TypeExpression): string {
  if (expression.arguments.length === 0) return expression.name;
  return `${expression.name}<${expression.arguments.map(written).join(", ")}>`;
}

/** `value as type`. */
export function castOf(context: Context, value: Analyzed, expression: TypeExpression, span: Span): Analyzed {
  const type = typeOf(expression);
  if (type === null || (!isReported(value) && !canCast(value.type, type))) {
    context.report.illegalCast(expression.span, written(expression), value.type);
    return reported(span);
  }
  if (isReported(value)) return reported(span);
  if (sameType(value.type, type)) return { ...value, span };
  const node = context.nodes.add({ kind: "cast", value: value.node }, type, span, value.grouping ?? null);
  return { ...value, node, type, span, origin: span };
}
