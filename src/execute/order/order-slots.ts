import { countMemory, type RowArray } from "../rows/allocate.ts";
import { copyValues, numbersFrom, type Recoding } from "../rows/copy-values.ts";
import { mapArrays, sliceRows } from "../rows/gather.ts";
import { numbersAsHashes, writeAsHashes } from "../rows/numbered-keys.ts";
import { PartItems } from "../rows/part-items.ts";
import type { RowSetColumn } from "../rows/row-set.ts";
import type { OrderedTexts, OrderSlotsJob, StoredRows } from "../rows/stage-job.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { type Segment, type SlotAddresses, TextMoves } from "./order-texts.ts";
import { TiedItems } from "./tied-items.ts";
import { ENDS_BYTES, type SortExports, sortExports, sortTies } from "./time-sort.ts";

/**
 * Puts the result's rows in order, slot after slot. A slot has so few rows that their columns, one at a time, stay in the
 * processor's cache.
 */
export function orderSlots(job: OrderSlotsJob, memory: StageMemory): void {
  const { parts, target, from, to, sorter, isNew, keyBases } = job;
  if (isNew) {
    mapArrays(target, target.rows, (values) => {
      countMemory(values.buffer);
      return values;
    });
  }
  for (const copy of job.copies) copyValues(copy);
  memory.start(0);
  const most = mostRows(parts, from, to);
  const [keys, items, places] = [memory.allocate(8 * most), memory.allocate(4 * most), memory.allocate(4 * most)];
  const room = [memory.allocate(8 * most), memory.allocate(4 * most), memory.allocate(ENDS_BYTES)] as const;
  const tieKeys = memory.allocate(8 * most);
  const ranked = parts.some(({ rank }) => rank !== undefined);
  const identity = [ranked ? memory.allocate(most) : 0, memory.allocate(8 * most), memory.allocate(8 * most)] as const;
  const run = sortExports(sorter, memory);
  const [column, ordered] = [memory.allocate(8 * most), memory.allocate(8 * most)];
  const textMoves = new Map(job.texts.map((texts) => [texts, new TextMoves(texts, job, run, memory)]));
  const tables = recodingTables(job.recodings, memory);
  const { buffer } = memory.memory;
  const moves = movesOf(job, run, textMoves, { buffer, tables, column, ordered, places });
  const times = new BigInt64Array(buffer, keys, most);
  /** From which item on a run of items of one time is not in order. What tells it is moved in a moment, and so at hand. */
  const firstUnordered = (segments: readonly Segment[], rows: number): number => {
    const [ranks, subsorts, hashes] = identity;
    const rankOf = new Uint8Array(buffer, ranks, ranked ? rows : 0);
    const [subsortOf, hashOf] = [new BigUint64Array(buffer, subsorts, rows), new BigUint64Array(buffer, hashes, rows)];
    for (const { part, from, to, item } of segments) {
      const { rank, subsort, keyHash, key } = parts[part]!;
      if (rank) rankOf.set(rank.subarray(from, to), item);
      else if (ranked) rankOf.fill(1, item, item + to - from);
      subsortOf.set(subsort.subarray(from, to), item);
      const own = hashOf.subarray(item, item + to - from);
      if (keyBases) writeAsHashes((key!.values as Int32Array).subarray(from, to), keyBases[part]!, own);
      else own.set(keyHash.subarray(from, to));
    }
    return run.unordered(keys, items, rows, ranks, subsorts, hashes);
  };
  // The loop over slots is compiled while it runs: iterators made that take 160 ms, again and again.
  const [timesOf, startsOf] = [parts.map(({ time }) => time), parts.map(({ slotStarts }) => slotStarts!)];
  let base = job.before;
  for (let slot = from; slot < to; slot++) {
    const segments: Segment[] = [];
    let rows = 0;
    for (let part = 0; part < parts.length; part++) {
      const starts = startsOf[part]!;
      const first = starts[slot]!;
      const end = starts[slot + 1]!;
      if (first === end) continue;
      times.set(timesOf[part]!.subarray(first, end), rows);
      segments.push({ part, from: first, to: end, item: rows });
      rows += end - first;
    }
    if (rows === 0) continue;
    const longest = run.sortTimes(keys, items, ...room, rows);
    if (longest > 1 && firstUnordered(segments, rows) < rows) {
      const tied = segments.map(({ part, from, to }) => {
        const rows = sliceRows(parts[part]!, from, to);
        return keyBases ? numbersAsHashes(rows, keyBases[part]!) : rows;
      });
      const own = new PartItems(tied, [...segments.map(({ item }) => item), rows]);
      const ties = new TiedItems(tied, own, rowsOf(segments, rows));
      sortTies(run, memory, { keys, items, rows, room, tieKeys, longest }, ties);
    }
    target.time.set(times.subarray(0, rows), base);
    run.place(items, rows, places, 0);
    for (let at = 0; at < moves.length; at++) moves[at]!(segments, rows, base);
    base += rows;
  }
}

/** The rows of the largest slot. */
function mostRows(parts: readonly StoredRows[], from: number, to: number): number {
  let most = 0;
  for (let slot = from; slot < to; slot++) {
    const rows = parts.reduce((sum, { slotStarts }) => sum + slotStarts![slot + 1]! - slotStarts![slot]!, 0);
    most = Math.max(most, rows);
  }
  return most;
}

/** For each item its row in its segment. */
function rowsOf(segments: readonly Segment[], rows: number): Uint32Array {
  const rowOf = new Uint32Array(rows);
  for (const { from, to, item } of segments) for (let row = 0; row < to - from; row++) rowOf[item + row] = row;
  return rowOf;
}

/** Writes the values of one column of a slot's rows to the result, from its row `base` on. */
type Move = (slot: readonly Segment[], rows: number, base: number) => void;

/** Room in a worker's memory for a column of a slot's rows, as they come and in order, and where each row's place in it is. */
interface SlotRoom extends SlotAddresses {
  readonly buffer: ArrayBuffer;
  /** Where the tables are by which codes become others. */
  readonly tables: ReadonlyMap<Recoding, number>;
}

/** Copies the tables by which codes become others into a worker's memory. @returns their addresses */
export function recodingTables(recodings: OrderSlotsJob["recodings"], memory: StageMemory): Map<Recoding, number> {
  const tables = recodings.flat().filter((one): one is Int32Array => typeof one !== "number");
  return new Map(tables.map((table) => [table, memory.write(table)]));
}

/** What moves the columns of slots' rows, but for their times. */
export function movesOf(
  {
    parts,
    target,
    keyBases,
    recodings,
    texts,
  }: Pick<OrderSlotsJob, "parts" | "target" | "keyBases" | "recodings" | "texts">,
  run: SortExports,
  textMoves: ReadonlyMap<OrderedTexts, TextMoves>,
  room: SlotRoom,
): Move[] {
  const moves: Move[] = [];
  const add = (
    of: (part: StoredRows) => RowArray | undefined,
    into: RowArray | undefined,
    codes?: readonly Recoding[],
  ) => {
    if (into !== undefined) moves.push(moveOf(parts.map(of), into, run, room, codes));
  };
  const column = (of: (part: StoredRows) => RowSetColumn, into: RowSetColumn, codes?: readonly Recoding[]) => {
    add((part) => of(part).values, into.values, codes);
    add((part) => of(part).valid, into.valid);
  };
  if (keyBases === undefined) add((part) => part.keyHash, target.keyHash);
  for (const name of ["subsort", "rank", "origin", "ordinal", "localKeyHash"] as const) {
    add((part) => part[name], target[name]);
  }
  for (const [at, into] of target.columns.entries()) {
    const ordered = texts.find(({ column }) => column === at);
    if (ordered === undefined) column((part) => part.columns[at]!, into, recodings[at]);
    else {
      moves.push((_, rows, base) => void numbersFrom(base, (into.values as Int32Array).subarray(base, base + rows)));
      const own = textMoves.get(ordered)!;
      moves.push((slot, rows, base) => own.move(slot, rows, base, room));
      add((part) => part.columns[at]!.valid, into.valid);
    }
  }
  if (target.key) column((part) => part.key!, target.key, keyBases);
  return moves;
}

/**
 * Without values, which only validities can be, all are 1.
 * @param codes how the codes of each part become those of the result
 */
function moveOf(
  values: readonly (RowArray | undefined)[],
  into: RowArray,
  run: SortExports,
  { buffer, tables, column, ordered, places }: SlotRoom,
  codes?: readonly Recoding[],
): Move {
  switch (into.BYTES_PER_ELEMENT) {
    case 1: {
      const whole = into as Uint8Array;
      return (slot, rows, base) => {
        const own = new Uint8Array(buffer, column, rows);
        for (let at = 0; at < slot.length; at++) {
          const { part, from, to, item } = slot[at]!;
          const some = values[part] as Uint8Array | undefined;
          if (some) own.set(some.subarray(from, to), item);
          else own.fill(1, item, item + to - from);
        }
        run.scatter1(column, places, rows, ordered);
        whole.set(new Uint8Array(buffer, ordered, rows), base);
      };
    }
    case 4: {
      const [parts, whole] = [values.map((one) => asInt32(one!)), asInt32(into)];
      return (slot, rows, base) => {
        const own = new Int32Array(buffer, column, rows);
        for (let at = 0; at < slot.length; at++) {
          const { part, from, to, item } = slot[at]!;
          const recoding = codes?.[part] ?? 0;
          own.set(parts[part]!.subarray(from, to), item);
          const [address, place, count] = [column + 4 * item, places + 4 * item, to - from];
          if (typeof recoding === "number") run.scatter4(address, place, count, ordered, recoding);
          else run.scatterCodes(address, place, count, ordered, tables.get(recoding)!, recoding.length);
        }
        whole.set(new Int32Array(buffer, ordered, rows), base);
      };
    }
    default: {
      const [parts, whole] = [values.map((one) => asInt64(one!)), asInt64(into)];
      return (slot, rows, base) => {
        const own = new BigInt64Array(buffer, column, rows);
        for (let at = 0; at < slot.length; at++) {
          const { part, from, to, item } = slot[at]!;
          own.set(parts[part]!.subarray(from, to), item);
        }
        run.scatter8(column, places, rows, ordered);
        whole.set(new BigInt64Array(buffer, ordered, rows), base);
      };
    }
  }
}

function asInt32(values: RowArray): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length);
}

function asInt64(values: RowArray): BigInt64Array {
  return new BigInt64Array(values.buffer, values.byteOffset, values.length);
}
