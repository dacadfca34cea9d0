import type { Diagnostic } from "../text/diagnostic.ts";
import { QUERY_SOURCE } from "../text/span.ts";
import type { CallExpression, Expression, LetExpression, PipeExpression, TypeExpression } from "./ast.ts";
import { type Layout, layOut } from "./layout.ts";
import { parseFenl } from "./parse.ts";
import { type Token, tokenize } from "./tokenize.ts";

/** Lines are kept this short where the query allows. */
const WIDTH = 100;

/** The operators that one chain may hold, by any of them. */
const CHAINS: ReadonlyMap<string, string> = new Map(
  [["or"], ["and"], ["==", "!=", "<>"], ["<", "<=", ">", ">="], ["+", "-"], ["*", "/"]].flatMap((operators) =>
    operators.map((operator) => [operator, operators[0]!] as const),
  ),
);

const OPENERS: ReadonlySet<string> = new Set(["(", "[", "{"]);

/** A formatted query, or why there is none; `text` is null exactly when there are diagnostics. */
export interface FormattedQuery {
  readonly text: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Sets a query in the usual form: one binding a line, long records, calls, pipes and chains of operators broken.
 * Comments and parentheses stay; formatting twice changes nothing more.
 */
export function formatQuery(text: string, source: string = QUERY_SOURCE): FormattedQuery {
  const { expression, diagnostics } = parseFenl(text, source);
  if (!expression) return { text: null, diagnostics };
  return { text: layOut(new Printing(text).query(expression), WIDTH), diagnostics };
}

/** Walks a tree and its tokens side by side, so that no parenthesis and no comment is lost. */
class Printing {
  readonly #tokens: readonly Token[];
  readonly #comments: readonly Token[];
  /** How many lines end directly before a token or comment. */
  readonly #lineEnds = new Map<Token, number>();
  /** What comes first between brackets, or in the text. */
  readonly #firsts = new Set<Token>();
  #next = 0;
  #nextComment = 0;

  constructor(text: string) {
    const tokens = tokenize(text);
    this.#tokens = tokens.filter((token) => token.kind !== "comment");
    this.#comments = tokens.filter((token) => token.kind === "comment");
    let end = 0;
    let isFirst = true;
    for (const token of tokens) {
      this.#lineEnds.set(token, text.slice(end, token.start).split("\n").length - 1);
      if (isFirst) this.#firsts.add(token);
      isFirst = OPENERS.has(token.text) || (isFirst && token.text === ",");
      end = token.end;
    }
  }

  query(expression: Expression): Layout {
    const isLet = expression.kind === "let" && this.#tokens[0]?.start === expression.span.start;
    const content = isLet ? this.#let(expression, true) : this.#visit(expression);
    return [content, this.#closingComments()];
  }

  #visit(expression: Expression): Layout {
    const leading = this.#leading();
    const token = this.#tokens[this.#next]!;
    if (token.text === "(" && token.start < expression.span.start) {
      const open = this.#take();
      const inside = [line(""), this.#visit(expression), this.#closingComments()];
      return [leading, group([open, indent(inside), line(""), this.#take()])];
    }
    return [leading, this.#bare(expression)];
  }

  #bare(expression: Expression): Layout {
    switch (expression.kind) {
      case "literal":
      case "name":
      case "input":
      case "parameter":
        return this.#take();
      case "field":
        return [this.#visit(expression.base), this.#take(), this.#take()];
      case "call":
        return this.#call(expression);
      case "record":
        return this.#list(
          expression.fields.map((field) => () => {
            const name = this.#take();
            return this.#tokens[this.#next]?.text === ":" ? [name, this.#take(), " ", this.#visit(field.value)] : name;
          }),
          " ",
        );
      case "pipe":
        return this.#pipe(expression);
      case "let":
        return this.#let(expression, false);
      case "cast":
        return [this.#visit(expression.value), " ", this.#take(), " ", this.#type(expression.type)];
    }
  }

  #call(call: CallExpression): Layout {
    const [first, second] = call.arguments;
    if (call.operator === undefined) return this.#functionCall(call);
    if (call.operator === "[]") {
      const base = this.#visit(first!.value);
      const open = this.#take();
      const inside = [line(""), this.#visit(second!.value), this.#closingComments()];
      return [base, group([open, indent(inside), line(""), this.#take()])];
    }
    return second ? this.#chain(call) : [this.#take(), this.#visit(first!.value)];
  }

  #functionCall(call: CallExpression): Layout {
    const name = this.#take();
    const record = this.#onlyRecord(call);
    if (record) {
      const inside = [this.#take(), this.#skipCommas(), this.#visit(record), this.#skipCommas()];
      const comments = this.#closingComments();
      return [name, inside, comments, comments.length > 0 ? newline() : [], this.#take()];
    }
    const items = call.arguments.map((argument) => () => {
      const keyword = argument.name === undefined ? [] : [this.#take(), this.#take()];
      return [keyword, this.#visit(argument.value)];
    });
    return [name, this.#list(items, "")];
  }

  /** The record of `f({ ... })`, which is set without a line end between the two brackets. */
  #onlyRecord(call: CallExpression): Expression | null {
    const [argument] = call.arguments;
    if (call.arguments.length !== 1 || argument!.name !== undefined || argument!.value.kind !== "record") return null;
    const { start } = argument!.value.span;
    let first = this.#next + 1;
    while (this.#tokens[first]!.text === ",") first++;
    const comment = this.#comments[this.#nextComment];
    return this.#tokens[first]!.start === start && !(comment && comment.start < start) ? argument!.value : null;
  }

  /** A chain of operators that bind alike: `a + b - c`. */
  #chain(call: CallExpression): Layout {
    const links = [call];
    for (;;) {
      const left = links[0]!.arguments[0]!;
      const { value } = left;
      if (value.kind !== "call" || left.span.start !== value.span.start || value.arguments.length !== 2) break;
      const level = CHAINS.get(value.operator ?? "");
      if (level === undefined || level !== CHAINS.get(call.operator!)) break;
      links.unshift(value);
    }
    const first = this.#visit(links[0]!.arguments[0]!.value);
    const rest = links.map((link) => [line(" "), this.#take(), " ", this.#visit(link.arguments[1]!.value)]);
    return group([first, indent(rest)]);
  }

  #pipe(pipe: PipeExpression): Layout {
    const first = this.#visit(pipe.left);
    const stages: Layout[] = [line(" "), this.#take(), " "];
    let { right } = pipe;
    while (right.kind === "pipe" && this.#tokens[this.#next]!.start === right.span.start) {
      stages.push(this.#visit(right.left), line(" "), this.#take(), " ");
      right = right.right;
    }
    stages.push(this.#visit(right));
    return group([first, indent(stages)]);
  }

  #let(expression: LetExpression, isQuery: boolean): Layout {
    const isLong = isQuery || expression.bindings.length > 1;
    const parts: Layout[] = [];
    for (const [index, binding] of expression.bindings.entries()) {
      if (index > 0) parts.push(newline(this.#isBlankBefore()));
      parts.push(this.#take(), " ", this.#take(), " ", this.#take(), " ", this.#visit(binding.value));
    }
    parts.push(isLong ? newline(this.#isBlankBefore()) : line(" "));
    parts.push(this.#take(), " ", this.#visit(expression.body));
    return isLong ? parts : group(parts);
  }

  #type(type: TypeExpression): Layout {
    const parts: Layout[] = [];
    while (this.#next < this.#tokens.length && this.#tokens[this.#next]!.end <= type.span.end) {
      parts.push(this.#tokens[this.#next]!.text === "," ? [this.#take(), " "] : this.#take());
    }
    return parts;
  }

  /** What stands between two brackets, separated by commas. A record that had lines keeps them. */
  #list(items: readonly (() => Layout)[], padding: string): Layout {
    const open = this.#take();
    const keepsLines = padding !== "" && items.length > 0 && this.#lineEndsBefore() > 0;
    const inside: Layout[] = [this.#skipCommas()];
    if (items.length > 0) inside.push(keepsLines ? newline() : line(padding));
    for (const [index, item] of items.entries()) {
      if (index > 0) inside.push(line(" ", this.#isBlankBefore()));
      const isLast = index === items.length - 1;
      inside.push(item(), isLast ? { kind: "broken", text: "," } : ",", this.#skipCommas());
    }
    inside.push(this.#closingComments());
    return group([open, indent(inside), line(items.length > 0 ? padding : ""), this.#take()]);
  }

  /** The next token, with the comments before it and the one behind it on its line. */
  #take(): Layout {
    const leading = this.#leading();
    return [leading, this.#tokens[this.#next++]!.text, this.#trailing()];
  }

  #skipCommas(): Layout {
    const comments: Layout[] = [];
    while (this.#tokens[this.#next]?.text === ",") {
      this.#next++;
      comments.push(this.#trailing());
    }
    return comments;
  }

  #trailing(): Layout {
    const comment = this.#comments[this.#nextComment];
    const next = this.#tokens[this.#next];
    const isBetween =
      comment && comment.start > this.#tokens[this.#next - 1]!.start && comment.start < (next?.start ?? Infinity);
    if (!isBetween || this.#lineEnds.get(comment) !== 0) return [];
    this.#nextComment++;
    return { kind: "comment", text: comment.text.trimEnd() };
  }

  /** The comments before the next token, each on a line of its own. */
  #leading(): Layout {
    const lines: Layout[] = [];
    for (let comment = this.#commentHere(); comment; comment = this.#commentHere()) {
      const blankBefore = this.#isBlankBefore();
      this.#nextComment++;
      lines.push({ kind: "commentLine", text: comment.text.trimEnd(), blankBefore, blankAfter: this.#isBlankBefore() });
    }
    return lines;
  }

  /** The comments before a closing bracket, or before the end of the text. */
  #closingComments(): readonly Layout[] {
    const lines: Layout[] = [];
    for (let comment = this.#commentHere(); comment; comment = this.#commentHere()) {
      lines.push(newline(this.#isBlankBefore()), comment.text.trimEnd());
      this.#nextComment++;
    }
    return lines;
  }

  /** The next comment, if it stands before the next token. */
  #commentHere(): Token | undefined {
    const comment = this.#comments[this.#nextComment];
    const token = this.#tokens[this.#next];
    return comment && (!token || comment.start < token.start) ? comment : undefined;
  }

  #isBlankBefore(): boolean {
    const next = this.#commentHere() ?? this.#tokens[this.#next];
    return next !== undefined && this.#lineEndsBefore() > 1 && !this.#firsts.has(next);
  }

  #lineEndsBefore(): number {
    const next = this.#commentHere() ?? this.#tokens[this.#next];
    return next ? this.#lineEnds.get(next)! : 0;
  }
}

function group(content: Layout): Layout {
  return { kind: "group", content };
}

function indent(content: Layout): Layout {
  return { kind: "indent", content };
}

function line(flat: string, blank = false): Layout {
  return { kind: "line", flat, blank };
}

function newline(blank = false): Layout {
  return { kind: "newline", blank };
}
