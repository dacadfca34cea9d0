import type { Grammar } from "ohm-js";
import * as ohm from "ohm-js";
import { FENL_RECIPE } from "./fenl-recipe.ts";

/** Exported by Ohm, and missing from its types. */
const { makeRecipe } = ohm as unknown as { makeRecipe(recipe: unknown): Grammar };

let made: Grammar | undefined;

/** The grammar of `fenl.ohm`, made of its recipe on first use: compiling its text would take fifty times as long. */
export function fenlGrammar(): Grammar {
  made ??= makeRecipe(JSON.parse(FENL_RECIPE));
  return made;
}
