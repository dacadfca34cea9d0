import { tokenizer, tokTypes } from "acorn";
import { colourFenlCell } from "../../kernelspec/labextension/token-classes.ts";
import { escapeHtml } from "../display/escape-html.ts";
import { parseCell } from "../session/parse-cell.ts";

/** A part of a cell's text and the class of its colour. */
interface Coloured {
  readonly start: number;
  readonly end: number;
  readonly look: string;
}

/** The text of a code cell with its colours, as spans of the classes `code-keyword`, `code-string` and so on. */
export function codeHtml(source: string): string {
  let html = "";
  let from = 0;
  for (const { start, end, look } of colourFenlCell(source) ?? colourTypeScript(source)) {
    html += `${escapeHtml(source.slice(from, start))}<span class="code-${look}">${escapeHtml(source.slice(start, end))}</span>`;
    from = end;
  }
  return html + escapeHtml(source.slice(from));
}

/** What is no TypeScript (magics, lines for the shell) and what is not written as it runs (enums) has no colours. */
function colourTypeScript(source: string): Coloured[] {
  const ranges: Coloured[] = [];
  const add = (look: string, start: number, end: number) => ranges.push({ start, end, look });
  try {
    const { code } = parseCell(source);
    if (code.length !== source.length) return [];
    const tokens = tokenizer(code, {
      ecmaVersion: "latest",
      sourceType: "module",
      onComment: (_isBlock, _text, start, end) => add("comment", start, end),
    });
    for (const { type, start, end } of tokens) {
      if (type.keyword !== undefined) add("keyword", start, end);
      else if (type === tokTypes.string || type === tokTypes.template || type === tokTypes.regexp)
        add("string", start, end);
      else if (type === tokTypes.num) add("number", start, end);
      else if (type === tokTypes.name && WORDS.has(code.slice(start, end))) add("keyword", start, end);
    }
  } catch (error) {
    if ((error as Error).name !== "SyntaxError") throw error;
    return [];
  }
  return ranges.filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start);
}

/** Keywords that are names elsewhere. */
const WORDS = new Set(["as", "async", "await", "from", "let", "of", "static"]);
