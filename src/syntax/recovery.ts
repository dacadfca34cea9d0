import type { BracketGroup } from "./bracket-groups.ts";
import type { Masked } from "./skeleton.ts";
import type { Token } from "./tokenize.ts";

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
    if (ends && i >= index) return { from: first, to: i, filler: fillerOf(group) };
    if (ends) first = i + 1;
    if (text === "(" || text === "[" || text === "{") depth++;
    else if (text === ")" || text === "]" || text === "}") depth--;
  }
  return null;
}
