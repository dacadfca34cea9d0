import { type Token, tokenize } from "../syntax/tokenize.ts";

/** The keywords that are values. */
export const LITERAL_WORDS: ReadonlySet<string> = new Set(["true", "false", "null", "$input"]);

/** The tokens of a text; a string without its end is a token up to the end of its line. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (let offset = 0; ; ) {
    const found = tokenize(offset === 0 ? text : text.slice(offset));
    for (const token of found) tokens.push({ ...token, start: token.start + offset, end: token.end + offset });
    const last = tokens.at(-1);
    const isOpenString = last?.kind === "invalid" && /^["']/.test(last.text) && last.end > offset;
    if (!isOpenString || last.end >= text.length) return tokens;
    offset = last.end;
  }
}

/** Whether a value begins with a token; `-` is taken for the operator between two. */
export function isOperand({ kind, text }: Token): boolean {
  if (kind === "operator") return text === "(" || text === "{" || text === "!";
  return kind === "invalid" ? /^["']/.test(text) : kind !== "keyword" || LITERAL_WORDS.has(text);
}
