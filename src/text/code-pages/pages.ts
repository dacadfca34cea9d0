import { argumentPages } from "./arguments.ts";
import type { CodePage } from "./define.ts";
import { namePages } from "./names.ts";
import { rowPages } from "./rows.ts";

/** The pages of all codes, errors first, in the order of the codes. */
export const CODE_PAGES: readonly CodePage[] = [...namePages, ...argumentPages, ...rowPages].sort(
  (a, b) => rank(a) - rank(b) || (a.code < b.code ? -1 : 1),
);

function rank({ code }: CodePage): number {
  return "EWB".indexOf(code[0]!);
}
