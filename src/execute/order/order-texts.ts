import { recodeInto } from "../rows/copy-values.ts";
import type { OrderedTexts, OrderSlotsJob } from "../rows/stage-job.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import type { SortExports } from "./time-sort.ts";

/** The rows of one part in a slot: from row `from` up to `to`, of which the first is item `item`. */
export interface Segment {
  readonly part: number;
  readonly from: number;
  readonly to: number;
  readonly item: number;
}

/** Addresses in a worker's memory: where each item's place is, and room for 8 bytes an item twice. */
export interface SlotAddresses {
  readonly places: number;
  readonly column: number;
  readonly ordered: number;
}

/** Brings the texts of a column from the order of the parts' rows into that of the result, slot after slot. */
export class TextMoves {
  readonly #texts: OrderedTexts;
  readonly #run: SortExports;
  readonly #memory: StageMemory;
  /** Room for a slot's texts as they come, and in order. */
  readonly #bytes: number;
  readonly #orderedBytes: number;
  /** Where the texts of the next slot begin in those of the result. */
  #at: number;

  constructor(texts: OrderedTexts, { parts, from, to }: OrderSlotsJob, run: SortExports, memory: StageMemory) {
    this.#texts = texts;
    this.#run = run;
    this.#memory = memory;
    const endOf = (slot: number) =>
      texts.parts.reduce((sum, { offsets }, part) => sum + offsets[parts[part]!.slotStarts![slot]!]!, 0);
    this.#at = endOf(from);
    let most = 0;
    for (let slot = from, start = this.#at; slot < to; slot++) {
      const end = endOf(slot + 1);
      most = Math.max(most, end - start);
      start = end;
    }
    this.#bytes = memory.allocate(most);
    this.#orderedBytes = memory.allocate(most);
  }

  /** Moves the texts of a slot, the first of which belongs to row `base` of the result. */
  move(slot: readonly Segment[], rows: number, base: number, { places, column, ordered }: SlotAddresses): void {
    const { parts, into } = this.#texts;
    const { buffer } = this.#memory.memory;
    const own = new Int32Array(buffer, column, rows + 1);
    let size = 0;
    for (const { part, from, to, item } of slot) {
      const { offsets, bytes } = parts[part]!;
      const [start, end] = [offsets[from]!, offsets[to]!];
      recodeInto(offsets.subarray(from, to), size - start, own.subarray(item, item + to - from));
      this.#memory.bytes.set(bytes.subarray(start, end), this.#bytes + size);
      size += end - start;
    }
    own[rows] = size;
    this.#run.textStarts(0, 0, column, places, rows, ordered, this.#at);
    this.#run.placeTexts(0, 0, column, this.#bytes, places, rows, ordered, this.#at, this.#orderedBytes);
    into.offsets.set(new Int32Array(buffer, ordered, rows), base);
    into.bytes.set(new Uint8Array(buffer, this.#orderedBytes, size), this.#at);
    this.#at += size;
  }
}
