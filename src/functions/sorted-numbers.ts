/** Numbers in order of size, kept in blocks so that adding and removing one costs little however many there are. */
export class SortedNumbers {
  readonly #blocks: number[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(value: number): void {
    this.#size++;
    const place = this.#blockOf(value);
    const block = this.#blocks[place];
    if (block === undefined) {
      this.#blocks.push([value]);
      return;
    }
    block.splice(lowerBound(block, value), 0, value);
    if (block.length > MOST) this.#blocks.splice(place + 1, 0, block.splice(MOST / 2));
  }

  /** Removes one of the numbers that equal `value`. */
  remove(value: number): void {
    const place = this.#blockOf(value);
    const block = this.#blocks[place];
    const at = block === undefined ? -1 : lowerBound(block, value);
    if (block?.[at] !== value) return;
    block.splice(at, 1);
    this.#size--;
    if (block.length === 0) this.#blocks.splice(place, 1);
  }

  /** The number at a place, counted from the smallest. */
  at(place: number): number {
    let rest = place;
    for (const block of this.#blocks) {
      if (rest < block.length) return block[rest]!;
      rest -= block.length;
    }
    throw new RangeError(`no number at ${place} of ${this.#size}`);
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
