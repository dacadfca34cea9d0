import { renameSync } from "node:fs";
import { discard } from "../discard.ts";
import { gather } from "../gather.ts";
import type { PreparedFile } from "../table-snapshot.ts";
import type { PreparedRows } from "./prepare.ts";
import { forgetWritten, rememberMoved } from "./written-here.ts";

/** Files of fewer rows are read as a whole. */
const ROWS_WORTH_A_HEAD = 1 << 16;
/** One row in so many is in the head, about. */
const ROWS_PER_HEAD_ROW = 64;
const SAMPLES = 1 << 13;
/** Steps of that part of a circle come to ever new places on it, far from the ones before. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** How many rows the head of a file of so many should have; 0: it needs none. */
export function headRows(rows: number): number {
  return rows < ROWS_WORTH_A_HEAD ? 0 : Math.ceil(rows / ROWS_PER_HEAD_ROW);
}

/** Where the head of a prepared file is. */
export function headPath(path: string): string {
  return path.replace(/(\.arrow)?$/, ".head.arrow");
}

/** The head of a file as a prepared file. */
export function headFile(file: PreparedFile): PreparedFile | null {
  if (file.head === undefined) return null;
  const { bytes: _bytes, through: _through, ...head } = file.head;
  return { path: headPath(file.path), ...head };
}

/** Moves a prepared file, with its head where it has one. */
export function movePrepared(from: string, to: string, withHead: boolean): void {
  if (withHead) renameSync(headPath(from), headPath(to));
  renameSync(from, to);
  rememberMoved(from, to);
}

/** Removes a prepared file and its head, as far as they are there and can be removed. */
export function removePrepared(path: string): void {
  forgetWritten(path);
  discard(path);
  discard(headPath(path));
}

/**
 * About `wanted` of the earliest rows, all up to a time, in the same order; null where a head would save nothing: the
 * rows are few, or too many of them share their earliest times.
 */
export function earliestRows(
  rows: PreparedRows,
  wanted: number,
): { readonly rows: PreparedRows; readonly through: bigint } | null {
  const earliest = placesOfEarliest(rows.time, wanted);
  if (earliest === null) return null;
  const { chosen, through } = earliest;
  const pick = <T extends BigInt64Array | BigUint64Array>(values: T): T =>
    (values.constructor as unknown as { from(chosen: Uint32Array, of: (row: number) => bigint): T }).from(
      chosen,
      (row) => values[row]!,
    );
  const head = {
    key: rows.key,
    keyHash: pick(rows.keyHash),
    time: pick(rows.time),
    subsort: pick(rows.subsort),
    columns: rows.columns.map((column) => ({ name: column.name, ...gather(column, chosen) })),
  };
  return { rows: head, through };
}

/** How times are looked at: as numbers, of rows that are a step apart and go round, and the rows up to one, inclusive. */
export interface TimesAccess {
  numbers(time: BigInt64Array, count: number, step: number): Float64Array;
  upTo(time: BigInt64Array, last: bigint): Uint32Array;
}

/** The places of the rows that `earliestRows` takes. */
export function placesOfEarliest(
  time: BigInt64Array,
  wanted: number,
  access: TimesAccess = { numbers: numbersOf, upTo: rowsUpTo },
): { readonly chosen: Uint32Array; readonly through: bigint } | null {
  const all = time.length;
  if (wanted === 0 || all === 0) return null;
  const through = quantile(time, wanted / all, access);
  const chosen = access.upTo(time, through);
  return chosen.length > all / 4 ? null : { chosen, through };
}

/** A time that about so large a part of the times does not exceed. */
function quantile(time: BigInt64Array, part: number, access: TimesAccess): bigint {
  const few = time.length <= SAMPLES;
  const count = few ? time.length : SAMPLES;
  // Rows far from each other in no regular distance: entities may have equally many rows.
  const step = few ? 1 : Math.floor(time.length * GOLDEN) | 1;
  // Times as numbers are sorted faster, and those that are not told apart may as well change places.
  const samples = access.numbers(time, count, step);
  const found = samples.toSorted()[Math.min(count - 1, Math.floor(part * count))]!;
  return time[(samples.indexOf(found) * step) % time.length]!;
}

/** Times of rows as numbers; one row is `step` rows after the one before, and the first after the last. */
function numbersOf(time: BigInt64Array, count: number, step: number): Float64Array {
  const halves = new Int32Array(time.buffer, time.byteOffset, 2 * time.length);
  const numbers = new Float64Array(count);
  for (let index = 0, row = 0; index < count; index++) {
    numbers[index] = halves[2 * row + 1]! * 2 ** 32 + (halves[2 * row]! >>> 0);
    row = (row + step) % time.length;
  }
  return numbers;
}

/** The rows up to a time, inclusive; times are compared by their halves. */
function rowsUpTo(time: BigInt64Array, last: bigint): Uint32Array {
  const halves = new Int32Array(time.buffer, time.byteOffset, 2 * time.length);
  const high = Number(last >> 32n);
  const low = Number(last & 0xffffffffn);
  const chosen = new Uint32Array(time.length);
  let count = 0;
  for (let row = 0; row < time.length; row++) {
    const own = halves[2 * row + 1]!;
    if (own < high || (own === high && halves[2 * row]! >>> 0 <= low)) chosen[count++] = row;
  }
  return chosen.subarray(0, count);
}
