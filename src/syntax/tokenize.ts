/** What a token is, as an editor would colour it. `invalid` is text that no token of Fenl begins with or ends. */
export type TokenKind = "name" | "keyword" | "parameter" | "number" | "string" | "operator" | "comment" | "invalid";

/** A piece of a Fenl text in UTF-16 offsets; white space is between the tokens. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The words that cannot be names. */
export const KEYWORDS: ReadonlySet<string> = new Set([
  "let",
  "in",
  "and",
  "or",
  "as",
  "const",
  "true",
  "false",
  "null",
  "$input",
]);

const SPACE = /[ \t\r\n]+/y;
const COMMENT = /#[^\n]*/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /[0-9]+(?:\.[0-9]+)?(?:[iu](?:8|16|32|64)|f(?:32|64))?/y;
const INPUT = /\$input(?![A-Za-z0-9_])/y;
const PARAMETER = /\$[A-Za-z_][A-Za-z0-9_]*/y;
const STRING = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|'[^'\\]*(?:\\[\s\S][^'\\]*)*'/y;
const BAD_ESCAPE = /^[^\\]*(?:\\['"\\nrt][^\\]*)*\\[^'"\\nrt]/;
const OPERATOR = /->|==|!=|<>|<=|>=|[-+*/<>!=.,:|()[\]{}]/y;
const UNTERMINATED = /["'][^\n]*/y;
const STRAY = /\$[A-Za-z0-9_]*|&&|[\s\S]/uy;

/**
 * Cuts a text into tokens, comments included; never fails. A word that touches a number is `invalid`, and so is a
 * string without its closing quote: its token ends with the line, and nothing after it is a token.
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = offset;
    return pattern.exec(text)?.[0];
  };
  const add = (kind: TokenKind, tokenText: string): void => {
    tokens.push({ kind, text: tokenText, start: offset, end: offset + tokenText.length });
    offset += tokenText.length;
  };
  while (offset < text.length) {
    const space = take(SPACE);
    if (space !== undefined) {
      offset += space.length;
      continue;
    }
    const word = take(WORD) ?? take(INPUT);
    if (word !== undefined) {
      const last = tokens.at(-1);
      if (last?.kind === "number" && last.end === offset) add("invalid", word);
      else add(KEYWORDS.has(word) ? "keyword" : "name", word);
      continue;
    }
    const parameter = take(PARAMETER);
    if (parameter !== undefined) {
      add(tokens.at(-1)?.kind === "number" && tokens.at(-1)?.end === offset ? "invalid" : "parameter", parameter);
      continue;
    }
    const number = take(NUMBER);
    if (number !== undefined) {
      add("number", number);
      continue;
    }
    const operator = take(OPERATOR);
    if (operator !== undefined) {
      add(operator === "->" ? "invalid" : "operator", operator);
      continue;
    }
    const comment = take(COMMENT);
    if (comment !== undefined) {
      add("comment", comment);
      continue;
    }
    const string = take(STRING);
    if (string !== undefined) {
      add(BAD_ESCAPE.test(string) ? "invalid" : "string", string);
      continue;
    }
    const unterminated = take(UNTERMINATED);
    if (unterminated !== undefined) {
      add("invalid", unterminated);
      break;
    }
    add("invalid", take(STRAY) ?? text.slice(offset));
  }
  return tokens;
}
