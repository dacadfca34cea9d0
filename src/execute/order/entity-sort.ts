import type { WasmModule } from "../../values/web-assembly.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { ENDS_BYTES, FEW, type SortExports, sortExports, sortTied, type Ties } from "./time-sort.ts";

/**
 * Sorts the rows of some parts by entity and time. They are items, numbered from one part to the next. All of it lies in
 * the memory of the worker, at the addresses of arrays.
 */
export class EntitySort {
  readonly #memory: StageMemory;
  readonly #run: SortExports;
  readonly #rows: number;
  /** Key hashes, then times, in order. */
  readonly #keys: number;
  readonly #items: number;

  /** @param module what `TIME_SORT_WAT` assembles to */
  constructor(module: WasmModule, memory: StageMemory, rows: number) {
    this.#memory = memory;
    this.#run = sortExports(module, memory);
    this.#rows = rows;
    this.#keys = memory.allocate(8 * rows);
    this.#items = memory.allocate(4 * rows);
  }

  /**
   * Sorts items; `ties` puts those of one entity and time in order.
   * @returns from which place up to which there are such items, in pairs
   */
  sort(parts: readonly { readonly keyHash: BigUint64Array; readonly time: BigInt64Array }[], ties: Ties): Uint32Array {
    const memory = this.#memory;
    const rows = this.#rows;
    const times = memory.allocate(8 * rows);
    const room = [memory.allocate(8 * rows), memory.allocate(4 * rows), memory.allocate(ENDS_BYTES)] as const;
    const tied = memory.allocate(4 * rows);
    const { bytes } = memory;
    const copy = ({ buffer, byteOffset, byteLength }: BigUint64Array | BigInt64Array, to: number) =>
      bytes.set(new Uint8Array(buffer, byteOffset, byteLength), to);
    let row = 0;
    for (const { keyHash, time } of parts) {
      copy(keyHash, this.#keys + 8 * row);
      copy(time, times + 8 * row);
      row += time.length;
    }
    this.#run.signed(this.#keys, rows);
    this.#run.number(this.#items, rows);
    this.#run.sort(this.#keys, this.#items, ...room, rows);
    const count = this.#run.within(this.#keys, this.#items, times, ...room, rows, tied);
    const bounds = new Uint32Array(bytes.buffer, tied, 2 * count).slice();
    const order = new Uint32Array(bytes.buffer, this.#items, rows);
    // The items' times are not needed any more.
    for (let tie = 0; tie < bounds.length; tie += 2) {
      const [from, to] = [bounds[tie]!, bounds[tie + 1]!];
      const keys = new BigInt64Array(bytes.buffer, times, to - from > FEW ? to - from : 0);
      sortTied(order.subarray(from, to), ties, keys, () =>
        this.#run.sort(times, this.#items + 4 * from, ...room, to - from),
      );
    }
    return bounds;
  }

  /** For each item its row in its part, and its place in the order. Views, until more memory is needed. */
  places(starts: readonly number[]): { rowOf: Uint32Array; places: Uint32Array } {
    const [rowOf, places] = [this.#memory.allocate(4 * this.#rows), this.#memory.allocate(4 * this.#rows)];
    for (let part = 1; part < starts.length; part++) {
      this.#run.number(rowOf + 4 * starts[part - 1]!, starts[part]! - starts[part - 1]!);
    }
    this.#run.place(this.#items, this.#rows, places, 0);
    const view = (address: number) => new Uint32Array(this.#memory.memory.buffer, address, this.#rows);
    return { rowOf: view(rowOf), places: view(places) };
  }

  /** The times in order. A view, until more memory is needed. */
  get times(): BigInt64Array {
    return new BigInt64Array(this.#memory.memory.buffer, this.#keys, this.#rows);
  }
}
