import { CODES } from "./codes.ts";
import type { Diagnostic, Label, SourceTexts } from "./diagnostic.ts";
import { type Cell, cellsOf, printable } from "./display-cells.ts";
import {
  type BracketPart,
  type LabelledLine,
  type LabelledSource,
  type LineLabel,
  layOutLabels,
  lineOfText,
} from "./labelled-lines.ts";

/** Shows a diagnostic as people read it in a terminal: header, source lines with carets, notes, and an empty line. */
export function renderText(diagnostic: Diagnostic, sources: SourceTexts): string {
  try {
    return render(diagnostic, sources);
  } catch {
    // Whatever is wrong with its places, what the diagnostic says is not lost.
    const { severity, code, message, labels, notes } = diagnostic;
    const texts = [...labels.map((label) => label.message), ...notes].filter((text) => text !== "");
    const lines = [
      `bug[B1001]: ${CODES.B1001}`,
      `${severity}[${code}]: ${message}`,
      ...texts.map((text) => ` = ${text}`),
    ];
    return `${lines.map(printable).join("\n")}\n\n`;
  }
}

function render(diagnostic: Diagnostic, sources: SourceTexts): string {
  const bySource = new Map<string, Label[]>();
  const homeless: Label[] = [];
  for (const label of diagnostic.labels) {
    const { source } = label.span;
    if (!Object.hasOwn(sources, source)) homeless.push(label);
    else if (bySource.has(source)) bySource.get(source)!.push(label);
    else bySource.set(source, [label]);
  }
  const laidOut = [...bySource].map(([name, labels]) => layOutLabels(name, sources[name]!, labels));
  const largest = Math.max(0, ...laidOut.flatMap((source) => source.lines.map((line) => line.number)));
  const notes = [...homeless.map((label) => `${label.span.source}: ${label.message}`), ...diagnostic.notes];
  const gutter = " ".repeat(largest === 0 ? 0 : String(largest).length);

  const lines = [`${diagnostic.severity}[${diagnostic.code}]: ${printable(diagnostic.message)}`];
  for (const [index, source] of laidOut.entries()) {
    lines.push(...renderSource(source, sources[source.name]!, gutter));
    if (index < laidOut.length - 1 || notes.length > 0) lines.push(`${gutter} |`);
  }
  for (const note of notes) {
    for (const [index, line] of note.split("\n").entries()) {
      lines.push(`${gutter} ${index === 0 ? "=" : " "} ${printable(line)}`);
    }
  }
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n\n`;
}

function renderSource(source: LabelledSource, text: string, gutter: string): string[] {
  const { line, column } = source.position;
  const lines = [`${gutter} --> ${printable(source.name)}:${line}:${column}`, `${gutter} |`];
  const active = new Map<number, BracketPart>();
  let previous: LabelledLine | undefined;
  for (const labelled of source.lines) {
    if (!labelled.shown) {
      continue;
    }
    if (previous && labelled.number - previous.number === 2) {
      const number = previous.number + 1;
      lines.push(sourceLine(number, lineOfText(text, number), margin(source, active), gutter));
    } else if (previous && labelled.number - previous.number > 2) {
      const passing = margin(source, active);
      lines.push(`${gutter} . ${passing}`, `${gutter} . ${passing}`);
    }
    lines.push(...renderLine(source, labelled, active, gutter));
    previous = labelled;
  }
  return lines;
}

function renderLine(
  source: LabelledSource,
  line: LabelledLine,
  active: Map<number, BracketPart>,
  gutter: string,
): string[] {
  const cells = cellsOf(line.text);
  const tops = line.brackets.filter((bracket) => bracket.part === "top");
  const atStart = tops.filter((top) => line.text.slice(0, top.offset).trim() === "");
  let marks = margin(source, active);
  for (const top of atStart) {
    marks = replaceAt(marks, 2 * top.column, "/");
    active.set(top.column, top);
  }
  const lines = [sourceLine(line.number, line.text, marks, gutter)];
  lines.push(...renderLabels(line, cells, `${gutter} | ${margin(source, active)}`));
  for (const top of tops) {
    if (atStart.includes(top)) continue;
    const passing = margin(source, active);
    lines.push(`${gutter} | ${arm(replaceAt(passing, 2 * top.column, " "), top, cells)}`);
    active.set(top.column, top);
  }
  for (const bottom of line.brackets.filter((bracket) => bracket.part === "bottom")) {
    const drawn = arm(margin(source, active), bottom, cells);
    lines.push(`${gutter} | ${drawn}${bottom.message && ` ${printable(bottom.message)}`}`);
    active.delete(bottom.column);
  }
  return lines;
}

/** The line that leads from a bracket in the left margin to its end in the text. */
function arm(marks: string, bracket: BracketPart, cells: readonly Cell[]): string {
  const from = 2 * bracket.column + 1;
  const to = marks.length + columnAt(cells, bracket.offset);
  const caret = bracket.style === "primary" ? "^" : "-";
  return marks.slice(0, from) + "_".repeat(to - from) + caret;
}

function margin(source: LabelledSource, active: ReadonlyMap<number, BracketPart>): string {
  return Array.from({ length: source.bracketColumns }, (_, column) => (active.has(column) ? "| " : "  ")).join("");
}

function sourceLine(number: number, text: string, marks: string, gutter: string): string {
  return `${String(number).padStart(gutter.length)} | ${marks}${printable(text)}`;
}

/** The carets under a line, the right-most message beside them, the others hanging below. */
function renderLabels({ labels, text }: LabelledLine, cells: readonly Cell[], prefix: string): string[] {
  if (labels.length === 0) return [];
  const trailing = trailingLabel(labels);
  const carets = caretLine(labels, [...cells, { text: "", offset: text.length, width: 1 }]);
  const lines = [`${prefix}${carets}${trailing ? ` ${printable(trailing.message)}` : ""}`];
  const hanging = labels.filter((label) => label !== trailing && label.message !== "");
  if (hanging.length === 0) return lines;
  lines.push(prefix + pointers(hanging, cells, hanging.length));
  for (let i = hanging.length - 1; i >= 0; i--) {
    const column = columnAt(cells, hanging[i]!.start);
    lines.push(
      `${prefix}${pointers(hanging, cells, i).slice(0, column).padEnd(column)}${printable(hanging[i]!.message)}`,
    );
  }
  return lines;
}

/** The label whose message can stand beside the carets: the last one, if it has a message and overlaps no other. */
function trailingLabel(labels: readonly LineLabel[]): LineLabel | undefined {
  let end = 0;
  let trailing: LineLabel | undefined;
  for (const label of labels) {
    end = Math.max(end, label.end);
    if (label.end === end) trailing = label.message === "" ? undefined : label;
  }
  const overlaps = labels.some((label) => label !== trailing && trailing && overlap(label, trailing));
  return overlaps ? undefined : trailing;
}

/** @param cells of the line and of the place after it, where the end of the text is marked. */
function caretLine(labels: readonly LineLabel[], cells: readonly Cell[]): string {
  const drawn = cells.map((cell, index) => {
    const range = { start: cell.offset, end: cells[index + 1]?.offset ?? Number.POSITIVE_INFINITY };
    const covering = labels.filter((label) => overlap(label, range));
    const caret = covering.some((label) => label.style === "primary") ? "^" : covering.length > 0 ? "-" : " ";
    return caret.repeat(cell.width);
  });
  return drawn.join("").trimEnd();
}

/** Connectors under the first `count` labels. */
function pointers(labels: readonly LineLabel[], cells: readonly Cell[], count: number): string {
  let line = "";
  for (const label of labels.slice(0, count)) {
    const column = columnAt(cells, label.start);
    if (column >= line.length) line = `${line.padEnd(column)}|`;
  }
  return line;
}

function overlap(a: { start: number; end: number }, b: { start: number; end: number }): boolean {
  return Math.max(a.start, b.start) < Math.min(a.end, b.end);
}

function columnAt(cells: readonly Cell[], offset: number): number {
  let column = 0;
  for (const cell of cells) {
    if (cell.offset >= offset) break;
    column += cell.width;
  }
  return column;
}

function replaceAt(text: string, index: number, character: string): string {
  return text.slice(0, index) + character + text.slice(index + 1);
}
