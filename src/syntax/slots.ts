import type { Token } from "./tokenize.ts";

/** Tokens (by index; `to` is not among them) that stand where the grammar wants an expression. */
export interface Slot {
  readonly from: number;
  readonly to: number;
}

/** Smaller slots are not worth a match of their own, and larger ones hold slots themselves. */
const SMALLEST = 4;
const LARGEST = 400;

/** What is open at a place: a bracket or the whole text, with its item and its `let` bindings so far. */
interface Frame {
  readonly opening: "(" | "[" | "{" | "call" | "text";
  itemStart: number;
  /** Where the value of the present binding begins, of each `let` that has not come to its `in`. */
  readonly bindings: number[];
}

/**
 * Expressions of a text that can be matched on their own, in order and apart: what `let` names, fields, arguments, and
 * what stands in parentheses. Of a wrong text it may be anything.
 */
export function expressionSlots(tokens: readonly Token[]): Slot[] {
  const slots: Slot[] = [];
  const frames: Frame[] = [{ opening: "text", itemStart: 0, bindings: [] }];
  const add = (from: number, to: number): void => {
    if (to - from >= SMALLEST && to - from <= LARGEST) slots.push({ from, to });
  };
  for (const [index, { kind, text }] of tokens.entries()) {
    const frame = frames.at(-1)!;
    if (kind === "keyword") {
      if (text === "let") {
        if (!beginsExpression(tokens[index - 1]) && frame.bindings.length > 0) add(frame.bindings.pop()!, index);
        frame.bindings.push(index + 3);
      } else if (text === "in" && frame.bindings.length > 0) add(frame.bindings.pop()!, index);
    } else if (kind === "operator") {
      if (text === "(" || text === "[" || text === "{") {
        const isCall = text === "(" && tokens[index - 1]?.kind === "name";
        frames.push({ opening: isCall ? "call" : text, itemStart: index + 1, bindings: [] });
      } else if (text === "," || text === ")" || text === "]" || text === "}") {
        const start = valueStart(tokens, frame);
        if (start !== null) add(start, index);
        frame.itemStart = index + 1;
        if (text !== "," && frames.length > 1) frames.pop();
      }
    }
  }
  return outermost(slots);
}

function beginsExpression(previous: Token | undefined): boolean {
  if (previous === undefined || previous.text === "in") return true;
  return previous.kind === "operator" && ![")", "]", "}"].includes(previous.text);
}

/** Where the expression of a frame's present item begins; null for a field without one. */
function valueStart(tokens: readonly Token[], { opening, itemStart }: Frame): number | null {
  const named = tokens[itemStart + 1]?.text;
  if (opening === "{") return named === ":" ? itemStart + 2 : null;
  return opening === "call" && named === "=" && tokens[itemStart]!.kind === "name" ? itemStart + 2 : itemStart;
}

function outermost(slots: readonly Slot[]): Slot[] {
  const chosen: Slot[] = [];
  for (const slot of [...slots].sort((a, b) => a.from - b.from || b.to - a.to)) {
    if (slot.from >= (chosen.at(-1)?.to ?? 0)) chosen.push(slot);
  }
  return chosen;
}
