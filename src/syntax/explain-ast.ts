import { positionAt } from "../text/span.ts";
import type { Expression, TypeExpression } from "./ast.ts";

interface Line {
  readonly start: number;
  readonly indent: number;
  readonly text: string;
}

/** A parsed text as an indented tree: where each expression begins (line:column), then what it is. */
export function explainAst(expression: Expression, text: string): string {
  const lines: Line[] = [];
  visit(expression, 0, "", lines);
  const places = lines.map(({ start }) => {
    const { line, column } = positionAt(text, start);
    return `${line}:${column}`;
  });
  const width = Math.max(...places.map((place) => place.length));
  return lines
    .map((line, index) => `${places[index]!.padEnd(width)}  ${"  ".repeat(line.indent)}${line.text}\n`)
    .join("");
}

function visit(expression: Expression, indent: number, label: string, lines: Line[]): void {
  const { start } = expression.span;
  const add = (text: string) => lines.push({ start, indent, text: `${label}${text}` });
  const inside = (child: Expression, name = "") => visit(child, indent + 1, name, lines);
  switch (expression.kind) {
    case "literal":
      add(literalText(expression.type, expression.text));
      return;
    case "name":
      add(`name ${expression.name}`);
      return;
    case "input":
      add("$input");
      return;
    case "parameter":
      add(`parameter $${expression.name}`);
      return;
    case "call": {
      const { operator } = expression;
      add(operator === undefined ? `call ${expression.function}` : `operator ${operator} (${expression.function})`);
      for (const { name, value } of expression.arguments) inside(value, name === undefined ? "" : `${name} = `);
      return;
    }
    case "field":
      add(`field ${expression.name}`);
      inside(expression.base, "of ");
      return;
    case "record":
      add("record");
      for (const { name, value } of expression.fields) inside(value, `${name}: `);
      return;
    case "pipe":
      add("pipe");
      inside(expression.left);
      inside(expression.right, "| ");
      return;
    case "let":
      add("let");
      for (const { name, value } of expression.bindings) inside(value, `${name} = `);
      inside(expression.body, "in ");
      return;
    case "cast":
      add(`cast as ${typeText(expression.type)}`);
      inside(expression.value);
  }
}

function literalText(type: string, text: string): string {
  if (type === "null" || type === "bool") return text;
  return type === "string" ? `string ${JSON.stringify(text)}` : `${type} ${text}`;
}

function typeText({ name, arguments: inner }: TypeExpression): string {
  return inner.length === 0 ? name : `${name}<${inner.map(typeText).join(", ")}>`;
}
