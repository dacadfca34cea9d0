import type { Token } from "./tokenize.ts";

/** Tokens (by index; `to` is not among them) that are read as if something correct stood there. */
export interface Masked {
  readonly from: number;
  readonly to: number;
  readonly filler: string;
}

/**
 * A stretch of tokens as the grammar reads it. The grammar works on characters, so that each token is as short as its
 * kind allows, and blanks stand only where tokens would run together.
 */
export interface Skeleton {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** The token after the stretch. */
  readonly end: number;
  /** For each character of `text` the index of its piece; a blank belongs to the piece behind it. */
  readonly pieceAt: Int32Array;
  readonly pieces: readonly Piece[];
}

/** A token, or the tokens that a filler stands for. */
interface Piece {
  readonly from: number;
  readonly to: number;
}

/** Names that the grammar itself knows. */
const KNOWN_NAMES: ReadonlySet<string> = new Set(["list", "map"]);

/** The tokens `from` to `to` (which is not among them), with masked parts, in order and apart, replaced. */
export function skeletonOf(tokens: readonly Token[], from: number, to: number, masked: readonly Masked[]): Skeleton {
  const pieces: Piece[] = [];
  const starts: number[] = [];
  const shapes: string[] = [];
  let [length, last]: [number, string | undefined] = [0, undefined];
  const add = (shape: string, piece: Piece): void => {
    const apart = touches(last, shape[0]!) ? ` ${shape}` : shape;
    starts.push(length);
    shapes.push(apart);
    pieces.push(piece);
    length += apart.length;
    last = apart.at(-1);
  };
  let next = 0;
  for (let index = from; index < to || next < masked.length; ) {
    const mask = masked[next];
    if (mask !== undefined && mask.from <= index) {
      next++;
      if (mask.from < index) continue;
      add(mask.filler, mask);
      index = mask.to;
    } else if (index < to) {
      add(shapeOf(tokens[index]!), { from: index, to: index + 1 });
      index++;
    } else break;
  }
  const pieceAt = new Int32Array(length);
  for (const [piece, start] of starts.entries()) pieceAt.fill(piece, start, starts[piece + 1] ?? length);
  return { text: shapes.join(""), tokens, end: to, pieceAt, pieces };
}

/** The index of the token at a place of the skeleton; the one after the stretch for its end. */
export function tokenIndexAt({ pieceAt, pieces, end }: Skeleton, offset: number): number {
  return offset < pieceAt.length ? pieces[pieceAt[offset]!]!.from : end;
}

/** Where the characters from `start` to `end` of the skeleton stand in the text. */
export function placeOf(
  { pieceAt, pieces, tokens }: Skeleton,
  start: number,
  end: number,
): [start: number, end: number] {
  const first = tokens[pieces[pieceAt[start]!]!.from]!;
  const last = tokens[pieces[pieceAt[end - 1]!]!.to - 1]!;
  return [first.start, last.end];
}

function shapeOf({ kind, text }: Token): string {
  switch (kind) {
    case "name":
      return KNOWN_NAMES.has(text) ? text : "a";
    case "parameter":
      return "$a";
    case "number":
      return "0";
    case "string":
      return '""';
    case "keyword":
    case "operator":
      return text;
    default:
      return "\u0000";
  }
}

/** True where a token that begins with `next` would run into one that ends with `last`. */
function touches(last: string | undefined, next: string): boolean {
  if (last === undefined) return false;
  if (/[a-z0-9]/.test(last)) return /[a-z0-9$]/.test(next) || (last === "0" && next === ".");
  return "-=<>!".includes(last) && "=<>".includes(next);
}
