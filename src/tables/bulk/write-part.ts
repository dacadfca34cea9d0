import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { Data } from "apache-arrow";
import type { FenlType } from "../../values/fenl-type.ts";
import type { DictionaryIds } from "../arrow-data.ts";
import { arrowData, textColumnData } from "../arrow-data.ts";
import type { ColumnData, NamedColumn } from "../column-data.ts";
import type { RowIdentities } from "../prepare.ts";
import { describeRows } from "../prepare.ts";
import { headRows, placesOfEarliest, removePrepared } from "../prepared-head.ts";
import type { SourceTable } from "../source-table.ts";
import { subsortsOf } from "../subsort-column.ts";
import { TableError } from "../table-error.ts";
import type { PreparedHead } from "../table-snapshot.ts";
import { timesInNanoseconds } from "../time-column.ts";
import { writeNewParts } from "../write-new-file.ts";
import type { WrittenFile } from "../write-prepared.ts";
import { preparedFileBytes, preparedFileParts, writeHeadBytes } from "../write-prepared.ts";
import type { Texts } from "./decoded-column.ts";
import { fixedValues } from "./fixed-values.ts";
import { RowGrouper } from "./group-rows.ts";
import type { Piece } from "./piece.ts";
import type { PartColumn } from "./read-part.ts";
import { PartReader } from "./read-part.ts";
import type { Scratch } from "./scratch.ts";
import { copyText, sameBytes, wordsOf } from "./text-bytes.ts";
import { TextDictionary } from "./text-dictionary.ts";
import { Unfit } from "./unfit.ts";

/** What is to become a prepared file: the rows of consecutive buckets. */
export interface PartTask {
  readonly kind: "part";
  readonly pieces: readonly Piece[];
  /** How many rows of the file are before each piece. */
  readonly firstRows: readonly number[];
  readonly fromBucket: number;
  readonly toBucket: number;
  /** The bits of key hashes by which rows were divided. */
  readonly bits: number;
  readonly columns: readonly { readonly name: string; readonly type: FenlType }[];
  readonly time: number;
  readonly key: number;
  /** The column of subsorts, or null with the first one that is generated. */
  readonly subsort: number | null;
  readonly firstSubsort: bigint;
  readonly directory: string;
  readonly durable: boolean;
}

const grouper = new RowGrouper();

/** Sorts the rows of some buckets and writes them; null where there are none. @throws Unfit */
export function writePart(task: PartTask, scratch: Scratch): WrittenFile | null {
  const reader = new PartReader(task.pieces, task.fromBucket, task.toBucket, scratch);
  try {
    return reader.rows === 0 ? null : sortAndWrite(task, reader, scratch);
  } finally {
    reader.close();
  }
}

function sortAndWrite(task: PartTask, reader: PartReader, scratch: Scratch): WrittenFile {
  const { rows } = reader;
  const hashes = reader.hashes();
  const read = task.columns.map((_, index) => reader.column(index, index === task.key));
  const timeColumn = read[task.time]!;
  // Units of time are in the order of the times, which are made from the sorted units then.
  const units = unitsOf(task.columns[task.time]!.type, timeColumn);
  const time = units ?? fitting(task, timeColumn, rows, task.time, timesInNanoseconds);
  const given = task.subsort === null ? null : fitting(task, read[task.subsort]!, rows, task.subsort, subsortsOf);
  const groups: KeyGroups = { firsts: [], groupOfRow: scratch.int32("groups", rows) };
  const order = scratch.int32("order", rows);
  sortRows(task, reader, hashes, given === null ? [time] : [time, given], order, groups, scratch);
  const subsort =
    given === null
      ? gatheredSubsorts(task.firstSubsort, reader.fileRows(task.firstRows), order, scratch)
      : new BigUint64Array(gather8(given, order).buffer);
  const timeRoom = scratch.buffer("sorted time", 8 * rows);
  const sortedTime: BigInt64Array = gather8(time, order, new BigInt64Array(timeRoom, 0, rows));
  const sortedUnits: (PartColumn & { form: "fixed" }) | null = units && {
    form: "fixed",
    width: 8,
    bytes: new Uint8Array(sortedTime.buffer, 0, 8 * rows),
    valid: timeColumn.valid === null ? null : gather1(timeColumn.valid, order),
  };
  const identity = {
    keyHash: groupHashes(hashes, order, groups.firsts, scratch),
    time: sortedUnits === null ? sortedTime : fitting(task, sortedUnits, rows, task.time, timesInNanoseconds),
    subsort,
  };
  const ids: DictionaryIds = { next: 0 };
  const columns = task.columns.map(({ name, type }, index) => {
    const column = read[index]!;
    const groupsOfKey = index === task.key ? groups : null;
    const done = index === task.time && sortedUnits !== null;
    const sorted = { room: done ? timeRoom : scratch.buffer(`sorted ${index}`, 8 * rows), done, scratch };
    return { name, type, data: storedColumn(type, column, order, ids, groupsOfKey, sorted) };
  });
  const parts = preparedFileParts(identity, columns);
  const path = join(task.directory, `${randomUUID()}.arrow`);
  try {
    writeNewParts(path, parts, task.durable);
    const head = writeEarliest(task, path, identity, read, order);
    const description = describeRows(identity, given === null);
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    const checksum = parts.reduce((sum, part) => crc32(part, sum), 0);
    return { path, ...description, bytes, crc32: checksum, ...(head ? { head } : {}) };
  } catch (error) {
    removePrepared(path);
    throw error;
  }
}

/** Writes the earliest rows as the head of the prepared file. */
function writeEarliest(
  task: PartTask,
  path: string,
  identity: RowIdentities,
  read: readonly PartColumn[],
  order: Int32Array,
): PreparedHead | undefined {
  const earliest = placesOfEarliest(identity.time, headRows(order.length));
  if (earliest === null) return undefined;
  const chosen = Int32Array.from(earliest.chosen);
  const head = {
    keyHash: new BigUint64Array(gather8(identity.keyHash, chosen).buffer),
    time: gather8(identity.time, chosen),
    subsort: new BigUint64Array(gather8(identity.subsort, chosen).buffer),
  };
  const rows = gather4(order, chosen);
  const ids: DictionaryIds = { next: 0 };
  const columns = task.columns.map(({ name, type }, index) => {
    const column = read[index]!;
    const data =
      column.form === "fixed" ? storedColumn(type, column, rows, ids, null, null) : storedTexts(column, rows, ids);
    return { name, type, data };
  });
  const bytes = preparedFileBytes(head, columns);
  return writeHeadBytes(path, bytes, describeRows(head), earliest.through, task.durable);
}

/** Texts of few rows, with a dictionary of their own. */
function storedTexts(column: Exclude<PartColumn, { form: "fixed" }>, rows: Int32Array, ids: DictionaryIds): Data {
  const dictionary = new TextDictionary();
  const valid = validAt(column, rows);
  const { offsets, bytes } = column.form === "codes" ? column.dictionary : column;
  const codes = rows.map((row, index) => {
    if (valid !== undefined && valid[index] === 0) return 0;
    const text = column.form === "codes" ? column.codes[row]! : row;
    return dictionary.codeOf(bytes, offsets[text]!, offsets[text + 1]!);
  });
  return textColumnData(codes, valid, dictionary.texts(), ids);
}

/** Which rows have a value; undefined where all have. */
function validAt({ valid }: PartColumn, rows: Int32Array): Uint8Array | undefined {
  const gathered = valid === null ? undefined : gather1(valid, rows);
  return gathered?.includes(0) ? gathered : undefined;
}

/** Times or subsorts of a column, as the plain reader makes them, which also says what is wrong with one. */
function fitting<T>(
  task: PartTask,
  column: PartColumn,
  rows: number,
  index: number,
  values: (table: SourceTable, column: NamedColumn) => T,
): T {
  const { name, type } = task.columns[index]!;
  if (column.form === "texts") throw new Unfit(`column ${name} is of texts`);
  const data: ColumnData =
    column.form === "fixed"
      ? { type, values: fixedValues(type, column.width, column.bytes), valid: column.valid ?? undefined }
      : { type, values: column.codes, valid: column.valid ?? undefined, dictionary: textsOf(column.dictionary) };
  const table = { label: "", rows, columns: [], contentHash: "", subsort: 0n, warnings: [], placeOf: () => ({}) };
  try {
    return values(table, { name, ...data });
  } catch (error) {
    if (error instanceof TableError) throw new Unfit(error.message);
    throw error;
  }
}

function textsOf({ offsets, bytes }: { offsets: Int32Array; bytes: Uint8Array }): string[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: offsets.length - 1 }, (_, index) =>
    all.toString("utf8", offsets[index], offsets[index + 1]),
  );
}

/** Rows of one key each: where each group begins in the order, and which one a row belongs to. */
interface KeyGroups {
  readonly firsts: number[];
  readonly groupOfRow: Int32Array;
}

/** A time column's values, where their order is that of the times; null where times must be made first. */
function unitsOf({ kind }: FenlType, column: PartColumn): BigInt64Array | null {
  if (column.form !== "fixed" || (kind !== "i64" && !kind.startsWith("timestamp_"))) return null;
  return new BigInt64Array(column.bytes.buffer, column.bytes.byteOffset, column.bytes.length / 8);
}

/** The rows' key hashes: one for each group. */
function groupHashes(
  hashes: Uint32Array,
  order: Int32Array,
  firsts: readonly number[],
  scratch: Scratch,
): BigUint64Array {
  const halves = scratch.uint32("sorted hashes", 2 * order.length);
  for (let group = 0; group < firsts.length; group++) {
    const row = order[firsts[group]!]!;
    const low = hashes[2 * row]!;
    const high = hashes[2 * row + 1]!;
    const end = firsts[group + 1] ?? order.length;
    for (let index = firsts[group]!; index < end; index++) {
      halves[2 * index] = low;
      halves[2 * index + 1] = high;
    }
  }
  return new BigUint64Array(halves.buffer, 0, order.length);
}

function sortRows(
  task: PartTask,
  reader: PartReader,
  hashes: Uint32Array,
  keys: readonly (BigInt64Array | BigUint64Array)[],
  order: Int32Array,
  { firsts, groupOfRow }: KeyGroups,
  scratch: Scratch,
): void {
  const bytesOfKeys = keys.map((key) => new Uint8Array(key.buffer, key.byteOffset, key.byteLength));
  let at = 0;
  for (let bucket = task.fromBucket; bucket < task.toBucket; bucket++) {
    const size = task.pieces.reduce((sum, { starts }) => sum + starts[bucket + 1]! - starts[bucket]!, 0);
    if (size === 0) continue;
    const rows = scratch.int32("bucket rows", size);
    const own = keys.map((_, index) => scratch.bytes(`bucket key ${index}`, 8 * size));
    let next = 0;
    for (const [index, { starts }] of task.pieces.entries()) {
      const from = reader.bases[index]! + starts[bucket]! - starts[task.fromBucket]!;
      const count = starts[bucket + 1]! - starts[bucket]!;
      for (const [place, key] of bytesOfKeys.entries()) {
        own[place]!.set(key.subarray(8 * from, 8 * (from + count)), 8 * next);
      }
      number(rows, next, next + count, from);
      next += count;
    }
    const ownKeys = own.map(({ buffer }, index) =>
      keys[index] instanceof BigInt64Array ? new BigInt64Array(buffer, 0, size) : new BigUint64Array(buffer, 0, size),
    );
    grouper.order(rows, hashes, task.bits, ownKeys, order, at, firsts, groupOfRow);
    at += size;
  }
}

// Loops over rows are in functions of their own: a function that is long is compiled anew for each of its loops.

/** Numbers places from one to another, without the last. */
function number(rows: Int32Array, from: number, to: number, first: number): void {
  for (let at = from; at < to; at++) rows[at] = first + at - from;
}

/** Values of eight bytes at some places. */
function gather8(
  values: ArrayBufferView,
  order: Int32Array,
  result: BigInt64Array = new BigInt64Array(order.length),
): BigInt64Array {
  // In halves: integers of 64 bits are slow.
  const from = new Int32Array(values.buffer, values.byteOffset, values.byteLength / 4);
  const to = new Int32Array(result.buffer, result.byteOffset, 2 * order.length);
  for (let index = 0; index < order.length; index++) {
    const at = 2 * order[index]!;
    to[2 * index] = from[at]!;
    to[2 * index + 1] = from[at + 1]!;
  }
  return result;
}

function gather4(from: Int32Array, order: Int32Array, to = new Int32Array(order.length)): Int32Array {
  for (let index = 0; index < order.length; index++) to[index] = from[order[index]!]!;
  return to;
}

function gather1(from: Uint8Array, order: Int32Array): Uint8Array {
  const to = new Uint8Array(order.length);
  for (let index = 0; index < order.length; index++) to[index] = from[order[index]!]!;
  return to;
}

/** The rows' generated subsorts: the first of the file, and as many more as the row's place in it. */
function gatheredSubsorts(first: bigint, fileRows: Uint32Array, order: Int32Array, scratch: Scratch): BigUint64Array {
  const halves = scratch.uint32("sorted subsorts", 2 * order.length);
  const low = Number(first & 0xffffffffn);
  const high = Number(first >> 32n);
  for (let index = 0; index < order.length; index++) {
    const sum = low + fileRows[order[index]!]!;
    halves[2 * index] = sum;
    halves[2 * index + 1] = high + (sum >= 0x100000000 ? 1 : 0);
  }
  return new BigUint64Array(halves.buffer, 0, order.length);
}

/** Room for a column's values in the order, and whether they are in it already. */
interface Sorted {
  readonly room: ArrayBuffer;
  readonly done: boolean;
  readonly scratch: Scratch;
}

/** A column's values in the order. */
function storedColumn(
  type: FenlType,
  column: PartColumn,
  order: Int32Array,
  ids: DictionaryIds,
  groups: KeyGroups | null,
  sorted: Sorted | null,
): Data {
  const rows = order.length;
  const room = sorted?.room ?? new ArrayBuffer(8 * rows);
  const room4 = new Int32Array(room, 0, rows);
  const valid = validAt(column, order);
  if (column.form === "texts") {
    if (groups === null || sorted === null) throw new Error("texts without codes");
    const { codes, dictionary } = keysOf(column, order, groups, room4, sorted.scratch);
    return textColumnData(codes, valid, dictionary, ids);
  }
  if (column.form === "codes") {
    const codes = gather4(column.codes, order, room4);
    if (groups !== null) requireOneKey(type, codes, groups.firsts);
    return textColumnData(codes, valid, column.dictionary, ids);
  }
  if (column.width === 1) {
    return arrowData({ type, values: new Int32Array(gather1(column.bytes, order)), valid }, rows, ids);
  }
  if (!sorted?.done) {
    if (column.width === 8) gather8(column.bytes, order, new BigInt64Array(room, 0, rows));
    else gather4(new Int32Array(column.bytes.buffer, 0, rowsIn(column)), order, room4);
  }
  const values = fixedValues(type, column.width, new Uint8Array(room, 0, column.width * rows));
  if (groups !== null) requireOneKey(type, values, groups.firsts);
  return arrowData({ type, values, valid }, rows, ids);
}

function rowsIn({ bytes, width }: PartColumn & { form: "fixed" }): number {
  return bytes.length / width;
}

const COLLISION = "two keys have one hash";

/** Values in groups must be the same within each; zeros and NaNs of floats are. */
function requireOneKey(type: FenlType, values: ColumnData["values"], firsts: readonly number[]): void {
  const numbers =
    values instanceof BigInt64Array ? new Int32Array(values.buffer, values.byteOffset, 2 * values.length) : values;
  const each = numbers.length / values.length;
  const isFloat = type.kind === "f64" || type.kind === "f32";
  for (let group = 0; group < firsts.length; group++) {
    const first = each * firsts[group]!;
    const end = each * (firsts[group + 1] ?? values.length);
    for (let at = first + each; at < end; at++) {
      const expected = numbers[first + (at % each)]!;
      const found = numbers[at]!;
      if (found !== expected && !(isFloat && Number.isNaN(found) && Number.isNaN(expected))) throw new Unfit(COLLISION);
    }
  }
}

/** Keys in groups of equal ones: a code for each group. */
function keysOf(texts: Texts, order: Int32Array, groups: KeyGroups, codes: Int32Array, scratch: Scratch) {
  const { firsts, groupOfRow } = groups;
  const begins = scratch.int32("key begins", firsts.length).fill(-1);
  const sizes = scratch.int32("key sizes", firsts.length);
  findKeys(texts, groupOfRow, order.length, begins, sizes);
  numberGroups(codes, firsts, order.length);
  return { codes, dictionary: textsAt(texts, begins, sizes) };
}

/** Finds each group's first key in the order of the file, which the texts are in. @throws Unfit where others differ */
function findKeys(
  { offsets, bytes }: Texts,
  groupOfRow: Int32Array,
  rows: number,
  begins: Int32Array,
  sizes: Int32Array,
): void {
  const words = wordsOf(bytes);
  for (let row = 0; row < rows; row++) {
    const group = groupOfRow[row]!;
    const from = offsets[row]!;
    const size = offsets[row + 1]! - from;
    const begin = begins[group]!;
    if (begin < 0) {
      begins[group] = from;
      sizes[group] = size;
    } else if (sizes[group] !== size || !sameBytes(words, begin, words, from, size)) throw new Unfit(COLLISION);
  }
}

function numberGroups(codes: Int32Array, firsts: readonly number[], rows: number): void {
  let row = 0;
  for (let group = 0; group < firsts.length; group++) {
    const next = firsts[group + 1] ?? rows;
    while (row < next) codes[row++] = group;
  }
}

function textsAt({ bytes }: Texts, begins: Int32Array, sizes: Int32Array): Texts {
  const offsets = new Int32Array(sizes.length + 1);
  for (let index = 0; index < sizes.length; index++) offsets[index + 1] = offsets[index]! + sizes[index]!;
  const result = new Uint8Array(offsets[sizes.length]!);
  const [words, resultWords] = [wordsOf(bytes), wordsOf(result)];
  for (let index = 0; index < sizes.length; index++) {
    copyText(bytes, words, begins[index]!, result, resultWords, offsets[index]!, sizes[index]!);
  }
  return { offsets, bytes: result };
}
