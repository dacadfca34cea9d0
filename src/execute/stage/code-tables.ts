import { RESULT } from "../../compile/code-table.ts";
import type { JoinSlots, RankSlots, TableSlots } from "../../compile/stage-layout.ts";
import { type FenlType, type Representation, representationOf } from "../../values/fenl-type.ts";
import type { Interner, Raw } from "../rows/interner.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { JoinedTexts, TextPlaces } from "./joined-texts.ts";
import { WIDTH } from "./sink-memory.ts";
import { TextOrder } from "./text-order.ts";

const FEWEST_CODES = 1 << 8;

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

  /** A table for results of a type. */
  add(slots: TableSlots, result: FenlType): CodeTable {
    const table = new CodeTable(this.#memory, slots, result);
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
    for (const table of this.#tables) table.reserve(size);
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

  constructor(memory: StageMemory, slots: TableSlots, result: FenlType) {
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

  /** Forgets all results. */
  clear(): void {
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
