import type { WasmModule } from "../../values/web-assembly.ts";
import type { RowArray } from "../rows/allocate.ts";
import { copyValues, type Recoding } from "../rows/copy-values.ts";
import type { StoredRows } from "../rows/row-set.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { commonSlots } from "./entity-slots.ts";
import { ENDS_BYTES, type SentSlots, type SortExports, sortExports } from "./time-sort.ts";

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
  readonly #slots: SentSlots;
  /** Rows of the largest slot, and room for their values. */
  #most = 0;
  readonly #room: number;
  /** Of each row in order, which one of its slot it is. */
  readonly #order: number;
  /** A column as it came, also those by which rows are put in order. */
  readonly #came: readonly [number, number, number, number];

  /** @param sorter the module that sorts */
  constructor(parts: readonly StoredRows[], sorter: WasmModule, memory: StageMemory) {
    this.#parts = parts;
    this.#rows = parts.reduce((sum, { rows }) => sum + rows, 0);
    this.#memory = memory;
    this.#run = sortExports(sorter, memory);
    this.#slots = this.#writeSlots();
    this.#room = memory.allocate(8 * this.#most);
    this.#order = memory.allocate(4 * this.#rows);
    const long = () => memory.allocate(8 * this.#rows);
    this.#came = [long(), long(), long(), long()];
  }

  /** Finds the order, and writes the rows' identity in it. */
  sort({ keyHash, time, subsort, localKeyHash, ordinal }: IdentityPlaces): void {
    const memory = this.#memory;
    const [run, order] = [this.#run, this.#order];
    const [hashes, times, subsorts, olds] = this.#came;
    const long = () => memory.allocate(8 * this.#most);
    const word = () => memory.allocate(4 * this.#most);
    const ties = long();
    const room = [
      long(),
      long(),
      long(),
      this.#room,
      long(),
      word(),
      word(),
      ties,
      memory.allocate(ENDS_BYTES),
    ] as const;
    this.#bring({ parts: this.#parts.map((part) => part.keyHash) }, hashes);
    this.#bring({ parts: this.#parts.map((part) => part.time) }, times);
    this.#bring({ parts: this.#parts.map((part) => part.subsort) }, subsorts);
    const asksOlds = localKeyHash !== 0 || ordinal !== 0;
    if (asksOlds) this.#bring({ parts: this.#parts.map((part) => part.localKeyHash!) }, olds);
    const known = [hashes, times, subsorts, ordinal === 0 ? 0 : olds, order, time, ordinal] as const;
    run.orderSent(...this.#slots, ...known, ...room);
    run.gather8(...this.#slots, hashes, order, this.#room, keyHash);
    run.gather8(...this.#slots, subsorts, order, this.#room, subsort);
    if (localKeyHash !== 0) run.gather8(...this.#slots, olds, order, this.#room, localKeyHash);
  }

  /** Writes a column in the rows' order to an address. */
  write(column: SentColumn, into: number): void {
    const [came] = this.#came;
    this.#bring(column, came);
    const width = column.parts[0]!.BYTES_PER_ELEMENT;
    const gather = width === 1 ? this.#run.gather1 : width === 4 ? this.#run.gather4 : this.#run.gather8;
    gather(...this.#slots, came, this.#order, this.#room, into);
  }

  /** Tells the loops where the parts' rows of each slot begin. */
  #writeSlots(): SentSlots {
    const memory = this.#memory;
    const starts = commonSlots(this.#parts);
    const count = starts[0]!.length - 1;
    const address = memory.allocate(4 * starts.length * (count + 1));
    const into = new Uint32Array(memory.memory.buffer, address, starts.length * (count + 1));
    let before = 0;
    for (const [part, own] of starts.entries()) {
      for (let slot = 0; slot <= count; slot++) into[part * (count + 1) + slot] = before + own[slot]!;
      before += this.#parts[part]!.rows;
    }
    for (let slot = 0; slot < count; slot++) {
      const rows = starts.reduce((sum, own) => sum + own[slot + 1]! - own[slot]!, 0);
      this.#most = Math.max(this.#most, rows);
    }
    return [address, starts.length, count];
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
