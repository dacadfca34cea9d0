import { type Token, tokenize } from "../../src/syntax/tokenize.ts";

/** A stretch of a cell and how it looks, in UTF-16 offsets. */
export interface ColouredRange {
  readonly start: number;
  readonly end: number;
  readonly look: Look;
}

/** What a stretch is, as far as colours tell. */
export type Look =
  | "argument"
  | "comment"
  | "function"
  | "keyword"
  | "magic"
  | "name"
  | "number"
  | "operator"
  | "parameter"
  | "property"
  | "string"
  | "wrong";

const MAGIC_LINE = /^((?:[^\S\n]*\n)*)(%%fenl)(?=\s|$)([^\n]*)/;

/** The colours of a cell that holds a query; null for any other cell. */
export function colourFenlCell(text: string): ColouredRange[] | null {
  const magic = MAGIC_LINE.exec(text);
  if (magic === null) return null;
  const [line, before, name, options] = magic as unknown as [string, string, string, string];
  const nameEnd = before.length + name.length;
  const ranges: ColouredRange[] = [{ start: before.length, end: nameEnd, look: "magic" }];
  for (const { 0: word, index } of options.matchAll(/\S+/g)) {
    const start = nameEnd + index;
    ranges.push({ start, end: start + word.length, look: word.startsWith("-") ? "argument" : "string" });
  }
  return [...ranges, ...colourQuery(text.slice(line.length), line.length)];
}

function colourQuery(query: string, offset: number): ColouredRange[] {
  const tokens = tokenize(query);
  const code = tokens.filter(({ kind }) => kind !== "comment");
  const places = new Map(code.map((token, index) => [token, index]));
  const ranges = tokens.map((token): ColouredRange => {
    const at = places.get(token);
    const look = at === undefined ? "comment" : lookOf(token, code[at - 1], code[at + 1]);
    return { start: token.start + offset, end: token.end + offset, look };
  });
  const end = tokens.at(-1)?.end ?? 0;
  // Behind a string without its end nothing is a token.
  if (query.slice(end).trim() !== "") ranges.push({ start: end + offset, end: query.length + offset, look: "name" });
  return ranges;
}

function lookOf({ kind, text }: Token, before: Token | undefined, after: Token | undefined): Look {
  switch (kind) {
    case "name":
      if (before?.text === ".") return "property";
      if (after?.text === "(") return "function";
      if (after?.text === "=" && (before?.text === "(" || before?.text === ",")) return "argument";
      return after?.text === ":" ? "property" : "name";
    case "keyword":
      return text === "$input" ? "parameter" : "keyword";
    case "invalid":
      return /^["']/.test(text) ? "string" : "wrong";
    default:
      return kind;
  }
}
