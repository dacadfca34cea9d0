/** Numbers in order of size, kept in blocks so that adding and removing one costs little however many there are. */
export class SortedNumbers {
  readonly #blocks: number[][] = [];
  #size = 0;
  /**
   * How many numbers blocks have together, so that the block of a place is found in few steps: entry `i` (from 1) tells of
   * the blocks up to `i`, as many as the lowest bit of `i` that is set. Empty: not known.
   */
  #counts: number[] = [];

  get size(): number {
    return this.#size;
  }

  /** Bytes of memory, about: blocks are three quarters full, and arrays somewhat larger than what is in them. */
  get bytes(): number {
    return 12 * this.#size;
  }

  add(value: number): void {
    this.#size++;
    const place = this.#blockOf(value);
    const block = this.#blocks[place];
    if (block === undefined) {
      this.#blocks.push([value]);
      this.#counts = [];
      return;
    }
    block.splice(lowerBound(block, value), 0, value);
    this.#count(place, 1);
    if (block.length <= MOST) return;
    this.#blocks.splice(place + 1, 0, block.splice(MOST / 2));
    this.#counts = [];
  }

  /** Notes that a block has more numbers, or fewer. */
  #count(block: number, more: number): void {
    const counts = this.#counts;
    for (let at = block + 1; at < counts.length; at += at & -at) counts[at]! += more;
  }

  #countAll(): void {
    const blocks = this.#blocks;
    const counts = new Array<number>(blocks.length + 1).fill(0);
    for (let at = 1; at < counts.length; at++) {
      counts[at]! += blocks[at - 1]!.length;
      const next = at + (at & -at);
      if (next < counts.length) counts[next]! += counts[at]!;
    }
    this.#counts = counts;
  }

  /** Removes one of the numbers that equal `value`. */
  remove(value: number): void {
    const place = this.#blockOf(value);
    const block = this.#blocks[place];
    const at = block === undefined ? -1 : lowerBound(block, value);
    if (block?.[at] !== value) return;
    block.splice(at, 1);
    this.#size--;
    this.#count(place, -1);
    if (block.length > 0) return;
    this.#blocks.splice(place, 1);
    this.#counts = [];
  }

  /** The number at a place, counted from the smallest. */
  at(place: number): number {
    if (!(place >= 0 && place < this.#size)) throw new RangeError(`no number at ${place} of ${this.#size}`);
    if (this.#counts.length === 0) this.#countAll();
    const counts = this.#counts;
    let block = 0;
    let rest = place;
    for (let step = 2 ** Math.floor(Math.log2(counts.length - 1)); step > 0; step >>= 1) {
      const next = block + step;
      if (next >= counts.length || counts[next]! > rest) continue;
      block = next;
      rest -= counts[next]!;
    }
    return this.#blocks[block]![rest]!;
  }

  *[Symbol.iterator](): Generator<number> {
    for (const block of this.#blocks) yield* block;
  }

  /** The first block that ends at or after a value; else the last one. */
  #blockOf(value: number): number {
    let low = 0;
    let high = Math.max(this.#blocks.length - 1, 0);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#blocks[middle]!.at(-1)! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Numbers in one block at most. */
const MOST = 1024;

function lowerBound(block: readonly number[], value: number): number {
  let low = 0;
  let high = block.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (block[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
