import type { WasmModule } from "../../values/web-assembly.ts";
import type { StoredRows } from "../rows/row-set.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { type SentColumn, SentParts } from "./sent-parts.ts";
import { ENDS_BYTES, type SortExports, sortExports } from "./time-sort.ts";

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
  readonly #rows: readonly StoredRows[];
  readonly #parts: SentParts;
  readonly #memory: StageMemory;
  readonly #run: SortExports;
  /** Room for values of the rows of a slot. */
  readonly #room: number;
  /** Of each row in order, which one of its slot it is. */
  readonly #order: number;
  /** A column as it came, also those by which rows are put in order. */
  readonly #came: readonly [number, number, number, number];

  /** @param sorter the module that sorts */
  constructor(rows: readonly StoredRows[], sorter: WasmModule, memory: StageMemory) {
    this.#rows = rows;
    this.#memory = memory;
    this.#run = sortExports(sorter, memory);
    this.#parts = new SentParts(rows, memory);
    this.#room = memory.allocate(8 * this.#parts.most);
    this.#order = memory.allocate(4 * this.#parts.rows);
    const long = () => memory.allocate(8 * this.#parts.rows);
    this.#came = [long(), long(), long(), long()];
  }

  /** Finds the order, and writes the rows' identity in it. */
  sort({ keyHash, time, subsort, localKeyHash, ordinal }: IdentityPlaces): void {
    const { slots, most } = this.#parts;
    const [hashes, times, subsorts, olds] = this.#came;
    const long = () => this.#memory.allocate(8 * most);
    const word = () => this.#memory.allocate(4 * most);
    const [keys, numbers, spareKeys, oldsRoom, ties] = [long(), long(), long(), long(), long()];
    const [items, spareItems, ends] = [word(), word(), this.#memory.allocate(ENDS_BYTES)];
    this.#parts.bring({ parts: this.#rows.map((part) => part.keyHash) }, hashes);
    this.#parts.bring({ parts: this.#rows.map((part) => part.time) }, times);
    this.#parts.bring({ parts: this.#rows.map((part) => part.subsort) }, subsorts);
    const asksOlds = localKeyHash !== 0 || ordinal !== 0;
    if (asksOlds) this.#parts.bring({ parts: this.#rows.map((part) => part.localKeyHash!) }, olds);
    const known = [hashes, times, subsorts, ordinal === 0 ? 0 : olds, this.#order, time, ordinal] as const;
    const room = [keys, numbers, spareKeys, this.#room, oldsRoom, items, spareItems, ties, ends] as const;
    this.#run.orderSent(...slots, ...known, ...room);
    this.#run.gather8(...slots, hashes, this.#order, this.#room, keyHash);
    this.#run.gather8(...slots, subsorts, this.#order, this.#room, subsort);
    if (localKeyHash !== 0) this.#run.gather8(...slots, olds, this.#order, this.#room, localKeyHash);
  }

  /** Writes a column in the rows' order to an address. */
  write(column: SentColumn, into: number): void {
    const [came] = this.#came;
    this.#parts.bring(column, came);
    const width = column.parts[0]!.BYTES_PER_ELEMENT;
    const gather = width === 1 ? this.#run.gather1 : width === 4 ? this.#run.gather4 : this.#run.gather8;
    gather(...this.#parts.slots, came, this.#order, this.#room, into);
  }
}
