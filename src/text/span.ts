/** A range of a source text, in UTF-16 code units; `source` names the text (`Query`, or a view's name). */
export interface Span {
  readonly source: string;
  readonly start: number;
  readonly end: number;
}

/** A place as people count it: both from 1, `column` in code points. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The name under which a query's own text appears in diagnostics. */
export const QUERY_SOURCE = "Query";

/** The line and column of a UTF-16 offset in `text`. Only a line feed ends a line. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: [...before.slice(lineStart)].length + 1 };
}
