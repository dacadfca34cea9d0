import { countMemory, type RowArray } from "../rows/allocate.ts";
import { mapArrays, recodeInto, sliceRows } from "../rows/gather.ts";
import { PartItems } from "../rows/part-items.ts";
import type { RowSetColumn } from "../rows/row-set.ts";
import type { OrderSlotsJob, StoredRows } from "../rows/stage-job.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { areInOrder, TiedItems } from "./tied-items.ts";
import { ENDS_BYTES, sortExports, sortTies } from "./time-sort.ts";

/** The rows of one part in a slot: from row `from` up to `to`, of which the first is item `item`. */
interface Segment {
  readonly part: number;
  readonly from: number;
  readonly to: number;
  readonly item: number;
}

/**
 * Puts the result's rows in order, slot after slot. A slot has so few rows that their columns, one at a time, stay in the
 * processor's cache.
 */
export function orderSlots(job: OrderSlotsJob, memory: StageMemory): void {
  const { parts, target, from, to, sorter, isNew } = job;
  if (isNew) {
    mapArrays(target, target.rows, (values) => {
      countMemory(values.buffer);
      return values;
    });
  }
  recodeShare(job);
  memory.start(0);
  const most = mostRows(parts, from, to);
  const [keys, items, places] = [memory.allocate(8 * most), memory.allocate(4 * most), memory.allocate(4 * most)];
  const room = [memory.allocate(8 * most), memory.allocate(4 * most), memory.allocate(ENDS_BYTES)] as const;
  const tieKeys = memory.allocate(8 * most);
  const run = sortExports(sorter, memory);
  const moves = movesOf(parts, target, job.keyBases);
  const { buffer } = memory.memory;
  const times = new BigInt64Array(buffer, keys, most);
  const placeOf = new Uint32Array(buffer, places, most);
  let base = job.before;
  for (let slot = from; slot < to; slot++) {
    const segments: Segment[] = [];
    let rows = 0;
    for (const [part, { time, slotStarts }] of parts.entries()) {
      const [first, end] = [slotStarts![slot]!, slotStarts![slot + 1]!];
      if (first === end) continue;
      times.set(time.subarray(first, end), rows);
      segments.push({ part, from: first, to: end, item: rows });
      rows += end - first;
    }
    if (rows === 0) continue;
    run.number(items, rows);
    run.sort(keys, items, ...room, rows);
    const longest = run.longest(keys, rows);
    if (longest > 1) {
      const tied = segments.map((segment) => sliceRows(parts[segment.part]!, segment.from, segment.to));
      if (!areInOrder(tied)) {
        const own = new PartItems(tied, [...segments.map(({ item }) => item), rows]);
        const ties = new TiedItems(tied, own, rowsOf(segments, rows));
        sortTies(run, memory, { keys, items, rows, room, tieKeys, longest }, ties);
      }
    }
    target.time.set(times.subarray(0, rows), base);
    run.place(items, rows, places, base);
    for (const move of moves) for (const segment of segments) move(segment, placeOf);
    base += rows;
  }
}

/** Makes the codes of the job's slots those of joint dictionaries, where they are. */
function recodeShare({ parts, recodings, from, to }: OrderSlotsJob): void {
  for (const [index, codes] of recodings.entries()) {
    for (const [part, recoding] of codes.entries()) {
      if (recoding === 0) continue;
      const { slotStarts, columns } = parts[part]!;
      const own = (columns[index]!.values as Int32Array).subarray(slotStarts![from]!, slotStarts![to]!);
      recodeInto(own, recoding, own);
    }
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

/** Writes a segment's values of one column to their places. */
type Move = (segment: Segment, places: Uint32Array) => void;

function movesOf(parts: readonly StoredRows[], target: StoredRows, keyBases?: readonly number[]): Move[] {
  const moves: Move[] = [];
  const add = (of: (part: StoredRows) => RowArray | undefined, into: RowArray | undefined) => {
    if (into !== undefined) moves.push(moveOf(parts.map(of), into));
  };
  const column = (of: (part: StoredRows) => RowSetColumn, into: RowSetColumn) => {
    add((part) => of(part).values, into.values);
    add((part) => of(part).valid, into.valid);
  };
  for (const name of ["keyHash", "subsort", "rank", "origin", "ordinal", "localKeyHash"] as const) {
    add((part) => part[name], target[name]);
  }
  for (const [at, into] of target.columns.entries()) column((part) => part.columns[at]!, into);
  if (target.key && keyBases) {
    const [own, whole] = [parts.map((part) => asInt32(part.key!.values)), asInt32(target.key.values)];
    moves.push(({ part, from, to, item }, places) =>
      moveNumbers(own[part]!, keyBases[part]!, from, to, whole, places, item),
    );
  } else if (target.key) column((part) => part.key!, target.key);
  return moves;
}

/** Without values, which only validities can be, all are 1. */
function moveOf(values: readonly (RowArray | undefined)[], into: RowArray): Move {
  switch (into.BYTES_PER_ELEMENT) {
    case 1:
      return ({ part, from, to, item }, places) => {
        const own = values[part] as Uint8Array | undefined;
        if (own) moveOne(own, from, to, into as Uint8Array, places, item);
        else for (let at = item; at < item + to - from; at++) into[places[at]!] = 1;
      };
    case 4: {
      const [own, whole] = [values.map((one) => asInt32(one!)), asInt32(into)];
      return ({ part, from, to, item }, places) => moveFour(own[part]!, from, to, whole, places, item);
    }
    default: {
      const [own, whole] = [values.map((one) => asInt64(one!)), asInt64(into)];
      return ({ part, from, to, item }, places) => moveEight(own[part]!, from, to, whole, places, item);
    }
  }
}

function asInt32(values: RowArray): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length);
}

function asInt64(values: RowArray): BigInt64Array {
  return new BigInt64Array(values.buffer, values.byteOffset, values.length);
}

// One loop for each width, so that each is compiled for one kind of array.
function moveOne(
  values: Uint8Array,
  from: number,
  to: number,
  into: Uint8Array,
  places: Uint32Array,
  item: number,
): void {
  for (let row = from; row < to; row++) into[places[item++]!] = values[row]!;
}

function moveFour(
  values: Int32Array,
  from: number,
  to: number,
  into: Int32Array,
  places: Uint32Array,
  item: number,
): void {
  for (let row = from; row < to; row++) into[places[item++]!] = values[row]!;
}

function moveNumbers(
  values: Int32Array,
  base: number,
  from: number,
  to: number,
  into: Int32Array,
  places: Uint32Array,
  item: number,
): void {
  for (let row = from; row < to; row++) into[places[item++]!] = values[row]! + base;
}

function moveEight(
  values: BigInt64Array,
  from: number,
  to: number,
  into: BigInt64Array,
  places: Uint32Array,
  item: number,
): void {
  for (let row = from; row < to; row++) into[places[item++]!] = values[row]!;
}
