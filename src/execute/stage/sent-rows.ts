import type { ColumnSlots, SourceSlots } from "../../compile/stage-layout.ts";
import { representationOf } from "../../values/fenl-type.ts";
import { type SentColumn, SentOrder } from "../order/sent-order.ts";
import type { Interner } from "../rows/interner.ts";
import type { MemoryPlan } from "../rows/memory-plan.ts";
import { isSpilled, type RowRun } from "../rows/row-run.ts";
import type { RowSetColumn, StoredRows } from "../rows/row-set.ts";
import type { SentSource } from "../rows/stage-job.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { WIDTH } from "./sink-memory.ts";

/** Rows that were sent to a range, which the stage that reads them can put in order where it reads them. */
export interface InPlaceSource extends SentSource {
  readonly parts: readonly StoredRows[];
}

/** Whether a stage can put rows in order where it reads them: all are in memory, not too many, and few things order them. */
export function isInPlace(source: SentSource, { windowRows }: MemoryPlan): source is InPlaceSource {
  const isPlain = (part: RowRun) =>
    !isSpilled(part) && part.rank === undefined && part.origin === undefined && part.ordinal === undefined;
  return source.parts.every(isPlain) && sentRows(source) <= windowRows;
}

/** How many rows were sent. */
export function sentRows({ parts }: Pick<SentSource, "parts">): number {
  return parts.reduce((sum, { rows }) => sum + rows, 0);
}

/** Puts rows in order in the memory of the stage that reads them, and tells it where they are. @returns how many they are */
export function writeSent(source: InPlaceSource, slots: SourceSlots, memory: StageMemory, interner: Interner): number {
  const { parts, keyBases, rekeyed, sorter } = source;
  const rows = sentRows(source);
  const room = (slot: number | undefined, width: number): number => {
    if (slot === undefined) return 0;
    const address = memory.allocate(width * rows);
    memory.setSlot(slot, address);
    return address;
  };
  const zeros = (slot: number | undefined, width: number, value = 0): number => {
    const address = room(slot, width);
    if (address !== 0) memory.bytes.fill(value, address, address + width * rows);
    return address;
  };
  memory.setSlot(slots.rows, rows);
  const { identity } = slots;
  const keyHash = memory.allocateKeys(rows);
  memory.setSlot(identity.keyHash!, keyHash);
  const [time, subsort] = [room(identity.time, 8), room(identity.subsort, 8)];
  zeros(identity.rank, 1, 1);
  zeros(identity.origin, 4);
  const ordinal = zeros(identity.ordinal, 4);
  const localKeyHash = room(slots.localKeyHash, 8);
  const columns: (SentColumn & { readonly into: number })[] = [];
  const addColumn = (slot: ColumnSlots, of: readonly RowSetColumn[], bases: readonly number[] = []) => {
    const recodings = of.map(({ dictionary }, part) => (dictionary ? interner.addAll(dictionary) : (bases[part] ?? 0)));
    const values = room(slot.values, WIDTH[representationOf(slot.type)]);
    columns.push({ parts: of.map((column) => column.values), recodings, into: values });
    memory.setSlot(slot.valid, 0);
    if (of.every(({ valid }) => valid === undefined)) return;
    const valid = of.map((column) => column.valid ?? new Uint8Array(column.values.length).fill(1));
    columns.push({ parts: valid, into: room(slot.valid, 1) });
  };
  for (const [index, slot] of slots.columns.entries()) {
    addColumn(
      slot,
      parts.map((part) => part.columns[index]!),
    );
  }
  if (slots.key && parts[0]!.key) {
    addColumn(
      slots.key,
      parts.map(({ key }) => key!),
      keyBases,
    );
  }
  if (rows === 0) return 0;
  // What it takes to put them in order lies behind them.
  const end = memory.used;
  const order = new SentOrder(parts, sorter, memory);
  order.sort({ keyHash, time, subsort, localKeyHash, ordinal: rekeyed ? ordinal : 0 });
  for (const { into, ...column } of columns) order.write(column, into);
  memory.free(end);
  memory.endKeys(keyHash, rows);
  return rows;
}
