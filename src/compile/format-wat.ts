import { type Part, partText, readParts } from "./wat-tree.ts";

/** Lines are kept this short where the text allows. */
const WIDTH = 110;

/** WebAssembly text with a line for each instruction, indented by its nesting. */
export function formatWat(wat: string): string {
  return readParts(wat)
    .map((part) => `${lines(part, 0).join("\n")}\n`)
    .join("");
}

/** True when a part's text is no longer than this. */
function fits(part: Part, width: number): boolean {
  return room(part, width) >= 0;
}

/** What is left of a width after a part; stops counting once it is too little. */
function room(part: Part, width: number): number {
  if (typeof part === "string") return width - part.length;
  let left = width - 2;
  for (const [index, item] of part.entries()) {
    if (left < 0) break;
    left = room(item, left - (index === 0 ? 0 : 1));
  }
  return left;
}

/** Statements that hold others, which stand on lines of their own even where there is room. */
const BLOCKS: ReadonlySet<Part> = new Set(["module", "func", "block", "loop", "then", "else"]);

function lines(part: Part, indent: number): string[] {
  const blanks = " ".repeat(indent);
  const breaks = typeof part !== "string" && BLOCKS.has(part[0] ?? "") && part.some(holdsStatements);
  if (typeof part === "string" || (!breaks && fits(part, WIDTH - indent))) return [`${blanks}${partText(part)}`];
  let broken = part.findIndex((item, index) => index > 0 && typeof item !== "string" && !isHead(item));
  // A condition stays on the line of its `if` where there is room.
  if (part[0] === "if" && broken >= 0 && fits(part.slice(0, broken + 1), WIDTH - indent)) broken++;
  if (broken < 0 || broken === part.length) return [`${blanks}${partText(part)}`];
  const head = part.slice(0, broken).map(partText).join(" ");
  const inside = part.slice(broken).flatMap((item) => lines(item, indent + 2));
  return [`${blanks}(${head}`, ...inside.slice(0, -1), `${inside.at(-1)})`];
}

/** Parts of a function's or an import's first line. */
function isHead(part: Part): boolean {
  return typeof part !== "string" && ["export", "param", "result"].includes(part[0] as string);
}

function holdsStatements(part: Part): boolean {
  if (typeof part === "string") return false;
  return ["block", "loop", "if", "func"].includes(part[0] as string) || part.some(holdsStatements);
}
