import type { RowArray } from "../rows/allocate.ts";
import { copyValues, type Recoding } from "../rows/copy-values.ts";
import type { StoredRows } from "../rows/row-set.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { commonSlots, mostInSlot } from "./entity-slots.ts";
import type { SentSlots } from "./time-sort.ts";

/** The parts of a column, as they were sent; of columns of codes with what makes codes of one kind of them. */
export interface SentColumn {
  readonly parts: readonly RowArray[];
  readonly recodings?: readonly Recoding[];
}

/** Parts of rows that were sent to one range of entities, whose columns are copied into the memory of a worker. */
export class SentParts {
  readonly rows: number;
  readonly slots: SentSlots;
  /** Rows of the largest slot. */
  readonly most: number;
  readonly #memory: StageMemory;

  constructor(parts: readonly StoredRows[], memory: StageMemory) {
    this.rows = parts.reduce((sum, { rows }) => sum + rows, 0);
    this.#memory = memory;
    const starts = commonSlots(parts);
    const count = starts[0]!.length - 1;
    const address = memory.allocate(4 * starts.length * (count + 1));
    const into = new Uint32Array(memory.memory.buffer, address, starts.length * (count + 1));
    let before = 0;
    for (const [part, own] of starts.entries()) {
      for (let slot = 0; slot <= count; slot++) into[part * (count + 1) + slot] = before + own[slot]!;
      before += parts[part]!.rows;
    }
    this.slots = [address, starts.length, count];
    this.most = mostInSlot(starts);
  }

  /** Copies a column to an address, part after part. */
  bring({ parts, recodings }: SentColumn, to: number): void {
    let at = to;
    for (const [index, from] of parts.entries()) {
      const type = from.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => RowArray;
      const into = new type(this.#memory.memory.buffer, at, from.length);
      copyValues({ from, into, recoding: recodings?.[index] ?? 0 });
      at += from.byteLength;
    }
  }
}
