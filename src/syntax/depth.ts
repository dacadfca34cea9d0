import type { Span } from "../text/span.ts";
import type { Expression } from "./ast.ts";
import { childExpressions } from "./children.ts";

/** Where the first expression is, outermost ones first, that lies more than `limit` levels deep. */
export function firstTooDeep(root: Expression, limit: number): Span | null {
  let level: readonly Expression[] = [root];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > limit) return placeOf(level[0]!);
    level = level.flatMap(childExpressions);
  }
  return null;
}

function placeOf(expression: Expression): Span {
  if (expression.kind === "call") return expression.functionSpan;
  return expression.kind === "pipe" ? expression.barSpan : expression.span;
}
