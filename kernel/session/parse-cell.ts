import { type AnyNode, type Program, parse } from "acorn";
import { LineIndex } from "./line-index.ts";
import { childNodes } from "./scopes.ts";
import { readMappings } from "./source-map.ts";
import { translate } from "./translate.ts";
import { stripTypes } from "./type-stripper.ts";

/** A cell as JavaScript: types are gone. */
export interface ParsedCell {
  /** As the user typed it. */
  readonly source: string;
  readonly code: string;
  readonly program: Program;
  /** Whether the text ends in `;`, which says that its value is not to be shown. */
  readonly endsInSemicolon: boolean;
  /** The offset in the cell as typed, of an offset in `code`. */
  toSource(offset: number): number;
}

/** A cell that is not TypeScript, with the place of its first error. */
export class CellSyntaxError extends Error {
  override readonly name = "SyntaxError";
  /** Counted in UTF-16 units from the start of the cell. */
  readonly offset: number;
  /** Whether more text could make it right. */
  readonly unfinished: boolean;

  constructor(message: string, offset: number, unfinished: boolean) {
    super(message);
    this.offset = offset;
    this.unfinished = unfinished;
  }
}

/**
 * Reads the text of a cell and drops its types. Plain JavaScript takes the shortest way; types that can be blanked keep
 * every position; what must be translated (enums, decorators, `using` ...) goes through esbuild.
 * @throws CellSyntaxError
 */
export function parseCell(source: string): ParsedCell {
  if (!mayBeGenericCall(source)) {
    const program = tryParse(source);
    if (!(program instanceof CellSyntaxError)) return asTyped(source, source, program);
  }
  const stripped = strip(source);
  if (stripped instanceof CellSyntaxError) throw stripped;
  if (stripped !== null) {
    const program = tryParse(stripped);
    if (!(program instanceof CellSyntaxError)) return asTyped(source, stripped, program);
    const translated = translateCell(source);
    if (translated instanceof CellSyntaxError) throw program;
    return translated;
  }
  const translated = translateCell(source);
  if (translated instanceof CellSyntaxError) throw translated;
  return translated;
}

/** A cell whose code has every character in its place. */
function asTyped(source: string, code: string, program: Program): ParsedCell {
  const last = program.body.at(-1);
  const endsInSemicolon = last !== undefined && code[last.end - 1] === ";";
  return { source, code, program, endsInSemicolon, toSource: (offset) => offset };
}

/** `f<string>(x)` is also JavaScript, of another meaning: two comparisons. */
function mayBeGenericCall(source: string): boolean {
  const open = source.indexOf("<");
  return open >= 0 && source.indexOf(">", open) >= 0;
}

function tryParse(code: string): Program | CellSyntaxError {
  try {
    const program = parse(code, { ecmaVersion: "latest", sourceType: "module", allowAwaitOutsideFunction: true });
    return /\busing\b/.test(code) ? (findUsing(program, code) ?? program) : program;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { message, pos } = error as SyntaxError & { pos: number };
    return syntaxError(message.replace(/ \(\d+:\d+\)$/, ""), pos, code);
  }
}

/** `using` is understood here, but not by this version of Node. */
function findUsing(node: AnyNode, code: string): CellSyntaxError | null {
  if (node.type === "VariableDeclaration" && node.kind.endsWith("using")) {
    return syntaxError(`"${node.kind}" is not known to this version of Node`, node.start, code);
  }
  for (const child of childNodes(node)) {
    const found = findUsing(child, code);
    if (found !== null) return found;
  }
  return null;
}

/** The text with its types blanked; null when types alone do not make it JavaScript. */
function strip(source: string): string | CellSyntaxError | null {
  const stripped = stripTypes(source);
  if ("code" in stripped) return stripped.code;
  if (stripped.kind === "needs translation") return null;
  const offset = new LineIndex(source).offset({ line: stripped.line - 1, column: stripped.column });
  return syntaxError(stripped.message, offset, source);
}

/** The text as JavaScript that this version of Node runs. */
function translateCell(source: string): ParsedCell | CellSyntaxError {
  const translated = translate(source);
  const sourceLines = new LineIndex(source);
  if ("message" in translated) {
    const { message, line, column } = translated;
    return syntaxError(message, sourceLines.offset({ line: line - 1, column }), source);
  }
  const { code, mappings } = translated;
  const program = tryParse(code);
  if (program instanceof CellSyntaxError) return syntaxError(program.message, 0, source);
  const lines = new LineIndex(code);
  const originalPlace = readMappings(mappings);
  return {
    source,
    code,
    program,
    // The translation ends every statement in `;`, so this is read from the text, without the comments at its end.
    endsInSemicolon: source.replace(/(?:\s+|\/\/.*|\/\*(?:[^*]|\*(?!\/))*\*\/)+$/, "").endsWith(";"),
    toSource(offset) {
      const place = originalPlace(lines.place(offset));
      return place === null ? 0 : sourceLines.offset(place);
    },
  };
}

function syntaxError(message: string, offset: number, source: string): CellSyntaxError {
  const atEnd = source.slice(offset).trim() === "" || /got the end of the text/.test(message);
  const open = /^Unterminated (template|comment|block comment)/.test(message);
  const unfinished = open || (atEnd && !/^Unterminated string/.test(message));
  return new CellSyntaxError(message, Math.min(offset, source.length), unfinished);
}
