import type { Scalar } from "./scalars.ts";
import type { Value } from "./value.ts";

type Texts = readonly string[];

function ofTexts(compute: (...texts: Texts) => Value): Scalar {
  return { compute: (values) => compute(...(values as Texts)) };
}

/** Characters [start, end); negative indices count from the end. */
function substring([text, start, end]: readonly Value[]): Value {
  if (text === null) return null;
  const characters = [...(text as string)];
  const size = characters.length;
  const place = (index: Value, otherwise: number) => {
    if (index === null) return otherwise;
    const number = Number(index);
    return number < 0 ? size + number : number;
  };
  const from = place(start!, 0);
  const to = place(end!, size);
  // What lies before the text gives nothing: neither the whole text for a start nor "to the end" for an end.
  return from < 0 || to < from ? "" : characters.slice(from, to).join("");
}

/** String functions by name. */
export const STRING_SCALARS: Readonly<Record<string, Scalar>> = {
  len: { compute: ([text]) => BigInt(new TextEncoder().encode(text as string).length) },
  lower: ofTexts((text) => text!.toLowerCase()),
  upper: ofTexts((text) => text!.toUpperCase()),
  substring: { takesNulls: true, compute: substring },
  concat: ofTexts((...texts) => texts.join("")),
  contains: ofTexts((text, part) => text!.includes(part!)),
  starts_with: ofTexts((text, part) => text!.startsWith(part!)),
  ends_with: ofTexts((text, part) => text!.endsWith(part!)),
  trim: ofTexts((text) => text!.trim()),
  split: ofTexts((text, separator) => (separator === "" ? [...text!] : text!.split(separator!))),
  replace: ofTexts((text, old, next) => (old === "" ? text! : text!.split(old!).join(next!))),
  regexp_matches: ofTexts((text, pattern) => new RegExp(pattern!, "u").test(text!)),
};
