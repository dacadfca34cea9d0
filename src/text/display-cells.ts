/** A character as a terminal shows it: `offset` is its place in the line (UTF-16), `width` counts columns. */
export interface Cell {
  readonly text: string;
  readonly offset: number;
  readonly width: number;
}

const TAB_WIDTH = 4;
const COMBINING = /^(?:\p{Mn}|\p{Me}|\p{Cf})$/u;
const WIDE =
  /^[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1F64F}\u{1F680}-\u{1F6FF}\u{1F900}-\u{1F9FF}\u{20000}-\u{3FFFD}]$/u;
const DIRECTION = /^[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]$/u;

/** The characters of one line, tabs expanded and control characters made visible. */
export function cellsOf(line: string): Cell[] {
  const cells: Cell[] = [];
  let offset = 0;
  let column = 0;
  for (const character of line) {
    const cell = cellOf(character, offset, column);
    cells.push(cell);
    offset += character.length;
    column += cell.width;
  }
  return cells;
}

/** A text as one line that is safe to print: no control character moves the cursor or turns the direction. */
export function printable(text: string): string {
  return cellsOf(text)
    .map((cell) => cell.text)
    .join("");
}

function cellOf(character: string, offset: number, column: number): Cell {
  if (character === "\t") {
    const width = TAB_WIDTH - (column % TAB_WIDTH);
    return { text: " ".repeat(width), offset, width };
  }
  const code = character.codePointAt(0)!;
  if (code < 0x20) return { text: String.fromCodePoint(0x2400 + code), offset, width: 1 };
  if (code === 0x7f) return { text: "\u2421", offset, width: 1 };
  if ((code > 0x7f && code < 0xa0) || DIRECTION.test(character)) return { text: "\uFFFD", offset, width: 1 };
  if (COMBINING.test(character)) return { text: character, offset, width: 0 };
  return { text: character, offset, width: WIDE.test(character) ? 2 : 1 };
}
