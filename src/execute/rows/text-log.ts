import { copyBytes, isWellFormed } from "../../values/text-table.ts";
import { MOST_TEXT_BYTES, type TextBytes } from "./text-bytes.ts";

const LEAST = 1 << 12;

/** Texts that a stage has made, by their numbers. */
export interface MadeTexts {
  add(text: string): number;
  /** Whether there is a text of a number. */
  has(number: number): boolean;
  text(number: number): string;
  /** Lets go of all texts. */
  clear(): void;
  /** Bytes of memory. */
  readonly size: number;
}

/** Texts as bytes, to which others are only ever added. Equal ones have several numbers. */
export class TextLog implements MadeTexts {
  #ends = new Int32Array(LEAST);
  #bytes = Buffer.allocUnsafe(LEAST);
  #count = 0;
  /** Texts that have no bytes, or no room among them. */
  readonly #others = new Map<number, string>();
  /** The end of what `open` has written. */
  #end = 0;

  get count(): number {
    return this.#count;
  }

  has(number: number): boolean {
    return number >= 0 && number < this.#count;
  }

  get size(): number {
    return this.#end + 4 * this.#count;
  }

  clear(): void {
    this.#ends = new Int32Array(LEAST);
    this.#bytes = Buffer.allocUnsafe(LEAST);
    this.#count = 0;
    this.#others.clear();
    this.#end = 0;
  }

  /** @returns the text's number */
  add(text: string): number {
    const room = 3 * text.length;
    if (!isWellFormed(text) || !this.hasRoom(room)) {
      this.#others.set(this.#count, text);
      return this.close();
    }
    this.#reserve(room);
    this.#end += this.#bytes.write(text, this.#end);
    return this.close();
  }

  /** Whether so many bytes can still be written. */
  hasRoom(bytes: number): boolean {
    return this.#end + bytes <= MOST_TEXT_BYTES / 2;
  }

  /** Writes bytes at the end of the text that is being made. */
  write(bytes: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    copyBytes(bytes, from, to, this.#bytes, this.#end);
    this.#end += to - from;
  }

  /** Ends the text that is being made. @returns its number */
  close(): number {
    if (this.#count === this.#ends.length) {
      const grown = new Int32Array(2 * this.#count);
      grown.set(this.#ends);
      this.#ends = grown;
    }
    this.#ends[this.#count] = this.#end;
    return this.#count++;
  }

  #reserve(bytes: number): void {
    const wanted = this.#end + bytes;
    if (wanted <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(wanted, Math.min(2 * this.#bytes.length, MOST_TEXT_BYTES)));
    grown.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = grown;
  }

  /** Where a text begins and ends in the bytes. */
  start(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!;
  }

  end(index: number): number {
    return this.#ends[index]!;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Whether a text stands among the bytes. */
  hasBytes(index: number): boolean {
    return !this.#others.has(index);
  }

  text(index: number): string {
    return this.#others.get(index) ?? this.#bytes.toString("utf8", this.start(index), this.end(index));
  }

  /** All texts as bytes; null where some have none. */
  all(): Pick<TextBytes, "offsets" | "bytes"> | null {
    if (this.#others.size > 0) return null;
    const offsets = new Int32Array(this.#count + 1);
    offsets.set(this.#ends.subarray(0, this.#count), 1);
    return { offsets, bytes: this.#bytes };
  }
}
