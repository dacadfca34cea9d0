/** A set of dictionary codes: a bit for each, so that even the sets of large dictionaries stay in the processor's cache. */
export class CodeSet {
  readonly #words: Uint32Array;

  /** A set for codes below `size`. */
  constructor(size: number) {
    this.#words = new Uint32Array((size + 31) >>> 5);
  }

  /** Adds codes; those out of bounds are left out. */
  addAll(codes: Int32Array): void {
    const words = this.#words;
    for (let row = 0; row < codes.length; row++) words[codes[row]! >>> 5]! |= 1 << (codes[row]! & 31);
  }

  has(code: number): boolean {
    return ((this.#words[code >>> 5]! >>> (code & 31)) & 1) !== 0;
  }

  /** The codes from `from` up to `to`, in order, counted from `from`. */
  codesIn(from: number, to: number): Int32Array {
    const codes = new Int32Array(to - from);
    let count = 0;
    for (let code = from; code < to; code++) {
      const rest = this.#words[code >>> 5]! >>> (code & 31);
      // The others of the word are none.
      if (rest === 0) code |= 31;
      else if ((rest & 1) !== 0) codes[count++] = code - from;
    }
    return codes.subarray(0, count);
  }

  /** Whether it has all codes from `from` up to `to`. */
  hasAll(from: number, to: number): boolean {
    for (let code = from; code < to; code++) {
      if ((code & 31) === 0 && code + 32 <= to && this.#words[code >>> 5] === 0xffffffff) code += 31;
      else if (!this.has(code)) return false;
    }
    return true;
  }

  /** Whether it has any code from `from` up to `to`. */
  hasAny(from: number, to: number): boolean {
    for (let code = from; code < to; code++) {
      if ((code & 31) === 0 && code + 32 <= to && this.#words[code >>> 5] === 0) code += 31;
      else if (this.has(code)) return true;
    }
    return false;
  }

  /** Replaces codes by the number of the set's codes below them; returns the size of the set. */
  replaceByRanks(codes: Int32Array): number {
    const words = this.#words;
    const before = new Uint32Array(words.length);
    let count = 0;
    for (let word = 0; word < words.length; word++) {
      before[word] = count;
      count += ones(words[word]!);
    }
    for (let row = 0; row < codes.length; row++) {
      const code = codes[row]!;
      const word = code >>> 5;
      codes[row] = before[word]! + ones(words[word]! & ((1 << (code & 31)) - 1));
    }
    return count;
  }
}

/** How many bits of a 32-bit number are 1. */
function ones(word: number): number {
  let sum = word - ((word >>> 1) & 0x55555555);
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333);
  return Math.imul((sum + (sum >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
