import { MemoryExhausted } from "../rows/memory-exhausted.ts";

interface State {
  readonly function: string;
  bytes(): number;
  /** Whether it is made of codes. */
  readonly isCoded: boolean;
}

/** What the aggregations of a stage keep in JavaScript of the entity at hand. */
export class HeldStates {
  readonly #states: State[] = [];

  /** @param bytes the memory that the state takes, about; @param isCoded whether it is made of codes */
  add(name: string, bytes: () => number, isCoded = false): void {
    this.#states.push({ function: name, bytes, isCoded });
  }

  /** Bytes that codes take in them. */
  get codeBytes(): number {
    return this.#states.reduce((sum, state) => sum + (state.isCoded ? state.bytes() : 0), 0);
  }

  /**
   * @param texts bytes of the texts and lists that they are made of
   * @throws MemoryExhausted where they take more than `most` bytes together
   */
  check(most: number, texts: number, keyHash: () => bigint): void {
    if (this.#states.length === 0) return;
    const sizes = this.#states.map((state) => state.bytes());
    const all = sizes.reduce((sum, bytes) => sum + bytes, texts);
    if (all <= most) return;
    const bytes = Math.max(...sizes);
    const largest = this.#states[sizes.indexOf(bytes)]!;
    const hash = BigInt.asUintN(64, keyHash()).toString();
    throw new MemoryExhausted({ aggregation: { function: largest.function, bytes, all, keyHash: hash, most } });
  }
}
