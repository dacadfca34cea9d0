import type { MatchResult } from "ohm-js";
import type { Diagnostic } from "../text/diagnostic.ts";
import { QUERY_SOURCE } from "../text/span.ts";
import type { Expression } from "./ast.ts";
import { type BracketGroup, type BracketScan, scanBrackets } from "./bracket-groups.ts";
import { buildAst, type GroupContent } from "./build-ast.ts";
import { firstTooDeep } from "./depth.ts";
import { fenlGrammar } from "./grammar.ts";
import { numberProblem } from "./number-literal.ts";
import { fillerOf, itemAround } from "./recovery.ts";
import { type Masked, type Skeleton, skeletonOf, tokenIndexAt } from "./skeleton.ts";
import { expressionSlots } from "./slots.ts";
import { matchError, quoteToken, syntaxError } from "./syntax-error.ts";
import { type Token, tokenize } from "./tokenize.ts";

/** How many levels brackets, and the tree of an expression, may have. */
export const DEEPEST_NESTING = 500;

/** At most this many syntax errors are reported from one text. */
const MOST_ERRORS = 5;

/** Ohm's matcher recurses for every bracket, so brackets this deep below one another are matched apart. */
const DEPTH_OF_ONE_MATCH = 16;

/** Texts of fewer tokens are matched in one piece. */
const FEWEST_IN_SLOTS = 500;

/** Texts of more tokens are reported up to their first error in each match. */
const LONGEST_RECOVERY = 10_000;

const CLOSERS: ReadonlyMap<string, string> = new Map([
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
]);

const TOO_DEEP = "Nested too deeply";
const TOO_DEEP_NOTE = `Expected at most ${DEEPEST_NESTING} levels; a part that 'let' binds to a name counts on its own`;

/** A tree, or why there is none; `expression` is null exactly when there are diagnostics. */
export interface ParseResult {
  readonly expression: Expression | null;
  readonly diagnostics: Diagnostic[];
}

/** Parses a Fenl text; whatever is wrong with it is in the diagnostics, ordered by place. */
export function parseFenl(text: string, source: string = QUERY_SOURCE): ParseResult {
  const tokens = tokenize(text).filter((token) => token.kind !== "comment");
  const errors = tokenErrors(tokens, source);
  const brackets = scanBrackets(tokens, DEEPEST_NESTING);
  if (brackets.tooDeep) {
    const { start, end } = brackets.tooDeep;
    errors.push(syntaxError({ source, start, end }, TOO_DEEP, [TOO_DEEP_NOTE]));
    return { expression: null, diagnostics: inOrder(errors) };
  }
  try {
    const content = longText(source, tokens, brackets) ?? new Parsing(source, tokens, errors).parse(brackets);
    if (content?.rule !== "Expr" || errors.length > 0) return { expression: null, diagnostics: inOrder(errors) };
    const deep = firstTooDeep(content.expression, DEEPEST_NESTING);
    if (!deep) return { expression: content.expression, diagnostics: [] };
    errors.push(syntaxError(deep, TOO_DEEP, [TOO_DEEP_NOTE]));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    errors.push(overflowError(tokens, brackets, source));
  }
  return { expression: null, diagnostics: inOrder(errors) };
}

/**
 * A long text without errors, in many small matches: what one match keeps in mind grows with its text. Null for a text
 * that is short, deep or wrong.
 */
function longText(source: string, tokens: readonly Token[], { groups, stray, unclosed }: BracketScan) {
  const isPlain = stray === null && unclosed.length === 0 && groups.every(({ depth }) => depth < DEPTH_OF_ONE_MATCH);
  if (tokens.length < FEWEST_IN_SLOTS || !isPlain) return null;
  const slots = new Map<number, Expression>();
  const masked: Masked[] = [];
  // Expressions of one form have one skeleton, and are matched once.
  const matches = new Map<string, MatchResult>();
  for (const { from, to } of expressionSlots(tokens)) {
    const content = matched(skeletonOf(tokens, from, to, []), source, slots, matches);
    if (content?.rule !== "Expr") return null;
    slots.set(from, content.expression);
    masked.push({ from, to, filler: "0" });
  }
  return matched(skeletonOf(tokens, 0, tokens.length, masked), source, slots, matches);
}

function matched(
  skeleton: Skeleton,
  source: string,
  slots: ReadonlyMap<number, Expression>,
  matches: Map<string, MatchResult>,
): GroupContent | null {
  const match = matches.get(skeleton.text) ?? fenlGrammar().match(skeleton.text, "Expr");
  matches.set(skeleton.text, match);
  return match.failed() ? null : buildAst(match, "Expr", source, skeleton, new Map(), slots);
}

/** One text being parsed: brackets far inside one another first, each as a text of its own. */
class Parsing {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  readonly #errors: Diagnostic[];
  readonly #contents = new Map<number, GroupContent>();

  constructor(source: string, tokens: readonly Token[], errors: Diagnostic[]) {
    this.#source = source;
    this.#tokens = tokens;
    this.#errors = errors;
  }

  parse({ groups }: BracketScan): GroupContent | null {
    const cut: { readonly group: BracketGroup; readonly masked: Masked }[] = [];
    for (const group of groups) {
      if (group.depth % DEPTH_OF_ONE_MATCH !== 0) continue;
      const inside: Masked[] = [];
      while (cut.length > 0 && cut.at(-1)!.group.open > group.open) inside.unshift(cut.pop()!.masked);
      const [from, to] = [group.open + 1, group.close];
      if (from === to) continue;
      const content = this.#match(group.rule, from, to, inside, groups);
      if (content) this.#contents.set(this.#tokens[group.open]!.start, content);
      cut.push({ group, masked: { from, to, filler: fillerOf(group) } });
    }
    const masked = cut.map((entry) => entry.masked);
    return this.#match("Expr", 0, this.#tokens.length, masked, groups);
  }

  #match(
    rule: GroupContent["rule"],
    from: number,
    to: number,
    masked: readonly Masked[],
    groups: readonly BracketGroup[],
  ): GroupContent | null {
    let parts = masked;
    for (let failures = 0; failures < MOST_ERRORS; failures++) {
      const skeleton = skeletonOf(this.#tokens, from, to, parts);
      const match = fenlGrammar().match(skeleton.text, rule);
      if (!match.failed()) {
        if (this.#errors.length > 0) return null;
        return buildAst(match, rule, this.#source, skeleton, this.#contents);
      }
      const failed = tokenIndexAt(skeleton, match.getRightmostFailurePosition());
      const known = this.#tokens.slice(from, failed + 1).some((token) => token.kind === "invalid");
      if (!known) this.#errors.push(matchError(match, this.#tokens, failed, this.#source, this.#tokens[to]));
      const item = this.#tokens.length > LONGEST_RECOVERY ? null : itemAround(this.#tokens, groups, failed);
      if (!item || item.from < from || item.to > to) return null;
      parts = [...parts.filter((part) => part.from < item.from || part.to > item.to), item].sort(
        (a, b) => a.from - b.from,
      );
    }
    return null;
  }
}

function tokenErrors(tokens: readonly Token[], source: string): Diagnostic[] {
  const errors: Diagnostic[] = [];
  for (const [index, token] of tokens.entries()) {
    if (errors.length === MOST_ERRORS) break;
    const span = { source, start: token.start, end: token.end };
    if (token.kind === "invalid") {
      errors.push(syntaxError(span, `Invalid token ${quoteToken(token.text)}`, invalidTokenNotes(tokens, index)));
    } else if (token.kind === "number") {
      const problem = numberProblem(token.text);
      if (problem) errors.push(syntaxError(span, problem.message, [problem.note]));
    }
  }
  return errors;
}

function invalidTokenNotes(tokens: readonly Token[], index: number): string[] {
  const token = tokens[index]!;
  const previous = tokens[index - 1];
  const quote = token.text[0];
  if (quote === '"' || quote === "'") {
    const closed = token.text.length > 1 && token.text.endsWith(quote) && index < tokens.length;
    return [
      closed
        ? String.raw`Expected one of the escapes \' \" \\ \n \r \t after a backslash`
        : `Expected a closing ${quote}`,
    ];
  }
  if (previous?.kind === "number" && previous.end === token.start) {
    return ["Expected a number in decimal digits, without an exponent"];
  }
  if (token.text === "&&") return ['Expected "and"'];
  if (/^[\u2018-\u201F\u00AB\u00BB`]/.test(token.text)) return [`Expected " or ' around a string`];
  if (token.text.startsWith("$")) return ['Expected "$input", or "$" and the name of a parameter'];
  return [];
}

function overflowError(tokens: readonly Token[], brackets: BracketScan, source: string): Diagnostic {
  const { stray, unclosed } = brackets;
  if (stray) {
    return syntaxError({ source, start: stray.start, end: stray.end }, `Invalid token ${quoteToken(stray.text)}`);
  }
  const end = tokens.at(-1)?.end ?? 0;
  if (unclosed.length > 0) {
    return syntaxError({ source, start: end, end }, "Unexpected EOF", [
      `Expected "${CLOSERS.get(unclosed.at(-1)!.text)}"`,
    ]);
  }
  return syntaxError({ source, start: tokens[0]?.start ?? 0, end }, TOO_DEEP, ["Expected fewer levels"]);
}

function inOrder(errors: readonly Diagnostic[]): Diagnostic[] {
  const startOf = (error: Diagnostic): number => error.labels[0]?.span.start ?? 0;
  return [...errors].sort((a, b) => startOf(a) - startOf(b)).slice(0, MOST_ERRORS);
}
