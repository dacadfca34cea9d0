import type { FailedMatchResult } from "ohm-js";
import { CODES } from "../text/codes.ts";
import type { Diagnostic } from "../text/diagnostic.ts";
import type { Span } from "../text/span.ts";
import { KEYWORDS, type Token } from "./tokenize.ts";

const OPERATORS: ReadonlySet<string> = new Set([
  "as",
  "|",
  "or",
  "and",
  "<>",
  "!=",
  "==",
  ">",
  "<",
  ">=",
  "<=",
  "-",
  "+",
  "/",
  "*",
  "[",
  ".",
]);
const EXPRESSION_STARTS: ReadonlySet<string> = new Set([
  "$input",
  "{",
  "(",
  "null",
  "false",
  "true",
  "'",
  '"',
  "let",
  "-",
  "!",
]);
const INSIDE_TOKENS: ReadonlySet<string> = new Set([
  " ",
  "\n",
  "\t",
  "\r",
  "#",
  "i8",
  "i16",
  "i32",
  "i64",
  "u8",
  "u16",
  "u32",
  "u64",
  "f32",
  "f64",
]);

/** What Ohm tells of a failed match and leaves out of its typings. */
interface MatchWithFailures extends FailedMatchResult {
  getRightmostFailures(): readonly Failure[];
}

interface Failure {
  isStringTerminal(): boolean;
  getText(): string;
}

/** A diagnostic of code E0011. */
export function syntaxError(span: Span, message: string, notes: readonly string[] = []): Diagnostic {
  return {
    code: "E0011",
    severity: "error",
    message: CODES.E0011,
    labels: [{ style: "primary", span, message }],
    notes,
  };
}

/**
 * Says in people's words why a match failed.
 * @param tokens the text's tokens without comments.
 * @param index of the token that cannot stand where it does; past the last token for the end of the text.
 * @param closing the bracket that ends the matched text, if it is the inside of brackets.
 */
export function matchError(
  match: FailedMatchResult,
  tokens: readonly Token[],
  index: number,
  source: string,
  closing: Token | undefined,
): Diagnostic {
  const expected = expectedThings((match as MatchWithFailures).getRightmostFailures(), closing);
  const notes = expected.length > 0 ? [`Expected ${joinWords(expected)}`] : [];
  const token = tokens[index];
  if (!token) {
    const end = tokens.at(-1)?.end ?? 0;
    return syntaxError({ source, start: end, end }, "Unexpected EOF", notes);
  }
  const hint = hintFor(tokens, index, expected);
  if (hint) notes.push(hint);
  return syntaxError({ source, start: token.start, end: token.end }, `Invalid token ${quoteToken(token.text)}`, notes);
}

/** A token as messages show it: one line, not too long, and a character that cannot be seen by its number. */
export function quoteToken(text: string): string {
  if (/^[\p{Z}\p{C}\p{M}]$/u.test(text)) {
    return `U+${text.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
  }
  const line = text.split("\n", 1)[0]!;
  const characters = [...line];
  const short = characters.length > 40 ? `${characters.slice(0, 40).join("")}...` : line;
  return `'${short}'`;
}

function expectedThings(failures: readonly Failure[], closing: Token | undefined): string[] {
  const texts = new Set<string>();
  let name = false;
  let end = false;
  for (const failure of failures) {
    if (failure.isStringTerminal()) texts.add(failure.getText());
    else if (failure.getText() === "=") texts.add("=");
    else if (failure.getText() === "a name") name = true;
    else if (failure.getText() === "end of input") end = true;
  }
  if (end && closing) texts.add(closing.text);
  const things: string[] = [];
  const expression = texts.has("$input");
  const operator = texts.has("*");
  const type = texts.has("list");
  for (const text of texts) {
    if (INSIDE_TOKENS.has(text) || text === "list" || text === "map" || text === "(") continue;
    if (expression && EXPRESSION_STARTS.has(text)) continue;
    if (operator && OPERATORS.has(text)) continue;
    things.push(`"${text}"`);
  }
  things.sort();
  if (expression) things.push("an expression");
  else if (type) things.push("a type");
  else if (name) things.push("a name");
  if (operator) things.push("an operator");
  if (end && !closing) things.push("the end of the query");
  return things;
}

function joinWords(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function hintFor(tokens: readonly Token[], index: number, expected: readonly string[]): string | undefined {
  const token = tokens[index]!;
  const previous = tokens[index - 1];
  if (token.text === "|" && previous?.text === "|" && previous.end === token.start) {
    return "The logical operators are written 'and' and 'or'";
  }
  if (token.text === "=" && expected.includes("an operator")) return "Equality is written '=='";
  if (KEYWORDS.has(token.text) && expected.includes("a name")) {
    return `'${token.text}' is a keyword, which cannot be a name`;
  }
  if (followsCast(tokens, index)) {
    return "A cast takes in everything to its left, and there is at most one: put it in parentheses to go on";
  }
  const isField = tokens[index - 2]?.text === ".";
  if (previous?.kind === "name" && !isField && expected.includes("an operator") && beginsOperand(token)) {
    return `A call needs parentheses: ${quoteToken(`${previous.text}(...)`).slice(1, -1)}`;
  }
  return undefined;
}

function followsCast(tokens: readonly Token[], index: number): boolean {
  const token = tokens[index]!;
  if (tokens[index - 1]?.kind !== "name" || tokens[index - 2]?.text !== "as") return false;
  return OPERATORS.has(token.text);
}

function beginsOperand(token: Token): boolean {
  return token.kind === "name" || token.kind === "number" || token.kind === "string" || token.text.startsWith("$");
}
