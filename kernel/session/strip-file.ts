import { translate } from "./translate.ts";
import { stripTypes } from "./type-stripper.ts";

/**
 * The JavaScript of a TypeScript file; every position is kept where types can be left out.
 * @throws SyntaxError that names file, line and column.
 */
export function scriptOfFile(text: string, path: string): string {
  const stripped = stripTypes(text);
  if ("code" in stripped && !NEWER.test(stripped.code)) return stripped.code;
  const translated = translate(text);
  if ("code" in translated) return translated.code;
  const { message, line, column } = "code" in stripped || stripped.kind !== "wrong" ? translated : stripped;
  throw new SyntaxError(`${message} (${path}, line ${line}, column ${column + 1})`);
}

/** Signs of syntax that is newer than this version of Node: decorators, `using`, `accessor`. */
const NEWER = /(^|[\s;{(])(@[\w$(]|(await\s+)?using\s+[\w$]|accessor\s+[\w$#[])/;
