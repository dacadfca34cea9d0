import type { Label } from "./diagnostic.ts";
import { type Position, positionAt } from "./span.ts";

/** A label that begins and ends on one line; offsets count from the line's start. */
export interface LineLabel {
  readonly style: Label["style"];
  readonly start: number;
  readonly end: number;
  readonly message: string;
}

/** The part that a label over several lines has in one of them; `column` is its place among such labels. */
export interface BracketPart {
  readonly column: number;
  readonly style: Label["style"];
  readonly part: "top" | "left" | "bottom";
  /** Of the top: where the label begins in the line. Of the bottom: its last character. */
  readonly offset: number;
  readonly message: string;
}

/** A line of a source, numbered from 1, with what points at it. */
export interface LabelledLine {
  readonly number: number;
  readonly text: string;
  readonly labels: readonly LineLabel[];
  readonly brackets: readonly BracketPart[];
  /** False for a line that is only passed by labels that begin and end far from it. */
  readonly shown: boolean;
}

/** The part of a diagnostic that points into one source. */
export interface LabelledSource {
  readonly name: string;
  /** Of the first primary label, otherwise of the first label. */
  readonly position: Position;
  readonly lines: readonly LabelledLine[];
  /** How many labels go over several lines. */
  readonly bracketColumns: number;
}

const LINES_AFTER_TOP = 3;
const LINES_BEFORE_BOTTOM = 1;

interface OpenLine {
  readonly labels: LineLabel[];
  readonly brackets: BracketPart[];
  shown: boolean;
}

/** Lays the labels that point into one text out over its lines. */
export function layOutLabels(name: string, text: string, labels: readonly Label[]): LabelledSource {
  const starts = lineStarts(text);
  const open = new Map<number, OpenLine>();
  const lineAt = (index: number): OpenLine => {
    const existing = open.get(index);
    if (existing) return existing;
    const made: OpenLine = { labels: [], brackets: [], shown: false };
    open.set(index, made);
    return made;
  };
  let column = 0;
  for (const label of labels) {
    const start = clamp(label.span.start, text.length);
    const end = Math.max(start, clamp(label.span.end, text.length));
    const first = lineIndexAt(starts, start);
    const last = lineIndexAt(starts, Math.max(start, end - 1));
    const { style, message } = label;
    if (first === last) {
      const line = lineAt(first);
      line.shown = true;
      const from = Math.min(start - starts[first]!, lineText(text, starts, first).length);
      insertLabel(line.labels, { style, start: from, end: Math.max(end - starts[first]!, from + 1), message });
      continue;
    }
    for (let index = first; index <= last; index++) {
      const line = lineAt(index);
      const part = index === first ? "top" : index === last ? "bottom" : "left";
      const offset = part === "top" ? start - starts[first]! : part === "bottom" ? end - 1 - starts[last]! : 0;
      line.brackets.push({ column, style, part, offset, message: part === "bottom" ? message : "" });
      if (part !== "left" || index - first <= LINES_AFTER_TOP || last - index <= LINES_BEFORE_BOTTOM) line.shown = true;
    }
    column++;
  }
  const located = labels.find((label) => label.style === "primary") ?? labels[0];
  return {
    name,
    position: positionAt(text, clamp(located?.span.start ?? 0, text.length)),
    lines: [...open]
      .sort(([a], [b]) => a - b)
      .map(([index, line]) => ({ number: index + 1, text: lineText(text, starts, index), ...line })),
    bracketColumns: column,
  };
}

/** The text of a line by its number from 1, without its line end. */
export function lineOfText(text: string, number: number): string {
  return lineText(text, lineStarts(text), number - 1);
}

function insertLabel(labels: LineLabel[], label: LineLabel): void {
  const index = labels.findIndex(
    (other) => other.start > label.start || (other.start === label.start && other.end >= label.end),
  );
  labels.splice(index < 0 ? labels.length : index, 0, label);
}

function clamp(offset: number, length: number): number {
  return Math.max(0, Math.min(offset, length));
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function lineIndexAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function lineText(text: string, starts: readonly number[], index: number): string {
  const end = starts[index + 1];
  return text.slice(starts[index], end === undefined ? text.length : end - 1).replace(/\r+$/, "");
}
