import type { Span } from "../text/span.ts";
import type { FenlType } from "../values/fenl-type.ts";

/** Index into {@link TypedQuery.nodes}. */
export type NodeId = number;

/**
 * A query after analysis: names, `let`, pipes, views and argument lists are resolved, every implicit conversion is a
 * `cast` node, equal subexpressions are one node. Arguments stand before their users in `nodes`. Plain data.
 */
export interface TypedQuery {
  readonly nodes: readonly TypedNode[];
  readonly root: NodeId;
  /** The type of the entity keys of the root's grouping, also of one that `with_key` made; null without a grouping. */
  readonly keyType: FenlType | null;
}

export type TypedNode = TypedExpression & {
  readonly type: FenlType;
  /** Where the (first) expression stands that made the node. */
  readonly span: Span;
  /** The grouping whose entities the rows belong to; null for literals and what is computed from them alone. */
  readonly grouping: string | null;
};

/** Numbers of 64-bit integer types are decimal text, so that the tree survives JSON. */
export type LiteralValue = null | boolean | number | string;

export type TypedExpression =
  | { readonly kind: "literal"; readonly value: LiteralValue }
  | { readonly kind: "table"; readonly table: string }
  /**
   * A member of a record; of a list of records: the list of its items' members; of JSON: a member as a string.
   */
  | { readonly kind: "field"; readonly base: NodeId; readonly name: string }
  | { readonly kind: "record"; readonly fields: readonly { readonly name: string; readonly value: NodeId }[] }
  | { readonly kind: "extend"; readonly extension: NodeId; readonly base: NodeId }
  /** select_fields and remove_fields: the fields that stay, in order. */
  | { readonly kind: "project"; readonly base: NodeId; readonly fields: readonly string[] }
  /**
   * Explicit (`as`) and implicit conversions alike; to the node's `type`. Casting null literals makes typed nulls.
   * A record becomes one with the same names in another order or with converted fields; null stays null.
   */
  | { readonly kind: "cast"; readonly value: NodeId }
  /**
   * A catalog function. `arguments` in the order of the signature, variadic ones last; an optional argument that was
   * not given is its default as a literal node. `const` parameters are literal nodes. A `window` parameter is not among them.
   * `types` are the bindings of the signature's type variables.
   */
  | {
      readonly kind: "call";
      readonly function: string;
      readonly arguments: readonly NodeId[];
      readonly types: Readonly<Record<string, FenlType>>;
      readonly window?: Window;
      /** with_key: the result's grouping is the node's `grouping`. */
    };

/** The range of an aggregation. Conditions are bool nodes (a record condition is wrapped in is_valid). */
export type Window =
  | { readonly kind: "since"; readonly condition: NodeId }
  | { readonly kind: "sliding"; readonly count: number; readonly condition: NodeId }
  /** Values of the last `nanoseconds` of true time: those later than time - nanoseconds. Decimal text. */
  | { readonly kind: "within"; readonly nanoseconds: string };
