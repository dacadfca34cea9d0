/** WebAssembly text as a tree: a name, a number or a string, or a list of such between parentheses. */
export type Part = string | readonly Part[];

/** Reads WebAssembly text, without its comments. */
export function readParts(wat: string): readonly Part[] {
  const outermost: Part[] = [];
  const open: Part[][] = [outermost];
  for (const [token] of wat.matchAll(/"(?:[^"\\]|\\.)*"|[()]|;;[^\n]*|[^\s()"]+/g)) {
    if (token.startsWith(";;")) continue;
    if (token === "(") open.push([]);
    else if (token === ")") {
      const list = open.pop()!;
      open.at(-1)!.push(list);
    } else open.at(-1)!.push(token);
  }
  return outermost;
}

/** A tree's text, on one line. */
export function partText(part: Part): string {
  return typeof part === "string" ? part : `(${part.map(partText).join(" ")})`;
}
