import { findFunction, signatureOf } from "../functions/catalog.ts";
import { alignColumns } from "../text/columns.ts";
import { type FenlType, typeName } from "../values/fenl-type.ts";
import type { LiteralValue, NodeId, TypedNode, TypedQuery, Window } from "./typed.ts";

/**
 * A typed tree as a list: each node is a line with its number, what it is, its type and the grouping of its entities.
 * Equal expressions are one node, and conversions that the query leaves unsaid stand there as casts.
 */
export function explainTyped({ nodes, root, keyType }: TypedQuery): string {
  const rows = nodes.map((node, id) => [
    reference(id),
    nodeText(node),
    `: ${shortTypeName(node.type)}`,
    node.grouping === null ? "" : `per ${node.grouping}`,
  ]);
  const keys = keyType === null ? "" : `, for entities of key type ${typeName(keyType)}`;
  return `${alignColumns(rows)}result ${reference(root)}${keys}\n`;
}

/** A type for a listing: a record of many fields is told by their number. */
export function shortTypeName(type: FenlType): string {
  const name = typeName(type);
  return type.kind === "record" && name.length > 60 ? `record of ${type.fields.length} fields` : name;
}

/** A constant as a query would write it. */
export function literalText(value: LiteralValue, type: FenlType): string {
  if (typeof value !== "string") return typeof value === "number" ? floatText(value) : String(value);
  return type.kind === "string" || type.kind === "large_string" ? JSON.stringify(value) : value;
}

function floatText(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? value.toFixed(1) : String(value);
}

function reference(id: NodeId): string {
  return `#${id}`;
}

function nodeText(node: TypedNode): string {
  switch (node.kind) {
    case "literal":
      return literalText(node.value, node.type);
    case "table":
      return `table ${node.table}`;
    case "field":
      return `${reference(node.base)}.${node.name}`;
    case "record":
      return `{ ${node.fields.map(({ name, value }) => `${name}: ${reference(value)}`).join(", ")} }`;
    case "extend":
      return `extend(${reference(node.extension)}, ${reference(node.base)})`;
    case "project":
      return `${reference(node.base)}.{ ${node.fields.join(", ")} }`;
    case "cast":
      return `${reference(node.value)} as ${shortTypeName(node.type)}`;
    case "call": {
      const parts = node.arguments.map((argument, index) => `${parameterName(node, index)}${reference(argument)}`);
      if (node.window !== undefined) parts.push(`window = ${windowText(node.window)}`);
      return `${node.function}(${parts.join(", ")})`;
    }
  }
}

/** Parameters with a default are named, as in a query. */
function parameterName(node: Extract<TypedNode, { kind: "call" }>, index: number): string {
  const record = findFunction(node.function);
  const parameters = record === undefined ? [] : signatureOf(record).parameters;
  const parameter = parameters.filter(({ typeText }) => typeText !== "window")[index];
  return parameter?.default === undefined ? "" : `${parameter.name} = `;
}

function windowText(window: Window): string {
  switch (window.kind) {
    case "since":
      return `since(${reference(window.condition)})`;
    case "sliding":
      return `sliding(${window.count}, ${reference(window.condition)})`;
    case "within":
      return `within(${nanosecondsText(window.nanoseconds)})`;
  }
}

/** A length of time in nanoseconds, in the largest unit that counts it. */
export function nanosecondsText(nanoseconds: string): string {
  const count = BigInt(nanoseconds);
  const units = [
    ["days", 86_400_000_000_000n],
    ["hours", 3_600_000_000_000n],
    ["minutes", 60_000_000_000n],
    ["seconds", 1_000_000_000n],
  ] as const;
  const found = units.find(([, length]) => count % length === 0n);
  return found === undefined ? `${count} nanoseconds` : `${count / found[1]} ${found[0]}`;
}
