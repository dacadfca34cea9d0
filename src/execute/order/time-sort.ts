import { Wasm, type WasmModule } from "../../values/web-assembly.ts";
import type { StageMemory } from "../rows/stage-memory.ts";

/** How items of one time are ordered. */
export interface Ties {
  /** Negative, 0 or positive, as one item comes before, with or after another. */
  compare(a: number, b: number): number;
  /** A number by which many of them are sorted first: what {@link compare} looks at, or the first part of that. */
  key(item: number): bigint;
}

/** The same for all items of a sort. */
export interface TimeTies extends Ties {
  /**
   * Where the first run of items of one time begins, from the beginning of a run on, of which one comes before the item
   * in front of it; the number of items where there is none. `times` are the halves of the items' times, low before high.
   */
  firstUnordered(times: Int32Array, items: Uint32Array, from: number): number;
}

/** Room for the ends of slots: 512 in each of at most 8 divisions of many items, 8192 in one of few. */
export const ENDS_BYTES = 4 * (8 * 512 + 8192 + 512);

/** The rows' numbers of texts, and a byte for each that has one; 0 where they are the rows' own, and where all have one. */
type TextsOfRows = [numbers: number, valid: number];

/** Where each part's rows of each slot begin, among the rows of all parts, and of how many parts and slots that is. */
export type SentSlots = [starts: number, parts: number, slots: number];

/** What the module exports: addresses are those of arrays, `ends` of room for {@link ENDS_BYTES}. */
export interface SortExports {
  select(times: number, rows: number, first: bigint, last: bigint, keys: number, rowOf: number, count: number): number;
  divide(times: number, rows: number, first: bigint, shift: bigint, slots: number, ends: number, places: number): void;
  renumber(codes: number, hashes: number, rows: number, list: number, hashList: number): number;
  scatter1(values: number, places: number, rows: number, into: number): void;
  scatter4(values: number, places: number, rows: number, into: number, added: number): void;
  scatter8(values: number, places: number, rows: number, into: number): void;
  scatterCodes(codes: number, places: number, rows: number, into: number, table: number, size: number): void;
  numberCodes(codes: number, valid: number, rows: number, known: number, list: number, into: number): number;
  textStarts(
    ...texts: [...TextsOfRows, offsets: number, places: number, rows: number, starts: number, base: number]
  ): number;
  placeTexts(
    ...texts: [
      ...TextsOfRows,
      offsets: number,
      bytes: number,
      places: number,
      rows: number,
      starts: number,
      base: number,
      into: number,
    ]
  ): void;
  sort(keys: number, items: number, spareKeys: number, spareItems: number, ends: number, rows: number): void;
  sortTimes(keys: number, items: number, spareKeys: number, spareItems: number, ends: number, rows: number): number;
  unordered(keys: number, items: number, rows: number, ranks: number, subsorts: number, hashes: number): number;
  number(items: number, rows: number): void;
  longest(keys: number, rows: number): number;
  end(keys: number, from: number, rows: number): number;
  place(items: number, rows: number, places: number, base: number): void;
  signed(keys: number, rows: number): void;
  byHash(
    keys: number,
    items: number,
    hashes: number,
    spareKeys: number,
    spareItems: number,
    ends: number,
    rows: number,
  ): number;
  orderSent(
    ...sent: [
      ...slots: SentSlots,
      hashes: number,
      times: number,
      subsorts: number,
      olds: number,
      order: number,
      timesInOrder: number,
      ordinals: number,
      ...room: [keys: number, ...more: number[]],
    ]
  ): void;
  gather1(...column: [...slots: SentSlots, values: number, order: number, room: number, into: number]): void;
  gather4(...column: [...slots: SentSlots, values: number, order: number, room: number, into: number]): void;
  gather8(...column: [...slots: SentSlots, values: number, order: number, room: number, into: number]): void;
  place1(...column: [...slots: SentSlots, values: number, addresses: number, into: number]): void;
  place4(...column: [...slots: SentSlots, values: number, addresses: number, into: number]): void;
  place8(...column: [...slots: SentSlots, values: number, addresses: number, into: number]): void;
  tied(keys: number, items: number, hashes: number, rows: number, ties: number): number;
  within(
    keys: number,
    items: number,
    seconds: number,
    spareKeys: number,
    spareItems: number,
    ends: number,
    rows: number,
    ties: number,
  ): number;
}

/** The module's functions on a worker's memory. */
export function sortExports(module: WasmModule, { memory }: StageMemory): SortExports {
  return new Wasm.Instance(module, { host: { memory } }).exports as unknown as SortExports;
}

/**
 * Sorts the rows of some parts, as far as their times are between two, by time. They are items, numbered in the order in
 * which they are added. All of it lies in the memory of the worker, at the addresses of arrays.
 */
export class TimeSort {
  readonly #memory: StageMemory;
  readonly #run: SortExports;
  readonly #first: bigint;
  readonly #last: bigint;
  #count = 0;
  #capacity: number;
  #times = 0;
  #timesRoom = 0;
  #keys: number;
  #rowOf: number;
  #items = 0;

  /**
   * @param module what {@link TIME_SORT_WAT} assembles to
   * @param expected about how many items there will be
   */
  constructor(module: WasmModule, memory: StageMemory, [first, last]: readonly [bigint, bigint], expected: number) {
    this.#memory = memory;
    this.#run = sortExports(module, memory);
    this.#first = first;
    this.#last = last;
    this.#capacity = expected + 1;
    this.#keys = memory.allocate(8 * this.#capacity);
    this.#rowOf = memory.allocate(4 * this.#capacity);
  }

  /** How many items there are. */
  get count(): number {
    return this.#count;
  }

  /** Adds the rows of a part. */
  add(times: BigInt64Array): void {
    const memory = this.#memory;
    const rows = times.length;
    if (rows > this.#timesRoom) {
      this.#times = memory.allocate(8 * rows);
      this.#timesRoom = rows;
    }
    // A row is written before it is known whether it counts.
    const wanted = this.#count + rows + 1;
    if (wanted > this.#capacity) {
      this.#capacity = Math.max(wanted, Math.ceil(this.#capacity * 1.5));
      this.#keys = memory.grow(this.#keys, 8 * this.#count, 8 * this.#capacity);
      this.#rowOf = memory.grow(this.#rowOf, 4 * this.#count, 4 * this.#capacity);
    }
    memory.bytes.set(new Uint8Array(times.buffer, times.byteOffset, 8 * rows), this.#times);
    const [first, last] = [this.#first, this.#last];
    this.#count = this.#run.select(this.#times, rows, first, last, this.#keys, this.#rowOf, this.#count);
  }

  /** The items in order, once they are sorted. A view, until more memory is needed. */
  get order(): Uint32Array {
    return new Uint32Array(this.#memory.memory.buffer, this.#items, this.#count);
  }

  /** For each item the row of its part. A view, until more memory is needed. */
  get rowOf(): Uint32Array {
    return new Uint32Array(this.#memory.memory.buffer, this.#rowOf, this.#count);
  }

  /** The times in order, once they are sorted. A view, until more memory is needed. */
  get times(): BigInt64Array {
    return new BigInt64Array(this.#memory.memory.buffer, this.#keys, this.#count);
  }

  /** Puts the items in the order of their times, those of one time as the ties have it; without these, as they came. */
  sort(tiesOf: (rowOf: Uint32Array) => TimeTies | null): void {
    const memory = this.#memory;
    const rows = this.#count;
    this.#items = memory.allocate(4 * rows);
    const room = [memory.allocate(8 * rows), memory.allocate(4 * rows), memory.allocate(ENDS_BYTES)] as const;
    this.#run.number(this.#items, rows);
    this.#run.sort(this.#keys, this.#items, ...room, rows);
    const longest = this.#run.longest(this.#keys, rows);
    if (longest < 2) return;
    const tieKeys = memory.allocate(longest > FEW ? 8 * longest : 0);
    const ties = tiesOf(this.rowOf);
    if (ties === null) return;
    sortTies(this.#run, memory, { keys: this.#keys, items: this.#items, rows, room, tieKeys, longest }, ties);
  }

  /** For each item its place in the order, counted from `base`. A view, until more memory is needed. */
  places(base: number): Uint32Array {
    const rows = this.#count;
    const places = this.#memory.allocate(4 * rows);
    this.#run.place(this.#items, rows, places, base);
    return new Uint32Array(this.#memory.memory.buffer, places, rows);
  }
}

/** Items in the order of their times, at addresses, with room for what it takes to sort them. */
export interface SortedItems {
  readonly keys: number;
  readonly items: number;
  readonly rows: number;
  /** For keys, items and the ends of slots. */
  readonly room: readonly [number, number, number];
  /** Room for the keys of the items of one time, where these are many; at most `longest`. */
  readonly tieKeys: number;
  readonly longest: number;
}

/** Puts the items of each time in order. */
export function sortTies(
  run: SortExports,
  { memory }: StageMemory,
  { keys, items, rows, room, tieKeys, longest }: SortedItems,
  ties: TimeTies,
): void {
  const { buffer } = memory;
  const order = new Uint32Array(buffer, items, rows);
  const times = new Int32Array(buffer, keys, 2 * rows);
  const keysOfTies = new BigInt64Array(buffer, tieKeys, longest > FEW ? longest : 0);
  for (let end = 0; end < rows; ) {
    const start = ties.firstUnordered(times, order, end);
    if (start >= rows) break;
    end = run.end(keys, start, rows);
    const byKey = () => run.sort(tieKeys, items + 4 * start, ...room, end - start);
    sortTied(order.subarray(start, end), ties, keysOfTies, byKey);
  }
}

/** Fewer items of one time are compared one by one. */
export const FEW = 24;

/** Puts items of one time in order. `keys` is room for the keys of many of them, by which `byKey` sorts them. */
export function sortTied(tied: Uint32Array, ties: Ties, keys: BigInt64Array, byKey: () => void): void {
  if (isOrdered(tied, ties)) return;
  if (tied.length > FEW) {
    for (let at = 0; at < tied.length; at++) keys[at] = ties.key(tied[at]!);
    byKey();
    if (isOrdered(tied, ties)) return;
  }
  tied.sort((a, b) => ties.compare(a, b));
}

function isOrdered(items: Uint32Array, ties: Ties): boolean {
  for (let at = 1; at < items.length; at++) if (ties.compare(items[at - 1]!, items[at]!) > 0) return false;
  return true;
}
