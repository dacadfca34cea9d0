import { copyOf, shared } from "../rows/allocate.ts";
import type { NumberedKeys } from "../rows/row-set.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import type { TextBytes } from "../rows/text-bytes.ts";
import type { SortExports } from "./time-sort.ts";

/** Numbers the codes of a result's rows anew, and brings their texts in order, while these are in a worker's memory. */
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
  /** Where the texts of a column begin, and their bytes, in the order of the places. */
  #starts = 0;
  #startsRoom = 0;
  #texts = 0;
  #textsRoom = 0;

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

  /** The address of the places that rows are divided to; 0: they stay where they are. */
  protected get places(): number {
    return 0;
  }

  /** Whether rows stay where they are. */
  get areRows(): boolean {
    return this.places === 0;
  }

  /**
   * The texts of the rows in their places, as those have them one after the other; null where they take more than some bytes.
   * @param valid the address of a byte for each row that has a text; 0: all have one
   * @param offsets where the bytes of the texts with the rows' numbers are
   */
  placedTexts(
    { numbers, valid, rows }: { readonly numbers: number; readonly valid: number; readonly rows: number },
    { offsets, bytes }: { readonly offsets: number; readonly bytes: number },
    mostBytes: number,
  ): TextBytes | null {
    if (rows + 1 > this.#startsRoom) {
      this.#startsRoom = rows + 1;
      this.#starts = this.#memory.allocate(4 * this.#startsRoom);
    }
    const starts = this.#starts;
    const { places } = this;
    const size = this.#run.textStarts(numbers, valid, offsets, places, rows, starts, 0);
    if (size < 0 || size > mostBytes) return null;
    if (size > this.#textsRoom) {
      this.#textsRoom = size;
      this.#texts = this.#memory.allocate(size);
    }
    this.#run.placeTexts(numbers, valid, offsets, bytes, places, rows, starts, 0, this.#texts);
    const { buffer } = this.#memory.memory;
    return {
      kind: "texts",
      offsets: copyOf(new Int32Array(buffer, starts, rows + 1), shared),
      bytes: copyOf(new Uint8Array(buffer, this.#texts, size), shared),
      areDistinct: false,
    };
  }

  #makeRoom(rows: number): void {
    if (rows <= this.#codesRoom) return;
    this.#codes = this.#memory.allocate(4 * rows);
    this.#codesRoom = rows;
  }
}
