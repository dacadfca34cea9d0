import { valuesArray } from "../../tables/column-data.ts";
import type { FenlType } from "../../values/fenl-type.ts";
import type { RowSetColumn } from "./row-set.ts";

type Items = RowSetColumn["values"];

const LEAST = 1 << 10;

/** Items as WebAssembly has them, to which others are only ever added: lists are parts of it. */
export class ListLog {
  readonly type: FenlType;
  /** Its number. */
  readonly index: number;
  /** How many items there are. */
  length = 0;
  #items: Items;

  constructor(type: FenlType, index: number) {
    this.type = type;
    this.index = index;
    this.#items = valuesArray(type, LEAST);
  }

  push(raw: number | bigint): void {
    if (this.length === this.#items.length) this.#grow(2 * this.length);
    this.#items[this.length++] = raw;
  }

  addAll(items: Items): void {
    if (this.length + items.length > this.#items.length) this.#grow(2 * (this.length + items.length));
    (this.#items.set as (from: Items, at: number) => void)(items, this.length);
    this.length += items.length;
  }

  #grow(size: number): void {
    const grown = valuesArray(this.type, size);
    (grown.set as (from: Items) => void)(this.#items);
    this.#items = grown;
  }

  raw(row: number): number | bigint {
    return this.#items[row]!;
  }

  /** All items, as a column; texts and the like by the codes of the run. */
  column(): RowSetColumn {
    return { name: "", type: this.type, values: this.#items.subarray(0, this.length) as Items };
  }
}

/** Which parts of which logs are lists. */
export class ListViews {
  #views = new Int32Array(3 * LEAST);
  #count = 0;

  /** @returns the list's number */
  add(log: number, from: number, to: number): number {
    const at = 3 * this.#count;
    if (at === this.#views.length) {
      const grown = new Int32Array(2 * at);
      grown.set(this.#views);
      this.#views = grown;
    }
    const views = this.#views;
    views[at] = log;
    views[at + 1] = from;
    views[at + 2] = to;
    return this.#count++;
  }

  get count(): number {
    return this.#count;
  }

  at(index: number): { readonly log: number; readonly from: number; readonly to: number } {
    return { log: this.logOf(index), from: this.from(index), to: this.to(index) };
  }

  logOf(index: number): number {
    return this.#views[3 * index]!;
  }

  from(index: number): number {
    return this.#views[3 * index + 1]!;
  }

  to(index: number): number {
    return this.#views[3 * index + 2]!;
  }
}
