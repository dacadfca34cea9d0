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
  /** How many items there have been. */
  length = 0;
  #items: Items;
  /** The number of the first item that is still there. */
  #first = 0;
  /** The first item that is still used, where that is not told by the lists that there are. */
  #oldest: () => number = () => this.length;

  constructor(type: FenlType, index: number) {
    this.type = type;
    this.index = index;
    this.#items = valuesArray(type, LEAST);
  }

  push(raw: number | bigint): void {
    const place = this.length++ - this.#first;
    if (place === this.#items.length) this.#grow(2 * place);
    this.#items[place] = raw;
  }

  addAll(items: Items): void {
    const place = this.length - this.#first;
    if (place + items.length > this.#items.length) this.#grow(2 * (place + items.length));
    (this.#items.set as (from: Items, at: number) => void)(items, place);
    this.length += items.length;
  }

  #grow(size: number): void {
    const grown = valuesArray(this.type, size);
    (grown.set as (from: Items) => void)(this.#items);
    this.#items = grown;
  }

  raw(row: number): number | bigint {
    return this.#items[row - this.#first]!;
  }

  /** The number of the first item that is still there. */
  get first(): number {
    return this.#first;
  }

  /** The first item that is still used. */
  get oldest(): number {
    return this.#oldest();
  }

  /** Has the items from one on stay, also where no list has them. */
  keepFrom(oldest: () => number): void {
    this.#oldest = oldest;
  }

  /** Items that are there, by their numbers. */
  items(from: number, to: number): Items {
    return this.#items.subarray(from - this.#first, to - this.#first) as Items;
  }

  /** Lets go of the items before one. */
  forget(before: number): void {
    const kept = this.items(before, this.length);
    const items = valuesArray(this.type, Math.max(LEAST, 2 * kept.length));
    (items.set as (from: Items) => void)(kept);
    this.#items = items;
    this.#first = before;
  }

  /** All items that are there, as a column; texts and the like by the codes of the run. */
  column(): RowSetColumn {
    return { name: "", type: this.type, values: this.items(this.#first, this.length) };
  }

  /** Bytes of memory. */
  get bytes(): number {
    return (this.length - this.#first) * this.itemBytes;
  }

  get itemBytes(): number {
    return this.#items.BYTES_PER_ELEMENT;
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

  clear(): void {
    this.#views = new Int32Array(3 * LEAST);
    this.#count = 0;
  }

  /** Bytes of memory. */
  get bytes(): number {
    return 12 * this.#count;
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
