import { RESULT } from "../../compile/code-table.ts";
import type { JoinSlots, RankSlots, TableSlots } from "../../compile/stage-layout.ts";
import { type FenlType, type Representation, representationOf } from "../../values/fenl-type.ts";
import type { Interner, Raw } from "../rows/interner.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { JoinedTexts, TextPlaces } from "./joined-texts.ts";
import { WIDTH } from "./sink-memory.ts";
import { TextOrder } from "./text-order.ts";

const FEWEST_CODES = 1 << 8;
/** So many rows, or more, for each text: what a function makes of all texts is found out before. */
const ROWS_PER_TEXT = 8;

/** A function of texts, given many at once: text `i` lies from offset `i` up to the next one. */
export type OfTexts = (bytes: Uint8Array, offsets: Int32Array) => BigUint64Array;

/** What is known of texts by their codes, in the memory of the stage, which so need not ask for it: results of functions, order. */
export class CodeTables {
  readonly #memory: StageMemory;
  readonly #interner: Interner;
  readonly #tables: CodeTable[] = [];
  #order: TextOrder | null = null;
  #places: TextPlaces | null = null;
  /** By import. */
  readonly joined = new Map<string, JoinedTexts>();

  constructor(memory: StageMemory, interner: Interner) {
    this.#memory = memory;
    this.#interner = interner;
  }

  /**
   * A table for results of a type.
   * @param ofTexts gives those of many texts at once, 8 bytes each
   */
  add(slots: TableSlots, result: FenlType, ofTexts?: OfTexts): CodeTable {
    const table = new CodeTable(this.#memory, slots, result, ofTexts);
    this.#interner.hold({ renew: () => table.clear() });
    this.#tables.push(table);
    return table;
  }

  /** The order of the texts. */
  order(slots: RankSlots): TextOrder {
    this.#order ??= new TextOrder(this.#memory, this.#interner, slots);
    return this.#order;
  }

  /** Room for the texts that the stage joins by itself. */
  join(name: string, slots: JoinSlots): void {
    this.#places ??= new TextPlaces(this.#memory, this.#interner, slots.places);
    this.joined.set(name, new JoinedTexts(this.#memory, slots, this.#interner.texts(name)));
  }

  /** Bytes of texts that the stage has joined. */
  get bytes(): number {
    let bytes = 0;
    for (const joined of this.joined.values()) bytes += joined.size;
    return bytes;
  }

  /**
   * Makes room for the codes that there are; while the stage runs, tables stay where they are.
   * @param rows about how many rows the texts are for
   */
  makeRoom(rows: number): void {
    const { size } = this.#interner;
    for (const table of this.#tables) {
      table.reserve(size);
      if (size <= rows / ROWS_PER_TEXT) table.fill(this.#interner);
    }
    this.#order?.refresh(rows);
    this.#places?.refresh();
  }
}

/** The results of one function. */
export class CodeTable {
  readonly #memory: StageMemory;
  readonly #slots: TableSlots;
  readonly #representation: Representation;
  #codes = 0;
  #knownAt = 0;
  #valuesAt = 0;
  #view: DataView;
  readonly #ofTexts: OfTexts | undefined;
  /** The texts before it have been given to this function. */
  #filled = 0;

  constructor(memory: StageMemory, slots: TableSlots, result: FenlType, ofTexts?: OfTexts) {
    this.#ofTexts = ofTexts;
    this.#memory = memory;
    this.#slots = slots;
    this.#representation = representationOf(result);
    this.#view = new DataView(memory.memory.buffer);
  }

  /** Keeps the result of a text, where there is room for it. @returns whether there is */
  put(code: number, raw: Raw, valid: boolean): boolean {
    if (code >= this.#codes) return false;
    // Growing leaves the old memory without bytes.
    if (this.#view.buffer.byteLength === 0) this.#view = new DataView(this.#memory.memory.buffer);
    const view = this.#view;
    const representation = this.#representation;
    const at = this.#valuesAt + code * WIDTH[representation];
    if (representation === "i64") view.setBigInt64(at, BigInt.asIntN(64, raw as bigint), true);
    else if (representation === "f64") view.setFloat64(at, raw as number, true);
    else if (representation === "f32") view.setFloat32(at, raw as number, true);
    else view.setInt32(at, raw as number, true);
    view.setUint8(this.#knownAt + code, valid ? RESULT.there : RESULT.none);
    return true;
  }

  /** Finds out the results of all texts, where that can be done for many at once. There is room for them. */
  fill(interner: Interner): void {
    const { table, size } = interner;
    if (this.#ofTexts === undefined || this.#filled === size) return;
    const { bytes } = this.#memory;
    const from = this.#filled;
    const results = this.#ofTexts(table.bytes, table.offsets.subarray(from));
    bytes.set(new Uint8Array(results.buffer), this.#valuesAt + 8 * from);
    for (let code = from; code < size; code++) {
      if (interner.hasBytes(code)) bytes[this.#knownAt + code] = RESULT.there;
    }
    this.#filled = size;
  }

  /** Forgets all results. */
  clear(): void {
    this.#filled = 0;
    this.#memory.bytes.fill(RESULT.unknown, this.#knownAt, this.#knownAt + this.#codes);
  }

  /** Makes room for at least so many codes. */
  reserve(codes: number): void {
    if (codes <= this.#codes) return;
    const memory = this.#memory;
    const { known, values, codes: count } = this.#slots;
    const wanted = Math.max(2 * codes, FEWEST_CODES);
    const width = WIDTH[this.#representation];
    this.#knownAt = memory.grow(this.#knownAt, this.#codes, wanted);
    this.#valuesAt = memory.grow(this.#valuesAt, this.#codes * width, wanted * width);
    memory.setSlot(known, this.#knownAt);
    memory.setSlot(values, this.#valuesAt);
    memory.bytes.fill(RESULT.unknown, this.#knownAt + this.#codes, this.#knownAt + wanted);
    memory.setSlot(count, wanted);
    this.#codes = wanted;
  }
}
