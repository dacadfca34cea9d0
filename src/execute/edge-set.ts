/** Which entities send rows or requests to which others, each pair once. */
export interface Edges {
  readonly from: BigUint64Array;
  readonly to: BigUint64Array;
}

const FIRST_PAIRS = 1 << 10;
/** Pairs that are kept at most: 128 MB. */
const MOST_PAIRS = 1 << 23;

/** Collects {@link Edges}; of too many it keeps none. */
export class EdgeSet {
  readonly #most: number;
  /** The halves of `from` and of `to`, low before high, pair after pair. */
  #pairs = new Uint32Array(4 * FIRST_PAIRS);
  /** One more than the number of a pair, by the pair's hash; 0: free. */
  #places = new Uint32Array(2 * FIRST_PAIRS);
  #size = 0;
  #isTooLarge = false;

  constructor(known: Edges | null = null, most = MOST_PAIRS) {
    this.#most = most;
    if (known !== null) this.add(known);
  }

  /** Adds pairs. */
  add({ from, to }: Edges): void {
    const [a, b] = [words(from), words(to)];
    for (let at = 0; at < a.length; at += 2) {
      const repeats = at > 0 && b[at] === b[at - 2] && a[at] === a[at - 2];
      if (repeats && b[at + 1] === b[at - 1] && a[at + 1] === a[at - 1]) continue;
      this.#addPair(a[at]!, a[at + 1]!, b[at]!, b[at + 1]!);
    }
  }

  /** All pairs; null where there are too many to keep. */
  edges(): Edges | null {
    if (this.#isTooLarge) return null;
    const from = new BigUint64Array(this.#size);
    const to = new BigUint64Array(this.#size);
    const all = new BigUint64Array(this.#pairs.buffer);
    for (let pair = 0; pair < this.#size; pair++) {
      from[pair] = all[2 * pair]!;
      to[pair] = all[2 * pair + 1]!;
    }
    return { from, to };
  }

  #addPair(fromLow: number, fromHigh: number, toLow: number, toHigh: number): void {
    if (this.#isTooLarge) return;
    const pairs = this.#pairs;
    const mask = this.#places.length - 1;
    let place = (Math.imul(fromHigh ^ Math.imul(toHigh, 0x9e3779b1), 0x85ebca6b) ^ fromLow ^ (toLow >>> 7)) & mask;
    for (; this.#places[place] !== 0; place = (place + 1) & mask) {
      const at = 4 * (this.#places[place]! - 1);
      const same = pairs[at] === fromLow && pairs[at + 2] === toLow;
      if (same && pairs[at + 1] === fromHigh && pairs[at + 3] === toHigh) return;
    }
    if (this.#size === this.#most) {
      this.#isTooLarge = true;
      return;
    }
    pairs.set([fromLow, fromHigh, toLow, toHigh], 4 * this.#size);
    this.#places[place] = ++this.#size;
    if (2 * this.#size === this.#places.length) this.#grow();
  }

  #grow(): void {
    const { from, to } = this.edges()!;
    this.#pairs = new Uint32Array(2 * this.#pairs.length);
    this.#places = new Uint32Array(2 * this.#places.length);
    this.#size = 0;
    this.add({ from, to });
  }
}

/** The halves of hashes, low before high. */
function words({ buffer, byteOffset, length }: BigUint64Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, 2 * length);
}

/** Where the edges of some entities lead. */
export function targetsOf({ from, to }: Edges, entities: ReadonlySet<bigint>): Set<bigint> {
  const found = new Set<bigint>();
  for (let at = 0; at < from.length; at++) if (entities.has(from[at]!)) found.add(to[at]!);
  return found;
}

/** Where the edges to some entities come from. */
export function originsOf({ from, to }: Edges, entities: ReadonlySet<bigint>): Set<bigint> {
  return targetsOf({ from: to, to: from }, entities);
}
