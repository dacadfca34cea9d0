import { shared } from "../rows/allocate.ts";
import type { NumberedKeys } from "../rows/row-set.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import type { SortExports } from "./time-sort.ts";

/** Numbers the codes of a result's rows anew, while these are in a worker's memory. */
export class CodeNumbers {
  readonly #run: SortExports;
  readonly #memory: StageMemory;
  /** Room for the codes that numbers stand for, and for the hashes of keys that are numbered. */
  #codes = 0;
  #codesRoom = 0;
  #hashes = 0;
  #hashesRoom = 0;
  /** By code what its number is while codes are numbered, and zeros before and after. */
  #known = 0;
  #knownRoom = 0;

  constructor(run: SortExports, memory: StageMemory) {
    this.#run = run;
    this.#memory = memory;
  }

  /** Replaces the codes of entities' keys, at an address, by numbers from 0 on. @returns what these stand for */
  numberKeys(codes: number, hashes: number, rows: number): NumberedKeys {
    this.#makeRoom(rows);
    if (rows > this.#hashesRoom) {
      this.#hashes = this.#memory.allocate(8 * rows);
      this.#hashesRoom = rows;
    }
    const count = this.#run.renumber(codes, hashes, rows, this.#codes, this.#hashes);
    const { buffer } = this.#memory.memory;
    const numbered = { codes: shared(new Int32Array(0), count), hashes: shared(new BigUint64Array(0), count) };
    numbered.codes.set(new Int32Array(buffer, this.#codes, count));
    numbered.hashes.set(new BigUint64Array(buffer, this.#hashes, count));
    return numbered;
  }

  /**
   * Replaces codes, at an address, by numbers from 0 on.
   * @param valid the address of a byte for each row that has a code; 0: all have one. The others get the number 0.
   * @param size codes are below it
   * @returns the codes that the numbers stand for
   */
  numberCodes(codes: number, valid: number, rows: number, size: number): Int32Array {
    if (size > this.#knownRoom) {
      this.#knownRoom = 2 * size;
      this.#known = this.#memory.allocate(4 * this.#knownRoom);
      this.#memory.bytes.fill(0, this.#known, this.#known + 4 * this.#knownRoom);
    }
    this.#makeRoom(rows);
    const count = this.#run.numberCodes(codes, valid, rows, this.#known, this.#codes, codes);
    return new Int32Array(this.#memory.memory.buffer, this.#codes, count).slice();
  }

  #makeRoom(rows: number): void {
    if (rows <= this.#codesRoom) return;
    this.#codes = this.#memory.allocate(4 * rows);
    this.#codesRoom = rows;
  }
}
