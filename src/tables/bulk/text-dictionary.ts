import type { Texts } from "./decoded-column.ts";

/** Distinct texts by their bytes, numbered as they come. */
export class TextDictionary {
  private slots = new Int32Array(1 << 10).fill(-1);
  private hashes = new Int32Array(1 << 9);
  private offsets = new Int32Array((1 << 9) + 1);
  private bytes = new Uint8Array(1 << 13);
  private count = 0;

  /** The code of a text. */
  codeOf(from: Uint8Array, start: number, end: number): number {
    let hash = end - start;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ from[at]!, 0x01000193) ^ (hash >>> 15);
    hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
    hash ^= hash >>> 15;
    const { slots, hashes, offsets } = this;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const code = slots[slot]!;
      if (code < 0) break;
      if (hashes[code] === hash && this.isText(offsets[code]!, offsets[code + 1]!, from, start, end)) return code;
      slot = (slot + 1) & mask;
    }
    slots[slot] = this.count;
    return this.add(hash, from, start, end);
  }

  private isText(own: number, ownEnd: number, from: Uint8Array, start: number, end: number): boolean {
    if (ownEnd - own !== end - start) return false;
    const { bytes } = this;
    for (let at = start; at < end; at++, own++) if (bytes[own] !== from[at]) return false;
    return true;
  }

  private add(hash: number, from: Uint8Array, start: number, end: number): number {
    const code = this.count++;
    if (code === this.hashes.length) {
      const hashes = new Int32Array(2 * code);
      hashes.set(this.hashes);
      this.hashes = hashes;
      const offsets = new Int32Array(2 * code + 1);
      offsets.set(this.offsets);
      this.offsets = offsets;
    }
    const at = this.offsets[code]!;
    const next = at + end - start;
    if (next > this.bytes.length) {
      const bytes = new Uint8Array(Math.max(2 * this.bytes.length, next));
      bytes.set(this.bytes);
      this.bytes = bytes;
    }
    this.hashes[code] = hash;
    this.offsets[code + 1] = next;
    if (end - start < 32) for (let index = start, to = at; index < end; index++, to++) this.bytes[to] = from[index]!;
    else this.bytes.set(from.subarray(start, end), at);
    if (4 * this.count > 3 * this.slots.length) this.grow();
    return code;
  }

  private grow(): void {
    const slots = new Int32Array(this.slots.length * 4).fill(-1);
    const mask = slots.length - 1;
    for (let code = 0; code < this.count; code++) {
      let slot = this.hashes[code]! & mask;
      while (slots[slot]! >= 0) slot = (slot + 1) & mask;
      slots[slot] = code;
    }
    this.slots = slots;
  }

  /** All texts, by their codes. */
  texts(): Texts {
    const offsets = this.offsets.slice(0, this.count + 1);
    return { offsets, bytes: this.bytes.subarray(0, offsets[this.count]) };
  }
}
