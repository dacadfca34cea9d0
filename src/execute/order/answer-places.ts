import type { WasmModule } from "../../values/web-assembly.ts";
import type { StoredRows } from "../rows/row-set.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { type SentColumn, SentParts } from "./sent-parts.ts";
import { type SortExports, sortExports } from "./time-sort.ts";

/**
 * Writes answers to the places of their requests, in the memory of a worker. They come divided by blocks of places: those
 * of all parts for one block are written before the next block's.
 */
export class AnswerPlaces {
  readonly #parts: SentParts;
  readonly #run: SortExports;
  readonly #addresses: number;
  /** A column as it came. */
  readonly #came: number;

  /** @param sorter the module that has the loops */
  constructor(answers: readonly StoredRows[], sorter: WasmModule, memory: StageMemory) {
    this.#run = sortExports(sorter, memory);
    this.#parts = new SentParts(answers, memory);
    this.#addresses = memory.allocate(8 * this.#parts.rows);
    this.#came = memory.allocate(8 * this.#parts.rows);
    this.#parts.bring({ parts: answers.map(({ keyHash }) => keyHash) }, this.#addresses);
  }

  /** Writes a column of answers where the requests' rows have it. */
  write(column: SentColumn, into: number): void {
    this.#parts.bring(column, this.#came);
    const width = column.parts[0]!.BYTES_PER_ELEMENT;
    const place = width === 1 ? this.#run.place1 : width === 4 ? this.#run.place4 : this.#run.place8;
    place(...this.#parts.slots, this.#came, this.#addresses, into);
  }
}
