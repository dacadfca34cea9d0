import { scalarNamed } from "../functions/signature.ts";
import type { TypeExpression } from "../syntax/ast.ts";
import type { Span } from "../text/span.ts";
import { type FenlType, sameType } from "../values/fenl-type.ts";
import { type Analyzed, isReported, reported } from "./analyzed.ts";
import type { Context } from "./context.ts";
import { converts } from "./conversion.ts";
import { durationRank, floatRank, integerBits, isString, isTimestamp } from "./least-upper-bound.ts";

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

function isNumber(type: FenlType): boolean {
  return integerBits(type) !== null || floatRank(type) >= 0;
}

function isInterval(type: FenlType): boolean {
  return type.kind === "interval_days" || type.kind === "interval_months";
}

function isDate(type: FenlType): boolean {
  return type.kind === "date32" || type.kind === "date64";
}

/** Whether a value can be cast at all (the language reference, 4.2); that a particular value cannot makes it null. */
export function castable(from: FenlType, to: FenlType): boolean {
  if (sameType(from, to)) return true;
  if (["json", "window", "null", "error", "record"].includes(to.kind)) return false;
  if (from.kind === "null") return true;
  if (from.kind === "list" || from.kind === "map") return converts(from, to);
  if (["json", "window", "record"].includes(from.kind)) return false;
  if (to.kind === "list" || to.kind === "map") return false;
  const number = isNumber(from);
  if (number || from.kind === "bool") {
    if (isNumber(to) || to.kind === "bool" || isString(to)) return true;
    if (integerBits(from) === null) return false;
    return isTimestamp(to) || durationRank(to) >= 0 || isInterval(to) || isDate(to);
  }
  if (isString(from)) return isNumber(to) || to.kind === "bool" || isString(to) || isTimestamp(to) || isDate(to);
  if (isTimestamp(from) || isDate(from)) {
    return isTimestamp(to) || isDate(to) || isString(to) || integerBits(to) !== null;
  }
  if (durationRank(from) >= 0) return durationRank(to) >= 0 || isNumber(to) || isString(to);
  return isInterval(from) && (isNumber(to) || isString(to));
}

/** `value as type`. */
export function castOf(context: Context, value: Analyzed, expression: TypeExpression, span: Span): Analyzed {
  const type = typeOf(expression);
  if (type === null || (!isReported(value) && !castable(value.type, type))) {
    context.report.illegalCast(expression.span, written(expression), value.type);
    return reported(span);
  }
  if (isReported(value)) return reported(span);
  if (sameType(value.type, type)) return { ...value, span };
  const node = context.nodes.add({ kind: "cast", value: value.node }, type, span, value.grouping ?? null);
  return { ...value, node, type, span, origin: span };
}
