import type { ColumnSlots, StageLayout } from "../../compile/stage-layout.ts";
import { CONTEXT } from "../../compile/stage-layout.ts";
import { isCoded } from "../../values/fenl-type.ts";
import type { CodeChange, CodeHolder } from "../rows/interner.ts";
import type { StageMemory } from "../rows/stage-memory.ts";

/** The codes in a stage's memory between two runs: its state, rows that it has not walked, and rows it has handed out. */
export class StageCodes implements CodeHolder {
  readonly #memory: StageMemory;
  readonly #layout: StageLayout;

  constructor(memory: StageMemory, layout: StageLayout) {
    this.#memory = memory;
    this.#layout = layout;
  }

  renew(change: CodeChange): void {
    const memory = this.#memory;
    const { codes, sources, sink } = this.#layout;
    const place = (address: number, madeBy?: string) => this.#renew(address, 1, change, madeBy);
    for (const { offset, count, madeBy } of codes.fixed) this.#renew(CONTEXT + offset, count, change, madeBy);
    for (const queue of codes.queues) {
      if (queue.codes.length === 0) continue;
      const [items, head, tail] = [memory.slot(queue.items), memory.slot(queue.head), memory.slot(queue.tail)];
      for (let item = head; item < tail; item++) {
        for (const code of queue.codes) place(items + item * queue.itemBytes + code);
      }
    }
    for (const source of sources) {
      const [row, rows] = [memory.slot(source.row), memory.slot(source.rows)];
      for (const column of source.key ? [...source.columns, source.key] : source.columns) {
        this.#column(column, row, rows - row, change);
      }
    }
    // The row behind the last one may be in work.
    const rows = Math.min(memory.slot(sink.rows) + 1, memory.slot(sink.capacity));
    for (const column of sink.key ? [...sink.columns, sink.key] : sink.columns) this.#column(column, 0, rows, change);
  }

  #column({ type, coded, values, madeBy }: ColumnSlots, row: number, rows: number, change: CodeChange): void {
    const address = this.#memory.slot(values);
    if (isCoded(type) && coded !== true && address !== 0) this.#renew(address + 4 * row, rows, change, madeBy);
  }

  #renew(address: number, count: number, change: CodeChange, madeBy: string | undefined): void {
    const places = new Int32Array(this.#memory.memory.buffer, address, count);
    for (let at = 0; at < count; at++) {
      places[at] = madeBy === undefined ? change.code(places[at]!) : change.made(madeBy, places[at]!);
    }
  }
}
