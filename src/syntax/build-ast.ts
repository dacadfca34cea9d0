import type { IterationNode, MatchResult, Node, Semantics } from "ohm-js";
import type { Span } from "../text/span.ts";
import type { Argument, CallExpression, Expression, LiteralExpression, NumberSuffix, TypeExpression } from "./ast.ts";
import { fenlGrammar } from "./grammar.ts";
import { placeOf, type Skeleton, skeletonOf, tokenIndexAt } from "./skeleton.ts";

/** The function that a binary operator stands for. */
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

/** Binary operators by how tightly they bind, from the loosest on. */
const LEVELS: ReadonlyMap<string, number> = new Map(
  [["or"], ["and"], ["==", "!=", "<>"], ["<", "<=", ">", ">="], ["+", "-"], ["*", "/"]].flatMap((operators, level) =>
    operators.map((operator) => [operator, level] as const),
  ),
);

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

/** What actions read while one match becomes a tree: what was matched, and the brackets already read. */
interface Building {
  readonly source: string;
  readonly skeleton: Skeleton;
  readonly groups: ReadonlyMap<number, GroupContent>;
  readonly slots: ReadonlyMap<number, Expression>;
}

let building: Building = { source: "", skeleton: skeletonOf([], 0, 0, []), groups: new Map(), slots: new Map() };

/**
 * Makes the tree of a matched skeleton.
 * @param groups contents of brackets that were read before, by the offset of the opening bracket.
 * @param slots expressions that were read before and for which a number stands, by the index of their first token.
 */
export function buildAst(
  match: MatchResult,
  rule: GroupContent["rule"],
  source: string,
  skeleton: Skeleton,
  groups: ReadonlyMap<number, GroupContent>,
  slots: ReadonlyMap<number, Expression> = new Map(),
): GroupContent {
  const outer = building;
  building = { source, skeleton, groups, slots };
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
          return { name: textOf(name!), nameSpan: spanOf(name!), value: value!.tree() };
        }),
        body: body.tree(),
        span: spanOf(this),
      };
    },
    OrExpr: operatorChain,
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
          base = { kind: "field", base, name: textOf(content), nameSpan: spanOf(content), span };
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
        function: textOf(name),
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
      return { kind: "parameter", name: textOf(this).slice(1), span: spanOf(this) };
    },
    literal: (value) => value.tree(),
    number(_whole, _dot, _fraction, _type) {
      const read = building.slots.get(tokenIndexAt(building.skeleton, this.source.startIdx));
      if (read) return read;
      const [digits] = textOf(this).match(/^[0-9.]+/)!;
      const suffix = textOf(this).slice(digits.length) || (digits.includes(".") ? "f64" : "i64");
      return literalExpression(suffix as NumberSuffix, digits, this);
    },
    string(_open, _characters, _close) {
      return literalExpression("string", unescapeString(textOf(this)), this);
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
      return { name: textOf(name), arguments: [], span: spanOf(this) };
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
      return { name: textOf(keyword), nameSpan: spanOf(keyword), value: value.tree(), span };
    },
    Field(name, _colon, value) {
      const given = value.children[0];
      return {
        name: textOf(name),
        nameSpan: spanOf(name),
        value: given ? given.tree() : nameExpression(name),
      };
    },
  });
  cachedSemantics = made;
  return made;
}

/** An operand of a chain, or what operators already made of several. */
interface Operand {
  readonly expression: Expression;
  readonly first: Node;
  readonly last: Node;
}

/** Folds a chain of binary operators: the tighter ones first, those of one level from the left. */
function operatorChain(this: Node, first: Node, operators: IterationNode, operands: IterationNode): Expression {
  if (operators.numChildren === 0) return first.tree();
  const done: Operand[] = [{ expression: first.tree(), first, last: first }];
  const waiting: Node[] = [];
  const fold = (): void => {
    const right = done.pop()!;
    const left = done.pop()!;
    const operator = waiting.pop()!;
    const expression = operatorCall(
      BINARY_FUNCTIONS.get(operator.sourceString)!,
      operator,
      spanBetween(left.first, right.last),
      [
        { value: left.expression, span: spanBetween(left.first, left.last) },
        { value: right.expression, span: spanBetween(right.first, right.last) },
      ],
    );
    done.push({ expression, first: left.first, last: right.last });
  };
  const operandNodes = operands.children;
  for (const [index, operator] of operators.children.entries()) {
    const level = LEVELS.get(operator.sourceString)!;
    while (waiting.length > 0 && LEVELS.get(waiting.at(-1)!.sourceString)! >= level) fold();
    waiting.push(operator);
    const operand = operandNodes[index]!;
    done.push({ expression: operand.tree(), first: operand, last: operand });
  }
  while (waiting.length > 0) fold();
  return done[0]!.expression;
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
  return { kind: "name", name: textOf(name), span: spanOf(name) };
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
  return placeOf(building.skeleton, node.source.startIdx, node.source.endIdx)[0];
}

/** The text that a token of the matched skeleton stands for. */
function textOf(node: Node): string {
  const { skeleton } = building;
  return skeleton.tokens[tokenIndexAt(skeleton, node.source.startIdx)]!.text;
}

function spanOf(node: Node): Span {
  return spanBetween(node, node);
}

function spanBetween(first: Node, last: Node): Span {
  const [start, end] = placeOf(building.skeleton, first.source.startIdx, last.source.endIdx);
  return { source: building.source, start, end };
}
