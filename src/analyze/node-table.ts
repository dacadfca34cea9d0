import type { Span } from "../text/span.ts";
import { type FenlType, typeName } from "../values/fenl-type.ts";
import { type Constant, foldConstant } from "./constants.ts";
import type { NodeId, TypedExpression, TypedNode, Window } from "./typed.ts";

function windowKey(window: Window | undefined): string {
  switch (window?.kind) {
    case undefined:
      return "";
    case "since":
      return `since ${window.condition}`;
    case "sliding":
      return `sliding ${window.count} ${window.condition}`;
    case "within":
      return `within ${window.nanoseconds}`;
  }
}

/** Expressions with equal keys have equal types as well: literals and casts name theirs, others follow from it. */
function keyOf(expression: TypedExpression, type: FenlType): string {
  switch (expression.kind) {
    case "literal":
      return `literal ${typeName(type)} ${JSON.stringify(expression.value)} ${Object.is(expression.value, -0)}`;
    case "table":
      return `table ${expression.table}`;
    case "field":
      return `field ${expression.base} ${expression.name}`;
    case "record":
      return `record ${JSON.stringify(expression.fields.map((field) => [field.name, field.value]))}`;
    case "extend":
      return `extend ${expression.extension} ${expression.base}`;
    case "project":
      return `project ${expression.base} ${JSON.stringify(expression.fields)}`;
    case "cast":
      return `cast ${expression.value} ${JSON.stringify(type)}`;
    case "call":
      return `call ${expression.function} ${expression.arguments.join(" ")} (${windowKey(expression.window)})`;
  }
}

/** The nodes of a query in the making; an expression that is there already is not added again. */
export class NodeTable {
  readonly nodes: TypedNode[] = [];
  private readonly constants: Constant[] = [];
  private readonly ids = new Map<string, NodeId>();

  add(expression: TypedExpression, type: FenlType, span: Span, grouping: string | null): NodeId {
    const key = keyOf(expression, type);
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    this.nodes.push({ ...expression, type, span, grouping });
    this.constants.push(foldConstant(expression, type, this.constants));
    this.ids.set(key, this.nodes.length - 1);
    return this.nodes.length - 1;
  }

  /** The constant that a node is; undefined where it is none. */
  constant(id: NodeId): Constant {
    return this.constants[id];
  }

  at(id: NodeId): TypedNode {
    const node = this.nodes[id];
    if (node === undefined) throw new Error(`no node ${id}`);
    return node;
  }
}
