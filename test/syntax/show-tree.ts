import assert from "node:assert/strict";
import type { Expression, TypeExpression } from "../../src/syntax/ast.ts";
import { parseFenl } from "../../src/syntax/parse.ts";

/** The tree of a text that must parse, with every precedence made visible. */
export function treeOf(text: string): string {
  return show(parsed(text));
}

/** The parsed expression of a text that must parse. */
export function parsed(text: string): Expression {
  const { expression, diagnostics } = parseFenl(text);
  assert.deepEqual(diagnostics, [], text);
  assert.ok(expression);
  return expression;
}

function show(expression: Expression): string {
  switch (expression.kind) {
    case "literal":
      return expression.type === "string" ? JSON.stringify(expression.text) : `${expression.text}:${expression.type}`;
    case "name":
      return expression.name;
    case "input":
      return "$input";
    case "parameter":
      return `$${expression.name}`;
    case "call": {
      const args = expression.arguments.map((argument) =>
        argument.name === undefined ? show(argument.value) : `${argument.name}=${show(argument.value)}`,
      );
      return `${expression.function}(${args.join(", ")})`;
    }
    case "field":
      return `${show(expression.base)}.${expression.name}`;
    case "record":
      return `{${expression.fields.map((field) => `${field.name}: ${show(field.value)}`).join(", ")}}`;
    case "pipe":
      return `[${show(expression.left)} | ${show(expression.right)}]`;
    case "let": {
      const bindings = expression.bindings.map((binding) => `${binding.name} = ${show(binding.value)}`);
      return `<let ${bindings.join("; ")} in ${show(expression.body)}>`;
    }
    case "cast":
      return `(${show(expression.value)} as ${showType(expression.type)})`;
  }
}

function showType(type: TypeExpression): string {
  return type.arguments.length === 0 ? type.name : `${type.name}<${type.arguments.map(showType).join(", ")}>`;
}
