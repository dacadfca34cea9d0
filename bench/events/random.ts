/** Seeded numbers, the same on every machine: 32-bit xorshift with a multiplication (xorshift32*). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
    for (let warm = 0; warm < 8; warm++) this.next();
  }

  /** At least 0, less than 1. */
  next(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return (Math.imul(state, 0x9e3779b1) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  /** A whole number from 0 to `below` - 1; few of them are frequent, as of customers and goods. */
  skewed(below: number): number {
    // The weight of rank r is about 1 / (r + 20) ^ 0.9: the inverse of its sum, then ranks in another order.
    const low = 20 ** 0.1;
    const rank = Math.floor((low + this.next() * ((below + 20) ** 0.1 - low)) ** 10) - 20;
    return (Math.min(Math.max(rank, 0), below - 1) * 7919) % below;
  }
}
