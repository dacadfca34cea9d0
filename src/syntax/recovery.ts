import type { BracketGroup } from "./bracket-groups.ts";
import type { Token } from "./tokenize.ts";

/** A stretch of text that is read as if it held something correct. */
export interface Masked {
  readonly start: number;
  readonly end: number;
  readonly filler: string;
}

/** What stands in for a group's content, or one item of it. */
export function fillerOf(group: BracketGroup): string {
  return group.rule === "Fields" ? "a" : "0";
}

/**
 * The item (between commas or brackets) around a token that cannot stand where it does; masking it lets the text be
 * read on behind it.
 * @param groups an inner group before the one that holds it.
 */
export function itemAround(tokens: readonly Token[], groups: readonly BracketGroup[], index: number): Masked | null {
  const group = groups.find((candidate) => candidate.open < index && index <= candidate.close);
  if (!group) return null;
  let depth = 0;
  let first = group.open + 1;
  for (let i = first; i <= group.close; i++) {
    const text = tokens[i]!.kind === "operator" ? tokens[i]!.text : "";
    const ends = depth === 0 && (text === "," || i === group.close);
    if (ends && i >= index) return maskBetween(tokens[first - 1]!.end, tokens[i]!.start, fillerOf(group));
    if (ends) first = i + 1;
    if (text === "(" || text === "[" || text === "{") depth++;
    else if (text === ")" || text === "]" || text === "}") depth--;
  }
  return null;
}

function maskBetween(start: number, end: number, filler: string): Masked | null {
  return end > start ? { start, end, filler } : null;
}

/** A stretch of the text in which masked parts, in order and apart, are replaced by fillers of the same length. */
export function maskText(text: string, start: number, end: number, masked: readonly Masked[]): string {
  let result = "";
  let offset = start;
  for (const part of masked) {
    if (part.start < offset) continue;
    result += text.slice(offset, part.start) + part.filler.padEnd(part.end - part.start);
    offset = part.end;
  }
  return result + text.slice(offset, end);
}
