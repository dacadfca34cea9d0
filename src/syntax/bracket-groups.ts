import type { GroupContent } from "./build-ast.ts";
import type { Token } from "./tokenize.ts";

/** A bracket with its partner; `rule` reads what stands between them. */
export interface BracketGroup {
  readonly rule: GroupContent["rule"];
  /** Indexes into the tokens. */
  readonly open: number;
  readonly close: number;
  /** 1 for an outermost bracket. */
  readonly depth: number;
}

export interface BracketScan {
  /** Pairs, an inner one before the one that holds it. */
  readonly groups: readonly BracketGroup[];
  /** The first bracket that closes nothing or something else. */
  readonly stray: Token | null;
  /** Opening brackets that nothing closes, outermost first. */
  readonly unclosed: readonly Token[];
  /** The first opening bracket deeper than the limit. */
  readonly tooDeep: Token | null;
}

const PARTNERS: ReadonlyMap<string, string> = new Map([
  [")", "("],
  ["]", "["],
  ["}", "{"],
]);

/** Pairs the brackets of a text without recursion; stops at the first that has no partner. */
export function scanBrackets(tokens: readonly Token[], limit: number): BracketScan {
  const groups: BracketGroup[] = [];
  const open: number[] = [];
  let stray: Token | null = null;
  let tooDeep: Token | null = null;
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "operator") continue;
    if (token.text === "(" || token.text === "[" || token.text === "{") {
      open.push(index);
      if (open.length > limit) tooDeep ??= token;
      continue;
    }
    const partner = PARTNERS.get(token.text);
    if (partner === undefined) continue;
    const opening = open.at(-1);
    if (opening === undefined || tokens[opening]!.text !== partner) {
      stray = token;
      break;
    }
    groups.push({ rule: ruleOf(tokens, opening), open: opening, close: index, depth: open.length });
    open.pop();
  }
  return { groups, stray, unclosed: open.map((index) => tokens[index]!), tooDeep };
}

function ruleOf(tokens: readonly Token[], opening: number): GroupContent["rule"] {
  const bracket = tokens[opening]!.text;
  if (bracket === "{") return "Fields";
  return bracket === "(" && tokens[opening - 1]?.kind === "name" ? "Arguments" : "Expr";
}
