import type { ColumnSlots, SinkSlots } from "../../compile/stage-layout.ts";
import { isText, type Representation, representationOf } from "../../values/fenl-type.ts";
import { CodeNumbers } from "../order/code-numbers.ts";
import { RangeDivision } from "../order/range-division.ts";
import { TimeDivision } from "../order/time-slots.ts";
import { sortExports } from "../order/time-sort.ts";
import { type RowArray, shared } from "../rows/allocate.ts";
import { numbersFrom } from "../rows/copy-values.ts";
import { writeReturnAddresses } from "../rows/return-address.ts";
import type { RowSetColumn } from "../rows/row-set.ts";
import type { JobOutput, StoredRows } from "../rows/stage-job.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import type { OwnDictionaries } from "./own-dictionaries.ts";

/** Rows that a sink has room for at first: so many, or an eighth of the rows that the stage has in memory. */
const FIRST_ROWS = 1 << 12;
/** Or as many as the stage has in memory, where they take no more bytes: what is not written costs nothing. */
const FIRST_BYTES = 1 << 26;

/** The part of a sink's rows that is left in it where codes are renewed. */
const FEW_ROWS = 8;

/** Bytes of a value in the memory of a stage. */
export const WIDTH: Record<Representation, number> = { i32: 4, f32: 4, i64: 8, f64: 8 };

/** In the place of how rows are divided. */
const AS_THEY_ARE = null;

/** When groups of rows that waited were released. */
export interface Releases {
  readonly group: BigInt64Array;
  readonly time: BigInt64Array;
}

/** The rows that a running stage hands out, in its memory. */
export class SinkMemory {
  readonly #memory: StageMemory;
  readonly #slots: SinkSlots;
  /** Rows that there is room for at most, before they are taken out. */
  readonly #mostRows: number;
  /** The context slots of all columns, with the width of a row. */
  readonly #columns: { readonly offset: number; readonly width: number }[] = [];
  #capacity = 0;
  #releases: Releases | null = null;
  #released: bigint | null = null;
  /** How rows are divided while they are copied out: by time, or among the ranges of entities that they go to. */
  readonly #division: TimeDivision | null;
  /** Of rows of a result: what numbers the codes of keys and texts. */
  readonly #numbers: CodeNumbers | null;
  readonly #dictionaries: OwnDictionaries;
  readonly #output: JobOutput;
  readonly #rowsRead: number;
  #asked: StoredRows | null = null;
  #askedBefore = 0;

  /**
   * @param rowsRead about how many rows the stage reads before it hands out what it makes of them
   * @param output what becomes of the rows
   * @param dictionaries what the codes of columns stand for
   */
  constructor(
    memory: StageMemory,
    slots: SinkSlots,
    mostRows: number,
    rowsRead: number,
    output: JobOutput,
    dictionaries: OwnDictionaries,
  ) {
    this.#dictionaries = dictionaries;
    this.#output = output;
    this.#rowsRead = rowsRead;
    this.#memory = memory;
    this.#mostRows = mostRows;
    this.#slots = slots;
    const { identity } = slots;
    const column = (offset: number | undefined, width: number) => {
      if (offset !== undefined) this.#columns.push({ offset, width });
    };
    for (const offset of [identity.keyHash, identity.time, identity.subsort, slots.localKeyHash]) column(offset, 8);
    column(identity.rank, 1);
    column(identity.origin, 4);
    column(identity.ordinal, 4);
    for (const { values, valid, type } of [...slots.columns, ...(slots.key ? [slots.key] : [])]) {
      column(values, WIDTH[representationOf(type)]);
      column(valid, 1);
    }
    const rowBytes = this.#columns.reduce((sum, { width }) => sum + width, 0);
    // Room for one more, as a sink is full once its last place is taken.
    const first = Math.max(FIRST_ROWS, rowsRead >>> 3, Math.min(rowsRead + 1, Math.floor(FIRST_BYTES / rowBytes)));
    this.#grow(Math.min(first, mostRows), 0);
    this.#division = divisionOf(output, memory, rowsRead);
    this.#numbers = numbersOf(output, memory) ?? this.#timed;
    if (slots.releases) {
      memory.setSlot(slots.releases.capacity, mostRows);
      for (const offset of [slots.releases.group, slots.releases.time]) {
        memory.setSlot(offset, memory.allocate(mostRows * 8));
      }
    }
  }

  /** Makes room for more rows: a larger sink, or, where it is large already, an empty one whose rows are returned. */
  makeRoom(): StoredRows | null {
    const rows = this.#memory.slot(this.#slots.rows);
    if (rows < this.#capacity || this.#capacity >= this.#mostRows) return this.take();
    this.#grow(Math.min(this.#capacity * 4, this.#mostRows), rows);
    return null;
  }

  /** Takes the rows out wherever the stage stands; null where there are too few to be worth it. */
  drain(): StoredRows | null {
    const rows = this.#memory.slot(this.#slots.rows);
    if (rows <= this.#mostRows / FEW_ROWS) return null;
    const taken = this.take();
    if (rows === this.#capacity) return taken;
    // The row behind the last one may be in work.
    const { bytes } = this.#memory;
    for (const { offset, width } of this.#columns) {
      const address = this.#memory.slot(offset);
      bytes.copyWithin(address, address + rows * width, address + (rows + 1) * width);
    }
    return taken;
  }

  #grow(capacity: number, rows: number): void {
    const memory = this.#memory;
    for (const { offset, width } of this.#columns) {
      // Behind the key hashes there is room for one that ends the last entity.
      memory.setSlot(offset, memory.grow(memory.slot(offset), rows * width, capacity * width + 8));
    }
    this.#capacity = capacity;
    memory.setSlot(this.#slots.capacity, capacity);
  }

  /** Copies the rows out and empties the sink. Host types are codes of the worker's interner. */
  take(): StoredRows {
    const { identity, key, localKeyHash, releases } = this.#slots;
    const rows = this.#memory.slot(this.#slots.rows);
    this.#memory.setSlot(this.#slots.rows, 0);
    if (releases) {
      const count = this.#memory.slot(releases.rows);
      this.#memory.setSlot(releases.rows, 0);
      const { buffer } = this.#memory.memory;
      const copy = (offset: number) => new BigInt64Array(buffer, this.#memory.slot(offset), count).slice();
      this.#releases = { group: copy(releases.group), time: copy(releases.time) };
    }
    const rowTexts: number[] = [];
    const columns = () =>
      this.#slots.columns.map((column, index) => {
        const texts = this.#texts(column, rows);
        if (texts !== null) rowTexts.push(index);
        return texts ?? this.#coded(column, rows) ?? this.#column(column, rows);
      });
    const { returnTo } = this.#output.kind === "divided" ? this.#output : {};
    if (returnTo !== undefined) this.#takeAsked(localKeyHash!, rows, returnTo);
    const starts = (keys: number) => {
      const slotStarts = this.#division?.divide(this.#memory.slot(keys), rows);
      return slotStarts ? { slotStarts } : {};
    };
    if (this.#output.kind === "returned") {
      // The key tells where they belong.
      const [time, subsort] = [shared(new BigInt64Array(0), 0), shared(new BigUint64Array(0), 0)];
      const slotStarts = starts(identity.keyHash);
      const keyHash = this.#copy(BigUint64Array, identity.keyHash, rows);
      return { rows, keyHash, time, subsort, columns: columns(), ...slotStarts };
    }
    const slotStarts = starts(this.#output.kind === "plain" ? identity.time : identity.keyHash);
    const keys = key ? this.#key(key, rows) : undefined;
    const fields = columns();
    // Nobody asks for the time of one of each entity.
    const timed = this.#output.kind === "plain" && this.#output.keyTexts ? 0 : rows;
    return {
      rows,
      keyHash: this.#copy(BigUint64Array, identity.keyHash, keys?.numbered ? 0 : rows),
      time: this.#copy(BigInt64Array, identity.time, timed),
      subsort: this.#copy(BigUint64Array, identity.subsort, timed),
      ...this.#identity(rows),
      localKeyHash: optional(localKeyHash, (offset) => this.#copy(BigUint64Array, offset, rows)),
      key: keys,
      columns: fields,
      ...slotStarts,
      ...(rowTexts.length > 0 ? { rowTexts } : {}),
    };
  }

  /** Takes note of who asks, and writes where the answers belong instead. */
  #takeAsked(local: number, rows: number, range: number): void {
    const { bits } = this.#output as Extract<JobOutput, { kind: "divided" }>;
    const { identity } = this.#slots;
    this.#asked = {
      rows,
      keyHash: this.#copy(BigUint64Array, local, rows, AS_THEY_ARE),
      time: this.#copy(BigInt64Array, identity.time, rows, AS_THEY_ARE),
      subsort: this.#copy(BigUint64Array, identity.subsort, rows, AS_THEY_ARE),
      ...this.#identity(rows, AS_THEY_ARE),
      columns: [],
    };
    const addresses = new BigUint64Array(this.#memory.memory.buffer, this.#memory.slot(local), rows);
    writeReturnAddresses(addresses, range, bits, this.#askedBefore, this.#rowsRead);
    this.#askedBefore += rows;
  }

  #identity(rows: number, division?: null): Pick<StoredRows, "rank" | "origin" | "ordinal"> {
    const { rank, origin, ordinal } = this.#slots.identity;
    return {
      rank: optional(rank, (offset) => this.#copy(Uint8Array, offset, rows, division)),
      origin: optional(origin, (offset) => this.#copy(Int32Array, offset, rows, division)),
      ordinal: optional(ordinal, (offset) => this.#copy(Int32Array, offset, rows, division)),
    };
  }

  /** Of requests whose answers come to their places: who asks when, of those that were taken last. */
  get asked(): StoredRows | null {
    return this.#asked;
  }

  /** Takes note that the rows which waited are those that were released, in order; @param last the last of their times */
  setReleased(last: bigint): void {
    this.#released = last;
  }

  /** Whether the rows which waited are those that were released. */
  get isReleased(): boolean {
    return this.#released !== null;
  }

  /** For rows that move in time: the last of their times, where they have come in order; else null. */
  lastMoved(): bigint | null {
    if (this.#released !== null) return this.#released;
    const { moved } = this.#slots;
    if (moved === undefined || this.#memory.slot(moved.disordered) !== 0) return null;
    return this.#memory.slot64(moved.last);
  }

  /** The releases that came with the rows that were taken last; null where rows do not wait. */
  get releases(): Releases | null {
    return this.#releases;
  }

  #copy<T extends RowArray>(
    type: { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBufferLike, offset: number, length: number): T },
    offset: number,
    rows: number,
    division = this.#division,
  ): T {
    const values = this.#memory.slot(offset);
    const address = division?.placed(values, rows, type.BYTES_PER_ELEMENT) ?? values;
    const from = new type(this.#memory.memory.buffer, address, rows);
    const to = shared(from, rows);
    (to.set as (from: T) => void)(from);
    return to;
  }

  /** How rows of a result are divided by time, where they are. */
  get #timed(): TimeDivision | null {
    return this.#output.kind === "plain" ? this.#division : null;
  }

  /** A column of keys; codes of a result's rows are numbered, while those of an entity are together. */
  #key(slots: ColumnSlots, rows: number): RowSetColumn {
    const numbers = this.#numbers;
    const isNumbered = numbers !== null && slots.coded && rows > 0 && this.#isComplete(slots.valid, rows);
    const address = (offset: number) => this.#memory.slot(offset);
    const numbered = isNumbered
      ? numbers.numberKeys(address(slots.values), address(this.#slots.identity.keyHash), rows)
      : undefined;
    return { ...this.#column(slots, rows), ...(numbered ? { numbered } : {}) };
  }

  /** A column of texts that the stage has joined, in the order of a result's rows; null for any other. */
  #texts({ type, values, valid, madeBy }: ColumnSlots, rows: number): RowSetColumn | null {
    const joined = madeBy === undefined ? undefined : this.#dictionaries.joined(madeBy);
    const numbers = this.#numbers;
    if (numbers === null || joined === undefined || rows === 0) return null;
    const validity = this.#validity(valid, rows);
    const address = (offset: number) => this.#memory.slot(offset);
    const own = { numbers: address(values), valid: validity.valid ? address(valid) : 0, rows };
    const dictionary = joined.placed(numbers, own);
    if (dictionary === null) return null;
    return { name: "", type, values: numbersFrom(0, shared(new Int32Array(0), rows)), ...validity, dictionary };
  }

  /** A column of texts of a result, with a dictionary of its own; null for any other. */
  #coded(slots: ColumnSlots, rows: number): RowSetColumn | null {
    const { type, values, valid, madeBy } = slots;
    const numbers = this.#numbers;
    if (numbers === null || !isText(type) || madeBy !== undefined || rows === 0) return null;
    const address = (offset: number) => this.#memory.slot(offset);
    const validAt = this.#isComplete(valid, rows) ? 0 : address(valid);
    const used = numbers.numberCodes(address(values), validAt, rows, this.#dictionaries.codes);
    return { ...this.#column(slots, rows), dictionary: this.#dictionaries.dictionary(type, used) };
  }

  #column(slots: ColumnSlots, rows: number): RowSetColumn {
    const column = { name: "", type: slots.type, ...this.#validity(slots.valid, rows) };
    switch (representationOf(slots.type)) {
      case "i64":
        return { ...column, values: this.#copy(BigInt64Array, slots.values, rows) };
      case "f64":
        return { ...column, values: this.#copy(Float64Array, slots.values, rows) };
      case "f32":
        return { ...column, values: this.#copy(Float32Array, slots.values, rows) };
      default:
        return { ...column, values: this.#copy(Int32Array, slots.values, rows) };
    }
  }

  #validity(valid: number, rows: number): { valid?: Uint8Array } {
    return this.#isComplete(valid, rows) ? {} : { valid: this.#copy(Uint8Array, valid, rows) };
  }

  /** Whether a column has a value on each row. */
  #isComplete(valid: number, rows: number): boolean {
    // A buffer looks for a byte many at a time.
    return !Buffer.from(this.#memory.memory.buffer, this.#memory.slot(valid), rows).includes(0);
  }
}

function divisionOf(output: JobOutput, memory: StageMemory, rowsRead: number): TimeDivision | null {
  switch (output.kind) {
    case "plain":
      return output.slots ? new TimeDivision(output.slots, memory) : null;
    case "divided":
    case "returned":
      return output.bits > 0 ? new RangeDivision(output.sorter, memory, output.bits, rowsRead) : null;
    case "shifted":
      return null;
  }
}

function numbersOf(output: JobOutput, memory: StageMemory): CodeNumbers | null {
  if (output.kind !== "plain" || output.numbers === undefined) return null;
  return new CodeNumbers(sortExports(output.numbers, memory), memory);
}

function optional<T>(offset: number | undefined, copy: (offset: number) => T): T | undefined {
  return offset === undefined ? undefined : copy(offset);
}
