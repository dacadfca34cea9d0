import { nearest } from "../../src/text/nearest.ts";
import type { CellError } from "./cell-context.ts";
import type { Magic } from "./magic.ts";
import { magicBash } from "./magic-bash.ts";
import { magicCd } from "./magic-cd.ts";
import { magicEnv } from "./magic-env.ts";
import { magicFenl } from "./magic-fenl.ts";
import { magicLoadExt } from "./magic-load-ext.ts";
import { magicLsmagic } from "./magic-lsmagic.ts";
import { magicPwd } from "./magic-pwd.ts";
import { magicReset } from "./magic-reset.ts";
import { magicTime } from "./magic-time.ts";
import { magicTypecheck } from "./magic-typecheck.ts";
import { magicWho } from "./magic-who.ts";
import { magicWritefile } from "./magic-writefile.ts";
import { usageError } from "./usage-error.ts";

/** Every magic, in the order in which `%lsmagic` lists them. */
export const magics: readonly Magic[] = [
  magicFenl,
  magicWritefile,
  magicBash,
  magicTime,
  magicWho,
  magicReset,
  magicCd,
  magicPwd,
  magicEnv,
  magicTypecheck,
  magicLoadExt,
  magicLsmagic,
];

/**
 * The magic of a name in a form.
 * @throws CellError (UsageError) that names the nearest magics, or the form that the magic has.
 */
export function findMagic(name: string, form: "line" | "cell"): Magic {
  const magic = magics.find((candidate) => candidate.name === name);
  if (magic === undefined) throw unknownMagic(name, form);
  if (!magic.forms.includes(form)) {
    const [wrong, place] =
      form === "line" ? ["%", "on the first line of a cell of its own"] : ["%%", "on a line of TypeScript cells"];
    throw usageError(`${wrong}${name} is not a ${form} magic: it stands ${place}`, `Usage: ${magic.usage}`);
  }
  return magic;
}

function unknownMagic(name: string, form: "line" | "cell"): CellError {
  const sign = form === "line" ? "%" : "%%";
  const names = magics.filter((magic) => magic.forms.includes(form)).map((magic) => magic.name);
  const matches = nearest(name, names, 3).map((match) => `${sign}${match}`);
  return usageError(
    `there is no magic ${sign}${name}`,
    ...(matches.length > 0 ? [`Nearest magics: ${matches.join(", ")}`] : []),
    "%lsmagic lists them all.",
  );
}
