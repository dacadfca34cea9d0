import { type Grammar, grammar } from "ohm-js";
import { FENL_GRAMMAR } from "./fenl-grammar.ts";

let compiled: Grammar | undefined;

/** The grammar of `fenl.ohm`, compiled on first use. */
export function fenlGrammar(): Grammar {
  compiled ??= grammar(FENL_GRAMMAR);
  return compiled;
}
