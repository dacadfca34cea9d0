/** A text with choices about line ends: what `layOut` turns into lines. */
export type Layout =
  | string
  | readonly Layout[]
  /** Set on one line if it fits there, otherwise every line end directly inside is taken. */
  | { readonly kind: "group"; readonly content: Layout }
  | { readonly kind: "indent"; readonly content: Layout }
  /** A line end, or `flat` where the group around it stays on one line. `blank` keeps an empty line before it. */
  | { readonly kind: "line"; readonly flat: string; readonly blank: boolean }
  /** A line end in any case. */
  | { readonly kind: "newline"; readonly blank: boolean }
  /** Only where the group around it is broken into lines. */
  | { readonly kind: "broken"; readonly text: string }
  /** A comment that waits for the end of the line. */
  | { readonly kind: "comment"; readonly text: string }
  /** A comment on a line of its own. */
  | {
      readonly kind: "commentLine";
      readonly text: string;
      readonly blankBefore: boolean;
      readonly blankAfter: boolean;
    };

const INDENT = 2;

/** Sets a layout in lines of at most `width` columns, where its content allows. */
export function layOut(layout: Layout, width: number): string {
  const output = new Lines();
  const forced = new Set<Layout>();
  findForced(layout, forced);
  print(layout, 0, true, output, width, forced);
  return output.finish();
}

class Lines {
  #finished = "";
  #line = "";
  #comments = "";

  get column(): number {
    return this.#line.length;
  }

  get isBlank(): boolean {
    return this.#line.trim() === "";
  }

  add(text: string): void {
    const lastBreak = text.lastIndexOf("\n");
    if (lastBreak < 0) {
      this.#line += text;
      return;
    }
    this.#finished += this.#line + text.slice(0, lastBreak + 1);
    this.#line = text.slice(lastBreak + 1);
  }

  comment(text: string): void {
    this.#comments += ` ${text}`;
  }

  newline(indent: number): void {
    this.#finished += `${(this.#line + this.#comments).trimEnd()}\n`;
    this.#comments = "";
    this.#line = " ".repeat(indent);
  }

  /** Sees to exactly one empty line before what follows, unless nothing comes before. */
  blankLine(indent: number): void {
    if (this.#finished !== "" && !this.#finished.endsWith("\n\n")) this.newline(indent);
  }

  finish(): string {
    if (!this.isBlank || this.#comments !== "") this.newline(0);
    return this.#finished;
  }
}

/**
 * Finds the groups that cannot be set on one line: with a line end that is taken in any case, or with a comment before
 * one of their own line ends.
 */
function findForced(layout: Layout, forced: Set<Layout>): { readonly newline: boolean; readonly pending: boolean } {
  if (typeof layout === "string") return { newline: false, pending: false };
  if ("kind" in layout) {
    switch (layout.kind) {
      case "group": {
        const found = scanGroup(layout.content, forced);
        if (found.breaks) forced.add(layout);
        return { newline: found.breaks, pending: found.pending };
      }
      case "indent":
        return findForced(layout.content, forced);
      case "newline":
      case "commentLine":
        return { newline: true, pending: false };
      case "comment":
        return { newline: false, pending: true };
      default:
        return { newline: false, pending: false };
    }
  }
  const found = scanGroup(layout, forced);
  return { newline: found.breaks, pending: found.pending };
}

function scanGroup(content: Layout, forced: Set<Layout>): { readonly breaks: boolean; readonly pending: boolean } {
  let breaks = false;
  let pending = false;
  const scan = (layout: Layout): void => {
    if (typeof layout === "string") return;
    if (!("kind" in layout)) {
      for (const part of layout) scan(part);
    } else if (layout.kind === "indent") {
      scan(layout.content);
    } else if (layout.kind === "line") {
      breaks ||= pending;
    } else {
      const found = findForced(layout, forced);
      breaks ||= found.newline;
      pending = found.pending || (pending && !found.newline);
    }
  };
  scan(content);
  return { breaks, pending };
}

function print(
  layout: Layout,
  indent: number,
  broken: boolean,
  output: Lines,
  width: number,
  forced: ReadonlySet<Layout>,
): void {
  if (typeof layout === "string") {
    output.add(layout);
    return;
  }
  if (!("kind" in layout)) {
    for (const part of layout) print(part, indent, broken, output, width, forced);
    return;
  }
  switch (layout.kind) {
    case "group": {
      const breaks = forced.has(layout) || !fits(layout.content, width - output.column);
      print(layout.content, indent, breaks, output, width, forced);
      return;
    }
    case "indent":
      print(layout.content, indent + INDENT, broken, output, width, forced);
      return;
    case "line":
      if (!broken) {
        output.add(layout.flat);
        return;
      }
      output.newline(indent);
      if (layout.blank) output.blankLine(indent);
      return;
    case "newline":
      output.newline(indent);
      if (layout.blank) output.blankLine(indent);
      return;
    case "broken":
      if (broken) output.add(layout.text);
      return;
    case "comment":
      output.comment(layout.text);
      return;
    case "commentLine":
      if (!output.isBlank) output.newline(indent);
      if (layout.blankBefore) output.blankLine(indent);
      output.add(layout.text);
      output.newline(indent);
      if (layout.blankAfter) output.blankLine(indent);
      return;
  }
}

/** Whether a group's content is at most `room` columns wide on one line; it holds no forced line end. */
function fits(content: Layout, room: number): boolean {
  let left = room;
  const rest: Layout[] = [content];
  while (rest.length > 0 && left >= 0) {
    const layout = rest.pop()!;
    if (typeof layout === "string") {
      const lineEnd = layout.indexOf("\n");
      if (lineEnd >= 0) return lineEnd <= left;
      left -= layout.length;
    } else if (!("kind" in layout)) {
      for (let i = layout.length - 1; i >= 0; i--) rest.push(layout[i]!);
    } else if (layout.kind === "group" || layout.kind === "indent") {
      rest.push(layout.content);
    } else if (layout.kind === "line") {
      left -= layout.flat.length;
    }
  }
  return left >= 0;
}
