import type { LineColumn } from "./source-map.ts";

/** Converts between offsets of a text and its lines and columns, both from 0; lines end as JavaScript ends them. */
export class LineIndex {
  readonly #starts: number[] = [0];
  readonly #length: number;

  constructor(text: string) {
    this.#length = text.length;
    for (const { index, 0: end } of text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) this.#starts.push(index + end.length);
  }

  place(offset: number): LineColumn {
    let line = this.#starts.findLastIndex((start) => start <= offset);
    if (line < 0) line = 0;
    return { line, column: offset - this.#starts[line]! };
  }

  offset({ line, column }: LineColumn): number {
    if (line >= this.#starts.length) return this.#length;
    return Math.min(this.#starts[Math.max(0, line)]! + column, this.#length);
  }
}
