import type { ColumnSlots, SourceSlots } from "../../compile/stage-layout.ts";
import { representationOf } from "../../values/fenl-type.ts";
import type { RowArray } from "../rows/allocate.ts";
import type { RowSetColumn } from "../rows/row-set.ts";
import type { StoredRows } from "../rows/stage-job.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import type { RowStream } from "../scan/row-stream.ts";
import { WIDTH } from "./sink-memory.ts";

/** One array of the window: where its address is kept, and how to fill it. */
interface WindowArray {
  readonly offset: number;
  readonly width: number;
  bytes(rows: StoredRows): Uint8Array;
}

/**
 * The part of a source's rows that a stage has in memory. Between two runs of the stage it moves on: the rows that were
 * walked make room for the next ones.
 */
export class SourceWindow {
  readonly #memory: StageMemory;
  readonly #slots: SourceSlots;
  readonly #stream: RowStream;
  readonly #arrays: readonly WindowArray[];
  readonly #capacity: number;
  #ended = false;
  #rowsRead = 0;

  constructor(stream: RowStream, slots: SourceSlots, memory: StageMemory, capacity: number) {
    this.#stream = stream;
    this.#slots = slots;
    this.#memory = memory;
    this.#capacity = capacity;
    this.#arrays = windowArrays(slots);
    for (const { offset, width } of this.#arrays) {
      const isKeys = offset === slots.identity.keyHash;
      memory.setSlot(offset, isKeys ? memory.allocateKeys(capacity) : memory.allocate(capacity * width));
    }
  }

  /** How many rows have come. */
  get rowsRead(): number {
    return this.#rowsRead;
  }

  /** Sees to it that at least `least` rows stand before the stage, or all that are left. */
  fill(least: number): void {
    const memory = this.#memory;
    const row = memory.slot(this.#slots.row);
    let rows = memory.slot(this.#slots.rows);
    if (this.#ended || rows - row >= least) return;
    for (const { offset, width } of this.#arrays) {
      const address = memory.slot(offset);
      memory.bytes.copyWithin(address, address + row * width, address + rows * width);
    }
    rows -= row;
    memory.setSlot(this.#slots.row, 0);
    while (!this.#ended && rows < this.#capacity) {
      const more = this.#stream.next(this.#capacity - rows);
      if (more === null) {
        this.#ended = true;
        break;
      }
      for (const array of this.#arrays) {
        memory.bytes.set(array.bytes(more), memory.slot(array.offset) + rows * array.width);
      }
      rows += more.rows;
      this.#rowsRead += more.rows;
    }
    memory.setSlot(this.#slots.rows, rows);
    memory.endKeys(memory.slot(this.#slots.identity.keyHash), rows);
  }

  close(): void {
    this.#stream.close();
  }
}

function windowArrays(slots: SourceSlots): WindowArray[] {
  const { identity } = slots;
  const arrays: WindowArray[] = [];
  const add = (offset: number | undefined, width: number, of: (rows: StoredRows) => RowArray) => {
    if (offset !== undefined) arrays.push({ offset, width, bytes: (rows) => bytesOf(of(rows)) });
  };
  add(identity.keyHash, 8, (rows) => rows.keyHash);
  add(identity.time, 8, (rows) => rows.time);
  add(identity.subsort, 8, (rows) => rows.subsort);
  add(identity.rank, 1, (rows) => rows.rank ?? new Uint8Array(rows.rows).fill(1));
  add(identity.origin, 4, (rows) => rows.origin ?? new Int32Array(rows.rows));
  add(identity.ordinal, 4, (rows) => rows.ordinal ?? new Int32Array(rows.rows));
  add(slots.localKeyHash, 8, (rows) => rows.localKeyHash!);
  const column = (own: ColumnSlots, of: (rows: StoredRows) => RowSetColumn) => {
    const width = own.bytes ? 1 : WIDTH[representationOf(own.type)];
    add(own.values, width, (rows) => {
      const { values } = of(rows);
      return own.bytes ? Uint8Array.from(values as Int32Array) : values;
    });
    add(own.valid, 1, (rows) => of(rows).valid ?? new Uint8Array(rows.rows).fill(1));
  };
  for (const [index, own] of slots.columns.entries()) column(own, (rows) => rows.columns[index]!);
  if (slots.key) column(slots.key, (rows) => rows.key!);
  return arrays;
}

function bytesOf(values: RowArray): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
