import { REMEMBERED_JOINS, SLACK } from "../../compile/join-texts.ts";
import type { JoinSlots, TextPlaceSlots } from "../../compile/stage-layout.ts";
import type { CodeNumbers } from "../order/code-numbers.ts";
import { copyOf, shared, sharedForGood } from "../rows/allocate.ts";
import { copyValues, follow } from "../rows/copy-values.ts";
import type { Interner } from "../rows/interner.ts";
import type { Dictionary } from "../rows/row-set.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { selectTexts, type TextBytes, textBytes } from "../rows/text-bytes.ts";
import type { MadeTexts, TextLog } from "../rows/text-log.ts";

/** Room for texts at first, and at most where a run before has had more of them. */
const FIRST = { texts: 1 << 10, bytes: 1 << 14 };
const MOST_AT_FIRST = { texts: 1 << 20, bytes: 1 << 24 };
/** By how much a run may have more than the one before. */
const MORE = 1.125;
/** Texts that take more are not brought into the memory of the stage. */
const MOST_BYTES = 1 << 26;
/** How many texts there may be for each that a column has. */
const MOST_UNUSED = 1.25;
/** Of rows of which so many, about, have a text of their own, texts are written one after the other. */
const LEAST_DISTINCT = 0.75;
/** Unless they take more bytes. */
const MOST_PLACED_BYTES = 1 << 28;
/** The length of what has no bytes. */
const NO_BYTES = -1;

/** Memory of a stage. */
interface Block {
  readonly address: number;
  readonly bytes: number;
}

/** The bytes of an interner's texts in the memory of a stage. */
export class TextPlaces {
  readonly #memory: StageMemory;
  readonly #interner: Interner;
  readonly #slots: TextPlaceSlots;
  #codes = 0;
  #room = 0;
  #bytes = 0;
  /** Memory of the texts that are there, and of earlier ones. */
  #used: Block[] = [];
  #free: Block[] = [];

  constructor(memory: StageMemory, interner: Interner, slots: TextPlaceSlots) {
    this.#memory = memory;
    this.#interner = interner;
    this.#slots = slots;
    interner.hold({ renew: () => this.#clear() });
  }

  #clear(): void {
    this.#memory.setSlot(this.#slots.codes, 0);
    this.#codes = 0;
    this.#bytes = 0;
    this.#free.push(...this.#used.splice(0));
  }

  /** Room for so many bytes. */
  #allocate(bytes: number): number {
    const index = this.#free.findIndex((block) => block.bytes >= bytes);
    const [block] =
      index >= 0 ? this.#free.splice(index, 1) : [{ address: this.#memory.allocate(2 * bytes), bytes: 2 * bytes }];
    this.#used.push(block!);
    return block!.address;
  }

  /** Brings in the texts that have come. */
  refresh(): void {
    const { size } = this.#interner;
    const from = this.#codes;
    if (size === from || this.#bytes > MOST_BYTES) return;
    const memory = this.#memory;
    const { starts, lengths, codes } = this.#slots;
    const { table } = this.#interner;
    const begin = table.start(from);
    const bytes = table.bytes.subarray(begin, table.end(size - 1));
    this.#bytes += bytes.length;
    if (this.#bytes > MOST_BYTES) return;
    if (size > this.#room) {
      this.#room = 2 * size;
      for (const slot of [starts, lengths]) {
        memory.setSlot(slot, memory.grow(memory.slot(slot), 4 * from, 4 * this.#room));
      }
    }
    const address = this.#allocate(bytes.length + SLACK);
    memory.bytes.set(bytes, address);
    const { buffer } = memory.memory;
    const startOf = new Int32Array(buffer, memory.slot(starts), size);
    const lengthOf = new Int32Array(buffer, memory.slot(lengths), size);
    for (let code = from; code < size; code++) {
      startOf[code] = address + table.start(code) - begin;
      lengthOf[code] = this.#interner.hasBytes(code) ? table.end(code) - table.start(code) : NO_BYTES;
    }
    memory.setSlot(codes, size);
    this.#codes = size;
  }
}

/** Room for what a run of this thread's will join, so that it need not be copied into more: that of the one before. */
let expected = FIRST;

/** Texts that a stage has joined, by their numbers; those below zero the host has joined. */
export class JoinedTexts implements MadeTexts {
  readonly #memory: StageMemory;
  readonly #slots: JoinSlots;
  readonly #others: TextLog;

  constructor(memory: StageMemory, slots: JoinSlots, others: TextLog) {
    this.#memory = memory;
    this.#slots = slots;
    this.#others = others;
    memory.setSlot(slots.known, memory.allocate(this.#knownBytes));
    this.#forgetJoins();
    memory.setSlot(slots.bytes, memory.allocate(expected.bytes));
    memory.setSlot(slots.room, expected.bytes);
    memory.setSlot(slots.offsets, memory.allocate(4 * expected.texts));
    memory.setSlot(slots.offsetsRoom, expected.texts);
    new Int32Array(memory.memory.buffer, memory.slot(slots.offsets), 1)[0] = 0;
  }

  get #knownBytes(): number {
    return 4 * (this.#slots.parameters + 1) * REMEMBERED_JOINS;
  }

  #forgetJoins(): void {
    const known = this.#memory.slot(this.#slots.known);
    this.#memory.bytes.fill(0xff, known, known + this.#knownBytes);
  }

  get size(): number {
    return this.#all().bytes.length + 4 * this.#memory.slot(this.#slots.count);
  }

  add(text: string): number {
    return ~this.#others.add(text);
  }

  has(number: number): boolean {
    return number < 0 ? this.#others.has(~number) : number < this.#memory.slot(this.#slots.count);
  }

  text(number: number): string {
    if (number < 0) return this.#others.text(~number);
    const { offsets, bytes } = this.#all();
    return Buffer.from(bytes.buffer, bytes.byteOffset).toString("utf8", offsets[number], offsets[number + 1]);
  }

  clear(): void {
    this.#memory.setSlot(this.#slots.count, 0);
    this.#forgetJoins();
    this.#others.clear();
  }

  /** Numbers are below it, and at least as much less than zero. */
  get bound(): number {
    return Math.max(this.#memory.slot(this.#slots.count), this.#others.count);
  }

  /**
   * The texts from the first one of a column to the last one, where the column has nearly all of them; its numbers are
   * then places among them. Null where it has few, or some that the host has joined.
   */
  between(numbers: Int32Array, valid: Uint8Array | undefined): TextBytes | null {
    let [first, last, count] = [0x7fffffff, -1, 0];
    for (let row = 0; row < numbers.length; row++) {
      if (valid !== undefined && valid[row] === 0) continue;
      const number = numbers[row]!;
      if (number < first) first = number;
      if (number > last) last = number;
      count++;
    }
    if (count === 0 || first < 0 || last - first >= MOST_UNUSED * count) return null;
    for (let row = 0; row < numbers.length; row++) {
      numbers[row] = valid !== undefined && valid[row] === 0 ? 0 : numbers[row]! - first;
    }
    const all = this.#all();
    const from = all.offsets[first]!;
    const offsets = sharedForGood(all.offsets, last - first + 2);
    for (let text = 0; text < offsets.length; text++) offsets[text] = all.offsets[first + text]! - from;
    const bytes = sharedForGood(all.bytes, offsets.at(-1)!);
    bytes.set(all.bytes.subarray(from, from + bytes.length));
    return { kind: "texts", offsets, bytes, areDistinct: false };
  }

  /**
   * The texts of rows in their places, one after the other. Null where many have the same text, or the host has joined some.
   * @param rows addresses of their numbers, and of a byte for each that has a text; 0: all have one
   */
  placed(
    places: CodeNumbers,
    rows: { readonly numbers: number; readonly valid: number; readonly rows: number },
  ): TextBytes | null {
    const { offsets, bytes } = this.#slots;
    const memory = this.#memory;
    const { buffer } = memory.memory;
    const numbers = new Int32Array(buffer, rows.numbers, rows.rows);
    const valid = rows.valid === 0 ? null : new Uint8Array(buffer, rows.valid, rows.rows);
    this.#expectAsMany();
    // Those below zero are the host's.
    const areOwn = valid === null && numbers[0]! >= 0;
    if (areOwn && places.areRows && follow(numbers)) return this.#following(numbers[0]!, numbers.length);
    let [first, last, count, changes, before] = [0x7fffffff, -1, 0, 0, -1];
    for (let row = 0; row < numbers.length; row++) {
      if (valid !== null && valid[row] === 0) continue;
      const number = numbers[row]!;
      if (number < first) first = number;
      if (number > last) last = number;
      if (number !== before) changes++;
      before = number;
      count++;
    }
    if (first < 0 || Math.min(changes, last - first + 1) < LEAST_DISTINCT * count) return null;
    return places.placedTexts(rows, { offsets: memory.slot(offsets), bytes: memory.slot(bytes) }, MOST_PLACED_BYTES);
  }

  #expectAsMany(): void {
    const all = this.#all();
    const roomFor = (size: number, kind: keyof typeof FIRST) =>
      Math.max(FIRST[kind], Math.min(MOST_AT_FIRST[kind], Math.ceil(size * MORE)));
    expected = { texts: roomFor(all.offsets.length, "texts"), bytes: roomFor(all.bytes.length, "bytes") };
  }

  /** So many texts that lie one after the other, from one on. */
  #following(first: number, rows: number): TextBytes {
    const all = this.#all();
    const own = all.offsets.subarray(first, first + rows + 1);
    const [from, to] = [own[0]!, own[rows]!];
    const offsets = shared(own, rows + 1);
    copyValues({ from: own, into: offsets, recoding: -from });
    return { kind: "texts", offsets, bytes: copyOf(all.bytes.subarray(from, to), shared), areDistinct: false };
  }

  /** Some texts, by their numbers. */
  select(numbers: Int32Array): Dictionary {
    const all = this.#all();
    if (numbers.every((number) => number >= 0)) return selectTexts(all, numbers, sharedForGood);
    const buffer = Buffer.from(all.bytes.buffer, all.bytes.byteOffset, all.bytes.length);
    const texts = Array.from(numbers, (number) =>
      number < 0 ? this.#others.text(~number) : buffer.toString("utf8", all.offsets[number], all.offsets[number + 1]),
    );
    return textBytes(texts, false, sharedForGood) ?? texts;
  }

  /** Views, until more memory is needed. */
  #all(): TextBytes {
    const memory = this.#memory;
    const { buffer } = memory.memory;
    const { offsets, bytes, count } = this.#slots;
    const places = new Int32Array(buffer, memory.slot(offsets), memory.slot(count) + 1);
    return {
      kind: "texts",
      offsets: places,
      bytes: new Uint8Array(buffer, memory.slot(bytes), places.at(-1)!),
      areDistinct: false,
    };
  }
}
