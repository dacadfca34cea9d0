/**
 * Codes for short texts by their 16-byte records in DuckDB's vectors (length, then up to 12 bytes, padded with zeros):
 * the record is looked up as four words, so that a text is decoded once however often it occurs.
 */
export class ShortTextCodes {
  private slots = new Int32Array(1 << 12).fill(-1);
  private words = new Uint32Array(4 << 10);
  private codes = new Int32Array(1 << 10);
  private size = 0;

  /** The entry of a record, or -1 - the slot where it belongs. */
  find(a: number, b: number, c: number, d: number): number {
    const { slots, words } = this;
    const mask = slots.length - 1;
    let hash =
      Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(c ^ Math.imul(d, 0xc2b2ae35), 0x27d4eb2f);
    hash ^= hash >>> 15;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot]!;
      if (entry < 0) return -1 - slot;
      const at = 4 * entry;
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) return entry;
    }
  }

  /** The code of an entry that `find` gave. */
  codeOf(entry: number): number {
    return this.codes[entry]!;
  }

  /** Enters a record whose `find` gave `missing`. */
  add(missing: number, a: number, b: number, c: number, d: number, code: number): void {
    const entry = this.size++;
    if (entry === this.codes.length) {
      const words = new Uint32Array(this.words.length * 2);
      words.set(this.words);
      this.words = words;
      const codes = new Int32Array(this.codes.length * 2);
      codes.set(this.codes);
      this.codes = codes;
    }
    this.words.set([a, b, c, d], 4 * entry);
    this.codes[entry] = code;
    this.slots[-1 - missing] = entry;
    if (4 * this.size > this.slots.length * 2) this.grow();
  }

  private grow(): void {
    this.slots = new Int32Array(this.slots.length * 4).fill(-1);
    const { words } = this;
    for (let entry = 0; entry < this.size; entry++) {
      const at = 4 * entry;
      this.slots[-1 - this.find(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!)] = entry;
    }
  }
}
