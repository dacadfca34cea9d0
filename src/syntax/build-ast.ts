import type { IterationNode, MatchResult, Node, Semantics } from "ohm-js";
import type { Span } from "../text/span.ts";
import type { Argument, CallExpression, Expression, LiteralExpression, NumberSuffix, TypeExpression } from "./ast.ts";
import { fenlGrammar } from "./grammar.ts";

/** The function that an operator stands for. */
export const BINARY_FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ["or", "logical_or"],
  ["and", "logical_and"],
  ["==", "eq"],
  ["!=", "neq"],
  ["<>", "neq"],
  ["<", "lt"],
  ["<=", "lte"],
  [">", "gt"],
  [">=", "gte"],
  ["+", "add"],
  ["-", "sub"],
  ["*", "mul"],
  ["/", "div"],
]);

/** What a bracket holds, by the rule that reads its inside. */
export type GroupContent =
  | { readonly rule: "Expr"; readonly expression: Expression }
  | { readonly rule: "Arguments"; readonly arguments: readonly Argument[] }
  | { readonly rule: "Fields"; readonly fields: readonly RecordField[] };

interface RecordField {
  readonly name: string;
  readonly nameSpan: Span;
  readonly value: Expression;
}

/** What actions read while one match becomes a tree: where its text stands, and the brackets already read. */
interface Building {
  readonly source: string;
  readonly offset: number;
  readonly groups: ReadonlyMap<number, GroupContent>;
}

let building: Building = { source: "", offset: 0, groups: new Map() };

/**
 * Makes the tree of a matched text.
 * @param offset where the matched text begins in the text that spans point into.
 * @param groups contents of brackets that were read before, by the offset of the opening bracket.
 */
export function buildAst(
  match: MatchResult,
  rule: GroupContent["rule"],
  source: string,
  offset: number,
  groups: ReadonlyMap<number, GroupContent>,
): GroupContent {
  const outer = building;
  building = { source, offset, groups };
  try {
    const root = semantics()(match);
    if (rule === "Arguments") return { rule, arguments: root.items() };
    if (rule === "Fields") return { rule, fields: root.items() };
    return { rule, expression: root.tree() };
  } finally {
    building = outer;
  }
}

let cachedSemantics: Semantics | undefined;

function semantics(): Semantics {
  if (cachedSemantics) return cachedSemantics;
  const made = fenlGrammar().createSemantics();
  made.addOperation<Expression>("tree", {
    Query: (value) => value.tree(),
    Expr(value, _as, type) {
      const expression: Expression = value.tree();
      const typeNode = type.children[0];
      if (!typeNode) return expression;
      return { kind: "cast", value: expression, type: typeNode.typeTree(), span: spanOf(this) };
    },
    PipeExpr(lefts, bars, last) {
      let right: Expression = last.tree();
      if (bars.numChildren === 0) return right;
      const barNodes = bars.children;
      for (const [i, left] of [...lefts.children.entries()].reverse()) {
        const span = spanBetween(left, this);
        right = { kind: "pipe", left: left.tree(), right, barSpan: spanOf(barNodes[i]!), span };
      }
      return right;
    },
    PipeEnd: (value) => value.tree(),
    Let(bindings, _in, body) {
      return {
        kind: "let",
        bindings: bindings.children.map((binding) => {
          const [, name, , value] = binding.children;
          return { name: name!.sourceString, nameSpan: spanOf(name!), value: value!.tree() };
        }),
        body: body.tree(),
        span: spanOf(this),
      };
    },
    OrExpr: leftFold,
    AndExpr: leftFold,
    EqualExpr: leftFold,
    OrderExpr: leftFold,
    AddExpr: leftFold,
    MultiplyExpr: leftFold,
    Unary(operators, operand) {
      let value: Expression = operand.tree();
      let start = operand;
      for (const operator of [...operators.children].reverse()) {
        value = operatorCall(operator.sourceString === "-" ? "neg" : "not", operator, spanBetween(operator, operand), [
          { value, span: spanBetween(start, operand) },
        ]);
        start = operator;
      }
      return value;
    },
    Postfix(primary, suffixes) {
      let base: Expression = primary.tree();
      let end = primary;
      for (const suffix of suffixes.children) {
        const span = spanBetween(primary, suffix);
        const inner = suffix.children[0]!;
        const content = inner.children[1]!;
        if (inner.ctorName === "Suffix_field") {
          base = { kind: "field", base, name: content.sourceString, nameSpan: spanOf(content), span };
        } else {
          base = operatorCall("index", inner, span, [
            { value: base, span: spanBetween(primary, end) },
            { value: groupExpression(inner.children[0]!, content), span: spanOf(content) },
          ]);
        }
        end = suffix;
      }
      return base;
    },
    Primary: (value) => value.tree(),
    Primary_name(name, open, args, _close) {
      const opening = open.children[0];
      if (!opening) return nameExpression(name);
      const group = building.groups.get(offsetOf(opening));
      const items: readonly Argument[] = group?.rule === "Arguments" ? group.arguments : args.children[0]!.items();
      return {
        kind: "call",
        function: name.sourceString,
        functionSpan: spanOf(name),
        arguments: items,
        span: spanOf(this),
      };
    },
    Primary_parentheses: (open, value, _close) => groupExpression(open, value),
    Primary_record(open, fields, _close) {
      const group = building.groups.get(offsetOf(open));
      return { kind: "record", fields: group?.rule === "Fields" ? group.fields : fields.items(), span: spanOf(this) };
    },
    input: (_word) => ({ kind: "input", span: spanOf(_word) }),
    parameter(_dollar, _first, _rest) {
      return { kind: "parameter", name: this.sourceString.slice(1), span: spanOf(this) };
    },
    literal: (value) => value.tree(),
    number(_whole, _dot, fraction, type) {
      const suffix = (type.sourceString || (fraction.sourceString ? "f64" : "i64")) as NumberSuffix;
      const digits = type.sourceString ? this.sourceString.slice(0, -type.sourceString.length) : this.sourceString;
      return literalExpression(suffix, digits, this);
    },
    string(_open, _characters, _close) {
      return literalExpression("string", unescapeString(this.sourceString), this);
    },
    literal_bool(word) {
      return literalExpression("bool", word.sourceString, this);
    },
    literal_null(word) {
      return literalExpression("null", word.sourceString, this);
    },
  });
  made.addOperation<TypeExpression>("typeTree", {
    Type: (value) => value.typeTree(),
    Type_name(name) {
      return { name: name.sourceString, arguments: [], span: spanOf(this) };
    },
    Type_list(_list, _open, item, _close) {
      return { name: "list", arguments: [item.typeTree()], span: spanOf(this) };
    },
    Type_map(_map, _open, key, _comma, value, _close) {
      return { name: "map", arguments: [key.typeTree(), value.typeTree()], span: spanOf(this) };
    },
  });
  made.addOperation<(Argument | RecordField)[]>("items", {
    Arguments: (list) => list.items(),
    Fields: (list) => list.items(),
    List: (list) => list.items(),
    List_none: (_commas) => [],
    List_some: (_leading, first, _commas, rest, _trailing) => [first, ...rest.children].map((item) => item.item()),
  });
  made.addOperation<Argument | RecordField>("item", {
    Argument(name, _equals, value) {
      const keyword = name.children[0];
      const span = spanOf(this);
      if (!keyword) return { value: value.tree(), span };
      return { name: keyword.sourceString, nameSpan: spanOf(keyword), value: value.tree(), span };
    },
    Field(name, _colon, value) {
      const given = value.children[0];
      return {
        name: name.sourceString,
        nameSpan: spanOf(name),
        value: given ? given.tree() : nameExpression(name),
      };
    },
  });
  cachedSemantics = made;
  return made;
}

function leftFold(this: Node, first: Node, operators: IterationNode, operands: IterationNode): Expression {
  let left: Expression = first.tree();
  if (operators.numChildren === 0) return left;
  let end = first;
  const operandNodes = operands.children;
  for (const [i, operator] of operators.children.entries()) {
    const operand = operandNodes[i]!;
    left = operatorCall(BINARY_FUNCTIONS.get(operator.sourceString)!, operator, spanBetween(first, operand), [
      { value: left, span: spanBetween(first, end) },
      { value: operand.tree(), span: spanOf(operand) },
    ]);
    end = operand;
  }
  return left;
}

function operatorCall(name: string, operator: Node, span: Span, args: readonly Argument[]): CallExpression {
  const text = name === "index" ? "[]" : operator.sourceString;
  return { kind: "call", function: name, functionSpan: spanOf(operator), operator: text, arguments: args, span };
}

function groupExpression(open: Node, content: Node): Expression {
  const group = building.groups.get(offsetOf(open));
  return group?.rule === "Expr" ? group.expression : content.tree();
}

function nameExpression(name: Node): Expression {
  return { kind: "name", name: name.sourceString, span: spanOf(name) };
}

function literalExpression(type: LiteralExpression["type"], text: string, node: Node): LiteralExpression {
  return { kind: "literal", type, text, span: spanOf(node) };
}

/** The value of a string token: quotes off, escapes resolved. */
export function unescapeString(token: string): string {
  return token
    .slice(1, -1)
    .replace(/\\(.)/g, (_pair, character: string) =>
      character === "n" ? "\n" : character === "r" ? "\r" : character === "t" ? "\t" : character,
    );
}

function offsetOf(node: Node): number {
  return building.offset + node.source.startIdx;
}

function spanOf(node: Node): Span {
  return spanBetween(node, node);
}

function spanBetween(first: Node, last: Node): Span {
  const { source, offset } = building;
  return { source, start: offset + first.source.startIdx, end: offset + last.source.endIdx };
}
