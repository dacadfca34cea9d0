import type { RankSlots } from "../../compile/stage-layout.ts";
import { compareText } from "../../functions/value-order.ts";
import type { Interner } from "../rows/interner.ts";
import type { StageMemory } from "../rows/stage-memory.ts";

/** Putting texts in order pays where each is compared about so often. */
const ROWS_PER_TEXT = 8;

/** The places of texts in their order, by code, in the memory of the stage, so that it can compare them itself. */
export class TextOrder {
  readonly #memory: StageMemory;
  readonly #interner: Interner;
  readonly #slots: RankSlots;
  #codes = 0;
  #room = 0;

  constructor(memory: StageMemory, interner: Interner, slots: RankSlots) {
    this.#memory = memory;
    this.#interner = interner;
    this.#slots = slots;
    interner.hold({
      renew: () => {
        memory.setSlot(slots.codes, 0);
        this.#codes = 0;
      },
    });
  }

  /** Whether a text comes before another one. */
  isBefore(a: number, b: number): boolean {
    return this.#interner.compare(a, b) < 0;
  }

  /** Puts the texts in order that there are, if it pays for so many rows; later ones are compared by {@link isBefore}. */
  refresh(rows: number): void {
    const { size } = this.#interner;
    if (size * ROWS_PER_TEXT > rows || size <= 1.5 * this.#codes) return;
    const memory = this.#memory;
    if (size > this.#room) {
      this.#room = 2 * size;
      memory.setSlot(this.#slots.ranks, memory.allocate(4 * this.#room));
    }
    const texts = Array.from({ length: size }, (_, code) => this.#interner.get(code));
    const order = Array.from(texts, (_, code) => code).filter((code) => typeof texts[code] === "string");
    order.sort((a, b) => compareText(texts[a] as string, texts[b] as string));
    const ranks = new Int32Array(memory.memory.buffer, memory.slot(this.#slots.ranks), size);
    for (const [rank, code] of order.entries()) ranks[code] = rank;
    memory.setSlot(this.#slots.codes, size);
    this.#codes = size;
  }
}
