/** A piece of text to put in place of a range of the source; ranges are equal, disjoint, or one is dropped whole. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface Segment {
  /** Where the segment begins in the new text. */
  readonly at: number;
  /** Where it begins in the source. */
  readonly source: number;
  /** Whether each character of it stands for the one of the source, or all of it for the place alone. */
  readonly copied: boolean;
}

/** A text made of pieces of a source, which remembers where each piece came from. */
export class RewrittenText {
  readonly #source: string;
  readonly #edits: readonly Edit[];
  readonly #segments: Segment[] = [];
  #text = "";

  /** @param edits in any order; of edits at one place, the first given comes first. */
  constructor(source: string, edits: readonly Edit[]) {
    this.#source = source;
    this.#edits = [...edits].sort((left, right) => left.start - right.start);
  }

  get text(): string {
    return this.#text;
  }

  /** Adds text that the source does not have. @param source the place of the source that it stands for. */
  add(text: string, source = 0): void {
    if (text === "") return;
    this.#segments.push({ at: this.#text.length, source, copied: false });
    this.#text += text;
  }

  /** Adds a range of the source with its edits made. @param dropped ranges that are left out whole. */
  copy(start: number, end: number, dropped: readonly { readonly start: number; readonly end: number }[] = []): void {
    let position = start;
    const copyTo = (to: number) => {
      if (to <= position) return;
      this.#segments.push({ at: this.#text.length, source: position, copied: true });
      this.#text += this.#source.slice(position, to);
      position = to;
    };
    const drops = dropped.map((range) => ({ ...range, text: "", drop: true }));
    const steps = [...drops, ...this.#edits.map((edit) => ({ ...edit, drop: false }))];
    steps.sort((left, right) => left.start - right.start);
    for (const step of steps) {
      // What lies outside the range, or inside what was dropped, is not ours to make.
      if (step.start < position || step.end > end) continue;
      copyTo(step.start);
      this.add(step.text, step.start);
      position = Math.max(position, step.end);
    }
    copyTo(end);
  }

  /** The offset in the source of an offset in the new text. */
  sourceOffset(offset: number): number {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#segments[middle]!.at <= offset) low = middle;
      else high = middle - 1;
    }
    const segment = this.#segments[low];
    if (segment === undefined) return 0;
    return segment.copied ? segment.source + offset - segment.at : segment.source;
  }
}
