import type { ColumnSlots, EntitySlots, SourceSlots } from "../../compile/stage-layout.ts";
import { entityIndex, pickFirst } from "../../tables/prepared/entity-index.ts";
import { subsortsAbove } from "../../tables/prepared/stored-identity.ts";
import { representationOf } from "../../values/fenl-type.ts";
import type { RowArray } from "../rows/allocate.ts";
import type { RowSetColumn } from "../rows/row-set.ts";
import type { StoredRows } from "../rows/stage-job.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import type { RowStream } from "../scan/row-stream.ts";
import { WIDTH } from "./sink-memory.ts";

/** What the window has of each row, and the stage of each entity. */
type WindowPart = "hash" | "key";

/** One array of the window: where its address is kept, unless only the window knows it, and how to fill it. */
interface WindowArray {
  readonly part?: WindowPart;
  readonly offset: number | null;
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
  readonly #arrays: readonly (WindowArray & { readonly address: number })[];
  readonly #capacity: number;
  #ended = false;
  #rowsRead = 0;

  constructor(stream: RowStream, slots: SourceSlots, memory: StageMemory, capacity: number) {
    this.#stream = stream;
    this.#slots = slots;
    this.#memory = memory;
    this.#capacity = capacity;
    const first = slots.firstSubsort === undefined ? null : BigInt.asUintN(64, memory.slot64(slots.firstSubsort));
    this.#arrays = windowArrays(slots, first).map((array) => {
      const isKeys = array.offset !== null && array.offset === slots.identity.keyHash;
      const address = isKeys ? memory.allocateKeys(capacity) : memory.allocate(capacity * array.width);
      if (array.offset !== null) memory.setSlot(array.offset, address);
      return { ...array, address };
    });
    const { entities, key } = slots;
    if (!entities) return;
    memory.setSlot(entities.hashes, memory.allocate(8 * (capacity + 1)));
    memory.setSlot(entities.ends, memory.allocate(4 * (capacity + 1)));
    if (key) memory.setSlot(key.values, memory.allocate(WIDTH[representationOf(key.type)] * capacity));
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
    for (const { address, width } of this.#arrays) {
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
        memory.bytes.set(array.bytes(more), array.address + rows * array.width);
      }
      rows += more.rows;
      this.#rowsRead += more.rows;
    }
    memory.setSlot(this.#slots.rows, rows);
    if (rows === 0) return;
    const { entities, identity } = this.#slots;
    if (entities) this.#index(entities, rows);
    else memory.endKeys(memory.slot(identity.keyHash!), rows);
  }

  /** Tells the entities of the rows that are there; the first has the next row. */
  #index(slots: EntitySlots, rows: number): void {
    const memory = this.#memory;
    const { buffer } = memory.memory;
    const ofRows = (part: WindowPart) => this.#arrays.find((array) => array.part === part)!.address;
    const { hashes, ends } = entityIndex(new BigUint64Array(buffer, ofRows("hash"), rows));
    new BigUint64Array(buffer, memory.slot(slots.hashes)).set(hashes);
    new Uint32Array(buffer, memory.slot(slots.ends)).set(ends);
    const { key } = this.#slots;
    if (key) {
      const words = WIDTH[representationOf(key.type)] / 4;
      const keys = new Int32Array(buffer, memory.slot(key.values), words * ends.length);
      pickFirst(new Int32Array(buffer, ofRows("key"), words * rows), ends, 0, keys, words);
    }
    memory.setSlot(slots.entity, 0);
    memory.setSlot(slots.end, ends[0]!);
  }

  close(): void {
    this.#stream.close();
  }
}

/** `first`: what the stage adds to subsorts, where they are short. */
function windowArrays(slots: SourceSlots, first: bigint | null): WindowArray[] {
  const { identity, entities } = slots;
  const arrays: WindowArray[] = [];
  const add = (offset: number | undefined, width: number, of: (rows: StoredRows) => ArrayBufferView) => {
    if (offset !== undefined) arrays.push({ offset, width, bytes: (rows) => bytesOf(of(rows)) });
  };
  const addPart = (part: WindowPart, width: number, of: (rows: StoredRows) => RowArray) => {
    arrays.push({ part, offset: null, width, bytes: (rows) => bytesOf(of(rows)) });
  };
  if (entities) addPart("hash", 8, (rows) => rows.keyHash);
  else add(identity.keyHash, 8, (rows) => rows.keyHash);
  add(identity.time, 8, (rows) => rows.time);
  if (first === null) add(identity.subsort, 8, (rows) => rows.subsort);
  else add(identity.subsort, 4, (rows) => subsortsAbove(first, rows.subsort));
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
  const { key } = slots;
  if (key && entities) addPart("key", WIDTH[representationOf(key.type)], (rows) => rows.key!.values);
  else if (key) column(key, (rows) => rows.key!);
  return arrays;
}

function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
