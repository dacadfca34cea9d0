import type { WasmModule } from "../../values/web-assembly.ts";
import type { RowArray } from "../rows/allocate.ts";
import { copyValues, type Recoding } from "../rows/copy-values.ts";
import type { StoredRows } from "../rows/row-set.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { commonSlots } from "./entity-slots.ts";
import { ENDS_BYTES, type SortExports, sortExports } from "./time-sort.ts";

/** The parts of a column, as they were sent; of columns of codes with what makes codes of one kind of them. */
export interface SentColumn {
  readonly parts: readonly RowArray[];
  readonly recodings?: readonly Recoding[];
}

/** Where the columns of identity are wanted in a worker's memory: in order. */
export interface IdentityPlaces {
  readonly keyHash: number;
  readonly time: number;
  readonly subsort: number;
  /** The entities that rows come from; 0: nobody asks. */
  readonly localKeyHash: number;
  /** Zeros, for the numbers of rows that are equal in all else, in the order of the entities they come from; 0: nobody asks. */
  readonly ordinal: number;
}

/**
 * Puts rows that were sent to one range of entities in the order of entities, times and subsorts, in the memory of a
 * worker. The whole order is found first, slot by slot, each in the processor's cache; then each column is brought in and
 * written in that order.
 */
export class SentOrder {
  readonly #parts: readonly StoredRows[];
  readonly #rows: number;
  readonly #memory: StageMemory;
  readonly #run: SortExports;
  readonly #order: number;
  /** A column as it came, also those by which rows are put in order. */
  readonly #came: readonly [number, number, number, number];

  /** @param sorter the module that sorts */
  constructor(parts: readonly StoredRows[], sorter: WasmModule, memory: StageMemory) {
    this.#parts = parts;
    this.#rows = parts.reduce((sum, { rows }) => sum + rows, 0);
    this.#memory = memory;
    this.#run = sortExports(sorter, memory);
    this.#order = memory.allocate(4 * this.#rows);
    const long = () => memory.allocate(8 * this.#rows);
    this.#came = [long(), long(), long(), long()];
  }

  /** Finds the order, and writes the rows' identity in it. */
  sort({ keyHash, time, subsort, localKeyHash, ordinal }: IdentityPlaces): void {
    const memory = this.#memory;
    const [run, order, rows] = [this.#run, this.#order, this.#rows];
    const [hashes, times, subsorts, olds] = this.#came;
    const slots = commonSlots(this.#parts);
    const count = slots[0]!.length - 1;
    let before = 0;
    let most = 0;
    const starts = memory.allocate(4 * slots.length * (count + 1));
    for (let slot = 0; slot < count; slot++) {
      most = Math.max(
        most,
        slots.reduce((sum, own) => sum + own[slot + 1]! - own[slot]!, 0),
      );
    }
    const long = () => memory.allocate(8 * most);
    const word = () => memory.allocate(4 * most);
    const room = [long(), long(), long(), word(), word(), word(), word(), memory.allocate(ENDS_BYTES)] as const;
    const into = new Uint32Array(memory.memory.buffer, starts, slots.length * (count + 1));
    for (const [part, own] of slots.entries()) {
      for (const [slot, start] of own.entries()) into[part * (count + 1) + slot] = before + start;
      before += this.#parts[part]!.rows;
    }
    this.#bring({ parts: this.#parts.map((part) => part.keyHash) }, hashes);
    this.#bring({ parts: this.#parts.map((part) => part.time) }, times);
    this.#bring({ parts: this.#parts.map((part) => part.subsort) }, subsorts);
    const asksOlds = localKeyHash !== 0 || ordinal !== 0;
    if (asksOlds) this.#bring({ parts: this.#parts.map((part) => part.localKeyHash!) }, olds);
    const known = [hashes, times, subsorts, ordinal === 0 ? 0 : olds, order, time, ordinal] as const;
    run.orderSent(starts, slots.length, count, ...known, ...room);
    run.gather8(hashes, order, rows, keyHash);
    run.gather8(subsorts, order, rows, subsort);
    if (localKeyHash !== 0) run.gather8(olds, order, rows, localKeyHash);
  }

  /** Writes a column in the rows' order to an address. */
  write(column: SentColumn, into: number): void {
    const [came] = this.#came;
    this.#bring(column, came);
    switch (column.parts[0]!.BYTES_PER_ELEMENT) {
      case 1:
        this.#run.gather1(came, this.#order, this.#rows, into);
        break;
      case 4:
        this.#run.gather4(came, this.#order, this.#rows, into);
        break;
      default:
        this.#run.gather8(came, this.#order, this.#rows, into);
    }
  }

  /** Copies a column into memory, part after part. */
  #bring({ parts, recodings }: SentColumn, to: number): void {
    let at = to;
    for (const [index, from] of parts.entries()) {
      const type = from.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => RowArray;
      const into = new type(this.#memory.memory.buffer, at, from.length);
      copyValues({ from, into, recoding: recodings?.[index] ?? 0 });
      at += from.byteLength;
    }
  }
}
