import type { ColumnSlots, SourceSlots } from "../../compile/stage-layout.ts";
import { representationOf } from "../../values/fenl-type.ts";
import { AnswerPlaces } from "../order/answer-places.ts";
import { SentOrder } from "../order/sent-order.ts";
import type { SentColumn } from "../order/sent-parts.ts";
import type { Interner } from "../rows/interner.ts";
import type { MemoryPlan } from "../rows/memory-plan.ts";
import { isSpilled, type RowRun } from "../rows/row-run.ts";
import type { RowSetColumn, StoredRows } from "../rows/row-set.ts";
import type { SentSource } from "../rows/stage-job.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { requireAnswers } from "./answered-rows.ts";
import { WIDTH } from "./sink-memory.ts";

/** Rows that were sent to a range, which the stage that reads them can put in order where it reads them. */
export interface InPlaceSource extends SentSource {
  readonly parts: readonly StoredRows[];
}

/** Whether a stage can put rows in order where it reads them: all are in memory, not too many, and few things order them. */
export function isInPlace(source: SentSource, { windowRows }: MemoryPlan): source is InPlaceSource {
  const isPlain = (part: RowRun) =>
    !isSpilled(part) && part.rank === undefined && part.origin === undefined && part.ordinal === undefined;
  return source.parts.every(isPlain) && source.parts.reduce((sum, { rows }) => sum + rows, 0) <= windowRows;
}

/** A column on its way to where a stage reads it. */
interface WrittenColumn extends SentColumn {
  readonly into: number;
}

/** Puts rows in order in the memory of the stage that reads them, and tells it where they are. @returns how many they are */
export function writeSent(source: InPlaceSource, slots: SourceSlots, memory: StageMemory, interner: Interner): number {
  const rows = source.parts.reduce((sum, part) => sum + part.rows, 0);
  const room = new SourceRoom(rows, memory, interner);
  memory.setSlot(slots.rows, rows);
  if (source.asked) writeAnswers(source, source.asked, slots, room, memory);
  else writeOrdered(source, slots, room, memory);
  if (rows > 0) memory.endKeys(memory.slot(slots.identity.keyHash!), rows);
  return rows;
}

const IDENTITY = ["keyHash", "time", "subsort", "rank", "origin", "ordinal"] as const;

/** The addresses of the columns of identity; 0 for those that the stage does not read. */
type IdentityRoom = Readonly<Record<(typeof IDENTITY)[number], number>>;

/** Room for the columns of a source in the memory of the stage that reads it. */
class SourceRoom {
  readonly rows: number;
  readonly columns: WrittenColumn[] = [];
  readonly #memory: StageMemory;
  readonly #interner: Interner;

  constructor(rows: number, memory: StageMemory, interner: Interner) {
    this.rows = rows;
    this.#memory = memory;
    this.#interner = interner;
  }

  /** The address of a column, of so many bytes a row; 0 where the stage does not read it. */
  of(slot: number | undefined, width: number): number {
    if (slot === undefined) return 0;
    const address = this.#memory.allocate(width * this.rows);
    this.#memory.setSlot(slot, address);
    return address;
  }

  /** The same, with a byte in all of its places. */
  filled(slot: number | undefined, width: number, byte: number): number {
    const address = this.of(slot, width);
    if (address !== 0) this.#memory.bytes.fill(byte, address, address + width * this.rows);
    return address;
  }

  /** Room for the rows' identity, with what it is where nothing tells it; there is one more hash than rows. */
  identity({ keyHash, time, subsort, rank, origin, ordinal }: SourceSlots["identity"]): IdentityRoom {
    const keys = this.#memory.allocateKeys(this.rows);
    this.#memory.setSlot(keyHash!, keys);
    return {
      keyHash: keys,
      time: this.of(time, 8),
      subsort: this.of(subsort, 8),
      rank: this.filled(rank, 1, 1),
      origin: this.filled(origin, 4, 0),
      ordinal: this.filled(ordinal, 4, 0),
    };
  }

  add(slot: ColumnSlots, of: readonly RowSetColumn[], bases: readonly number[] = []): void {
    const recodings = of.map(({ dictionary }, part) =>
      dictionary ? this.#interner.addAll(dictionary) : (bases[part] ?? 0),
    );
    const into = this.of(slot.values, WIDTH[representationOf(slot.type)]);
    this.columns.push({ parts: of.map(({ values }) => values), recodings, into });
    this.#memory.setSlot(slot.valid, 0);
    if (of.every(({ valid }) => valid === undefined)) return;
    const valid = of.map((column) => column.valid ?? new Uint8Array(column.values.length).fill(1));
    this.columns.push({ parts: valid, into: this.of(slot.valid, 1) });
  }
}

/** Rows in the order of entities, times and subsorts. */
function writeOrdered(source: InPlaceSource, slots: SourceSlots, room: SourceRoom, memory: StageMemory): void {
  const { parts, keyBases, rekeyed, sorter } = source;
  const { keyHash, time, subsort, ordinal } = room.identity(slots.identity);
  const localKeyHash = room.of(slots.localKeyHash, 8);
  addColumns(slots, parts, room);
  if (slots.key && parts[0]!.key) {
    const keys = parts.map(({ key }) => key!);
    room.add(slots.key, keys, keyBases);
  }
  if (room.rows === 0) return;
  // What it takes to put them in order lies behind them.
  const end = memory.used;
  const order = new SentOrder(parts, sorter, memory);
  order.sort({ keyHash, time, subsort, localKeyHash, ordinal: rekeyed ? ordinal : 0 });
  for (const { into, ...column } of room.columns) order.write(column, into);
  memory.free(end);
}

/** Answers as rows of those that asked. */
function writeAnswers(
  { parts, sorter }: InPlaceSource,
  asked: readonly StoredRows[],
  slots: SourceSlots,
  room: SourceRoom,
  memory: StageMemory,
): void {
  requireAnswers(parts, asked);
  const identity = room.identity(slots.identity);
  addColumns(slots, parts, room);
  for (const part of IDENTITY) {
    let at = identity[part];
    if (at === 0) continue;
    for (const { [part]: from } of asked) {
      if (from === undefined) continue;
      memory.bytes.set(new Uint8Array(from.buffer, from.byteOffset, from.byteLength), at);
      at += from.byteLength;
    }
  }
  if (room.rows === 0) return;
  const end = memory.used;
  const places = new AnswerPlaces(parts, sorter, memory);
  for (const { into, ...column } of room.columns) places.write(column, into);
  memory.free(end);
}

function addColumns({ columns }: SourceSlots, parts: readonly StoredRows[], room: SourceRoom): void {
  for (const [index, slot] of columns.entries()) {
    room.add(
      slot,
      parts.map((part) => part.columns[index]!),
    );
  }
}
