import { usageError } from "./usage-error.ts";

/** Splits a magic's line into words as a shell would: blanks divide, quotes group, `\` takes the next character as it is. */
export function splitArgument(text: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (quote !== "") {
      if (char === quote) quote = "";
      else if (char === "\\" && quote === '"' && at + 1 < text.length && '"\\'.includes(text[at + 1]!))
        word += text[++at]!;
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (char === "\\" && at + 1 < text.length) word = (word ?? "") + text[++at]!;
    else word = (word ?? "") + char;
  }
  if (quote !== "") throw usageError(`the quote ${quote} is not closed: ${text}`);
  if (word !== null) words.push(word);
  return words;
}
