import type { Span } from "../text/span.ts";

/** What the parser makes of a text: plain data, every node with its span. */
export type Expression =
  | LiteralExpression
  | { readonly kind: "name"; readonly name: string; readonly span: Span }
  | { readonly kind: "input"; readonly span: Span }
  /** `$name`: a value that is given with the query. */
  | { readonly kind: "parameter"; readonly name: string; readonly span: Span }
  | CallExpression
  | FieldExpression
  | RecordExpression
  | PipeExpression
  | LetExpression
  | CastExpression;

/** `type` is a suffix, `f64` with a dot, otherwise `i64`; numbers keep their digits as text, strings are unescaped. */
export interface LiteralExpression {
  readonly kind: "literal";
  readonly type: "null" | "bool" | "string" | NumberSuffix;
  readonly text: string;
  readonly span: Span;
}

export type NumberSuffix = "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "f32" | "f64";

/**
 * A function call, or an operator under its function's name (`a + b` is `add`, `a[i]` is `index` with arguments in
 * the order written: the list first). `span` is the whole expression, `functionSpan` the name's or the operator's.
 */
export interface CallExpression {
  readonly kind: "call";
  readonly function: string;
  readonly functionSpan: Span;
  /** The operator's text as written, for operators and brackets. */
  readonly operator?: string;
  readonly arguments: readonly Argument[];
  readonly span: Span;
}

/** `name` for `name = value`; `span` covers both. */
export interface Argument {
  readonly name?: string;
  readonly nameSpan?: Span;
  readonly value: Expression;
  readonly span: Span;
}

export interface FieldExpression {
  readonly kind: "field";
  readonly base: Expression;
  readonly name: string;
  readonly nameSpan: Span;
  readonly span: Span;
}

/** `{ a: 1, b }`; the short form has a `name` expression as value. */
export interface RecordExpression {
  readonly kind: "record";
  readonly fields: readonly { readonly name: string; readonly nameSpan: Span; readonly value: Expression }[];
  readonly span: Span;
}

/** `left | right`: right-recursive, see the language reference 3.1. `barSpan` is the `|`. */
export interface PipeExpression {
  readonly kind: "pipe";
  readonly left: Expression;
  readonly right: Expression;
  readonly barSpan: Span;
  readonly span: Span;
}

export interface LetExpression {
  readonly kind: "let";
  readonly bindings: readonly { readonly name: string; readonly nameSpan: Span; readonly value: Expression }[];
  readonly body: Expression;
  readonly span: Span;
}

export interface CastExpression {
  readonly kind: "cast";
  readonly value: Expression;
  readonly type: TypeExpression;
  readonly span: Span;
}

/** A type as written after `as`: `i64`, `list<string>`, `map<string, f64>`. */
export interface TypeExpression {
  readonly name: string;
  readonly arguments: readonly TypeExpression[];
  readonly span: Span;
}
