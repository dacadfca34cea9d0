import type { Expression } from "./ast.ts";

/** The expressions directly inside an expression, in the order written. */
export function childExpressions(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "literal":
    case "name":
    case "input":
    case "parameter":
      return [];
    case "call":
      return expression.arguments.map((argument) => argument.value);
    case "field":
      return [expression.base];
    case "record":
      return expression.fields.map((field) => field.value);
    case "pipe":
      return [expression.left, expression.right];
    case "let":
      return [...expression.bindings.map((binding) => binding.value), expression.body];
    case "cast":
      return [expression.value];
  }
}
