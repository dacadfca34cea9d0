import type { WasmModule } from "../../values/web-assembly.ts";
import { type RowArray, shared } from "../rows/allocate.ts";
import type { DividedRows } from "../rows/divide.ts";
import { mapArrays, sliceRows } from "../rows/gather.ts";
import type { StoredRows } from "../rows/row-set.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { TimeDivision } from "./time-slots.ts";

const FIRST = -(2n ** 63n);

/** Divides rows among equal ranges of key hashes in a worker's memory. */
export class RangeDivision {
  readonly #memory: StageMemory;
  readonly #bits: number;
  readonly #division: TimeDivision;
  /** Room for a column as it comes. */
  #column = 0;
  #capacity = 0;

  /**
   * @param sorter the module that divides rows
   * @param bits there are 2^`bits` ranges, more than one
   */
  constructor(sorter: WasmModule, memory: StageMemory, bits: number) {
    this.#memory = memory;
    this.#bits = bits;
    // Hashes are taken for signed numbers: ranges of the upper half come first.
    this.#division = new TimeDivision({ sorter, first: FIRST, shift: 64 - bits, count: 1 << bits }, memory);
  }

  divided(rows: StoredRows): DividedRows {
    const count = rows.rows;
    if (count === 0) return { whole: rows, ranges: [] };
    if (count > this.#capacity) {
      this.#column = this.#memory.allocate(8 * count);
      this.#capacity = count;
    }
    this.#write(rows.keyHash);
    const starts = this.#division.divide(this.#column, count);
    const whole = mapArrays(rows, count, (values) => this.#placed(values));
    const half = 1 << (this.#bits - 1);
    const ranges = Array.from({ length: 2 * half }, (_, range) => ({ range, slot: range ^ half }))
      .filter(({ slot }) => starts[slot]! < starts[slot + 1]!)
      .map(({ range, slot }) => [range, sliceRows(whole, starts[slot]!, starts[slot + 1]!)] as const);
    return { whole, ranges };
  }

  #placed<T extends RowArray>(values: T): T {
    this.#write(values);
    const width = values.BYTES_PER_ELEMENT;
    const at = this.#division.placed(this.#column, values.length, width);
    const placed = shared(values, values.length);
    const bytes = new Uint8Array(placed.buffer, placed.byteOffset, placed.byteLength);
    bytes.set(this.#memory.bytes.subarray(at, at + placed.byteLength));
    return placed;
  }

  #write({ buffer, byteOffset, byteLength }: RowArray): void {
    this.#memory.bytes.set(new Uint8Array(buffer, byteOffset, byteLength), this.#column);
  }
}
