/** Bytes that texts of one table have at most: places in them are 32-bit numbers. */
const MOST_BYTES = 0x7fffffff;

const LEAST_TEXTS = 1 << 8;
const LEAST_BYTES = 1 << 12;
/** Texts of more characters are encoded by the system, others by a loop. */
const LONG = 64;
/** What a text takes beside its bytes, about: its end, its hash and its place. */
const BYTES_PER_TEXT = 24;

/**
 * Texts by numbers from 0 on, each once. They are their UTF-8 bytes, one behind the other, which a hash table finds: a
 * million of them are four blocks of memory, and no objects.
 */
export class TextTable {
  /** Text `i` lies from entry `i` up to entry `i + 1`. */
  #offsets = new Int32Array(LEAST_TEXTS + 1);
  #hashes = new Int32Array(LEAST_TEXTS);
  /** One more than the number of a text; 0: free. */
  #places = new Int32Array(2 * LEAST_TEXTS);
  #bytes: Buffer = Buffer.allocUnsafe(LEAST_BYTES);
  #count = 0;
  /** Texts with half of a surrogate pair, for which there are no bytes, or for whose there is no room. */
  readonly #others = new Map<string, number>();
  readonly #otherTexts = new Map<number, string>();
  readonly #mostBytes: number;
  /** What did not fit among the bytes once is not looked for there later. */
  #isFull = false;

  /** @param mostBytes what texts have beyond it is kept as strings */
  constructor(mostBytes = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  /** How many numbers there are. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of memory, about. */
  get size(): number {
    return this.#offsets[this.#count]! + BYTES_PER_TEXT * this.#count;
  }

  /** The number of a text, which is added where it is not there yet. */
  number(text: string): number {
    const start = this.#offsets[this.#count]!;
    if (!this.#hasRoom(3 * text.length)) {
      this.#isFull = true;
      const bytes = Buffer.from(text);
      const known = isWellFormed(text) ? this.#find(bytes, 0, bytes.length, hashOfBytes(bytes, 0, bytes.length)) : -1;
      return known >= 0 ? known : this.#other(text);
    }
    const end = this.#write(text, start);
    return end < 0 ? this.#other(text) : this.#numberAt(this.#bytes, start, end, start);
  }

  /** The number of the text with some bytes. */
  numberOfBytes(bytes: Uint8Array, from: number, end: number): number {
    const start = this.#offsets[this.#count]!;
    if (this.#hasRoom(end - from)) return this.#numberAt(bytes, from, end, start);
    this.#isFull = true;
    const known = this.#find(bytes, from, end, hashOfBytes(bytes, from, end));
    return known >= 0 ? known : this.#other(textOf(bytes, from, end));
  }

  /** The number here of a text of another table. */
  numberFrom(others: TextTable, number: number): number {
    const other = others.#otherTexts.get(number);
    if (other !== undefined) return this.number(other);
    return this.numberOfBytes(others.#bytes, others.start(number), others.end(number));
  }

  /** Makes room for so many texts more, with so many bytes, as far as that is possible. */
  reserve(texts: number, bytes: number): void {
    this.#reserve(texts);
    this.#hasRoom(bytes);
  }

  /** A number that is no text's. */
  skip(): number {
    this.#reserve(1);
    this.#offsets[this.#count + 1] = this.#offsets[this.#count]!;
    return this.#count++;
  }

  /** Whether a text stands among the bytes. */
  hasBytes(number: number): boolean {
    return this.#otherTexts.size === 0 || !this.#otherTexts.has(number);
  }

  text(number: number): string {
    const other = this.#otherTexts.size === 0 ? undefined : this.#otherTexts.get(number);
    return other ?? this.#bytes.toString("utf8", this.start(number), this.end(number));
  }

  /** Where a text begins and ends in the bytes. */
  start(number: number): number {
    return this.#offsets[number]!;
  }

  end(number: number): number {
    return this.#offsets[number + 1]!;
  }

  /** Where all texts begin, and the last one ends; views until a text is added. */
  get offsets(): Int32Array {
    return this.#offsets.subarray(0, this.#count + 1);
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Writes a text to a place. @returns where it ends; -1 where it has no bytes */
  #write(text: string, start: number): number {
    if (text.length <= LONG) {
      const bytes = this.#bytes;
      let units = 0;
      for (let at = 0; at < text.length; at++) {
        const unit = text.charCodeAt(at);
        bytes[start + at] = unit;
        units |= unit;
      }
      if (units < 0x80) return start + text.length;
    }
    return isWellFormed(text) ? start + this.#bytes.write(text, start) : -1;
  }

  /** The number of the text with some bytes, which come to `start`, behind all others, if it is new. */
  #numberAt(bytes: Uint8Array, from: number, end: number, start: number): number {
    const hash = hashOfBytes(bytes, from, end);
    const known = this.#find(bytes, from, end, hash);
    if (known >= 0) return known;
    if (bytes !== this.#bytes) copyBytes(bytes, from, end, this.#bytes, start);
    this.#reserve(1);
    const number = this.#count++;
    this.#hashes[number] = hash;
    this.#offsets[number + 1] = start + end - from;
    this.#places[freePlace(this.#places, hash)] = number + 1;
    return number;
  }

  #find(bytes: Uint8Array, from: number, end: number, hash: number): number {
    const places = this.#places;
    const last = places.length - 1;
    for (let place = hash & last; places[place] !== 0; place = (place + 1) & last) {
      const number = places[place]! - 1;
      if (this.#hashes[number] === hash && this.#hasBytesOf(number, bytes, from, end)) return number;
    }
    return -1;
  }

  #hasBytesOf(number: number, bytes: Uint8Array, from: number, end: number): boolean {
    const start = this.#offsets[number]!;
    if (this.#offsets[number + 1]! - start !== end - from) return false;
    const own = this.#bytes;
    for (let at = from; at < end; at++) if (own[start + at - from] !== bytes[at]) return false;
    return true;
  }

  #other(text: string): number {
    const known = this.#others.get(text);
    if (known !== undefined) return known;
    const number = this.skip();
    this.#others.set(text, number);
    this.#otherTexts.set(number, text);
    return number;
  }

  #hasRoom(bytes: number): boolean {
    const wanted = this.#offsets[this.#count]! + bytes;
    if (wanted <= this.#bytes.length && !this.#isFull) return true;
    if (wanted > this.#mostBytes || this.#isFull) return false;
    const grown = Buffer.allocUnsafe(Math.max(wanted, Math.min(2 * this.#bytes.length, this.#mostBytes)));
    grown.set(this.#bytes.subarray(0, this.#offsets[this.#count]!));
    this.#bytes = grown;
    return true;
  }

  /** Room for so many numbers more; of the places at most half are taken. */
  #reserve(more: number): void {
    const wanted = this.#count + more;
    if (wanted <= this.#hashes.length) return;
    let texts = 2 * this.#hashes.length;
    while (texts < wanted) texts *= 2;
    const offsets = new Int32Array(texts + 1);
    offsets.set(this.#offsets);
    const hashes = new Int32Array(texts);
    hashes.set(this.#hashes);
    const places = new Int32Array(2 * texts);
    for (const entry of this.#places) {
      if (entry === 0) continue;
      places[freePlace(places, hashes[entry - 1]!)] = entry;
    }
    [this.#offsets, this.#hashes, this.#places] = [offsets, hashes, places];
  }
}

function freePlace(places: Int32Array, hash: number): number {
  const last = places.length - 1;
  let place = hash & last;
  while (places[place] !== 0) place = (place + 1) & last;
  return place;
}

/** A hash of some bytes. */
export function hashOfBytes(bytes: Uint8Array, from: number, end: number): number {
  let hash = end - from;
  for (let at = from; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

/** Bytes from which on a call copies them faster than a loop. */
const LONG_COPY = 48;

/** Copies bytes `from` up to `end` to `place`: few of them one by one, which costs less than asking the system. */
export function copyBytes(bytes: Uint8Array, from: number, end: number, to: Uint8Array, place: number): void {
  if (end - from > LONG_COPY) to.set(bytes.subarray(from, end), place);
  else for (let at = from, next = place; at < end; at++) to[next++] = bytes[at]!;
}

const HALF_OF_A_PAIR = /\p{Surrogate}/u;

/** Whether a text has no half of a surrogate pair, for which there are no bytes. */
export function isWellFormed(text: string): boolean {
  return !HALF_OF_A_PAIR.test(text);
}

function textOf(bytes: Uint8Array, from: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8", from, end);
}
