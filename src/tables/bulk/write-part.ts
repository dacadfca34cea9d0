import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { WasmMemory } from "../../values/web-assembly.ts";
import type { ColumnData, NamedColumn } from "../column-data.ts";
import type { DictionaryIds } from "../prepared/arrow-data.ts";
import { nanosecondsOf } from "../prepared/derived-time.ts";
import type { EntityIndex } from "../prepared/entity-index.ts";
import { describeRows } from "../prepared/prepare.ts";
import { removePrepared } from "../prepared/prepared-head.ts";
import { isStoredByEntity, type StoredIdentity } from "../prepared/stored-identity.ts";
import { subsortsOf } from "../prepared/subsort-column.ts";
import type { WrittenFile } from "../prepared/write-prepared.ts";
import { checksumOf, preparedFileParts } from "../prepared/write-prepared.ts";
import type { SourceTable } from "../read/source-table.ts";
import { timesInNanoseconds } from "../read/time-column.ts";
import { TableError } from "../table-error.ts";
import type { TableColumn } from "../table-snapshot.ts";
import { writeNewParts } from "../write-new-file.ts";
import { ChosenRows, extremesOf } from "./chosen-rows.ts";
import { fixedValues } from "./fixed-values.ts";
import type { RowKeys } from "./group-rows.ts";
import { RowOrder } from "./group-rows.ts";
import { inSteps } from "./kernels.ts";
import type { Piece } from "./piece.ts";
import type { PartColumn } from "./read-part.ts";
import { PartReader } from "./read-part.ts";
import type { Scratch } from "./scratch.ts";
import { isWholeTexts, keyTexts, storedColumn, storedColumns, storedKeys, storedKeyTexts } from "./stored-column.ts";
import { Unfit } from "./unfit.ts";
import { writeEarliest } from "./write-head.ts";

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
  readonly columns: readonly TableColumn[];
  readonly time: number;
  readonly key: number;
  /** The column of subsorts, or null with the first one that is generated. */
  readonly subsort: number | null;
  readonly firstSubsort: bigint;
  readonly directory: string;
  readonly durable: boolean;
}

/** Sorts the rows of some buckets and writes them; null where there are none. @throws Unfit */
export function writePart(
  task: PartTask,
  memories: ReadonlyMap<string, WasmMemory>,
  scratch: Scratch,
): WrittenFile | null {
  const reader = new PartReader(task.pieces, memories, task.fromBucket, task.toBucket, scratch);
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
  const times = timesOf(task, read[task.time]!, rows, scratch);
  const given =
    task.subsort === null
      ? null
      : scratch.own("given subsorts", fitting(task, read[task.subsort]!, rows, task.subsort, subsortsOf));
  const groups = sortRows(task, reader, { hashes, times, subsorts: given }, scratch);
  const sorted = new ChosenRows(groups.order, scratch, "sorted");
  const first = new ChosenRows(groups.firsts.subarray(0, -1), scratch, "first").int32(groups.order, "row");
  const firsts = new ChosenRows(first, scratch, "entity");
  const identity: StoredIdentity = {
    entities: entitiesOfGroups(hashes, groups, firsts),
    time: sorted.int64(times, "time"),
    subsorts:
      given === null
        ? { first: task.firstSubsort, values: sorted.uint32(reader.fileRows(task.firstRows), "subsort") }
        : { first: null, values: sorted.uint64(given, "subsort") },
  };
  const ids: DictionaryIds = { next: 0 };
  const derived = derivedTime(task, read);
  const key = read[task.key]!;
  const keys = isWholeTexts(key) ? keyTexts(key, groups, scratch) : null;
  const columns = storedColumns(task.columns, derived, ({ name, type }, index) => {
    if (index === task.key) {
      const byEntity = isStoredByEntity(type);
      if (isWholeTexts(key)) return { name, type, byEntity, data: storedKeyTexts(keys!, ids) };
      const rows = { sorted, groups, firsts: byEntity ? firsts : null };
      return { name, type, byEntity, data: storedKeys(type, key, rows, ids) };
    }
    const column = read[index]!;
    if (isWholeTexts(column)) throw new Error("texts without codes");
    return { name, type, data: storedColumn(type, column, sorted, ids, `column ${index}`) };
  });
  const parts = preparedFileParts(identity, columns, derived);
  const path = join(task.directory, `${randomUUID()}.arrow`);
  try {
    writeNewParts(path, parts, task.durable);
    const distinct = given === null;
    const of = { path, columns: task.columns, key: task.key, derived, read, identity, groups, firsts: first, keys };
    const head = writeEarliest({ ...of, distinct, durable: task.durable }, scratch);
    const description = describeRows(identity, distinct, extremesOf(identity.time, scratch));
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    return { path, ...description, bytes, ...checksumOf(parts, task.durable), ...(head ? { head } : {}) };
  } catch (error) {
    removePrepared(path);
    throw error;
  }
}

/** The time column, where its values are those of the rows' times in a unit; the key's is needed for itself. */
function derivedTime(task: PartTask, read: readonly PartColumn[]): TableColumn | null {
  const { form, valid } = read[task.time]!;
  const column = task.columns[task.time]!;
  const isTold = form === "fixed" && valid === null && nanosecondsOf(column.type) !== undefined;
  return isTold && task.time !== task.key ? column : null;
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
  if (isWholeTexts(column)) throw new Unfit(`column ${name} is of texts`);
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

const MOST = 2n ** 63n - 1n;

/** The rows' times in nanoseconds, in memory of `scratch`. @throws Unfit where a row has none */
function timesOf(task: PartTask, column: PartColumn, rows: number, scratch: Scratch): BigInt64Array {
  const by = nanosecondsOf(task.columns[task.time]!.type);
  if (column.form === "fixed" && column.valid === null && by !== undefined) {
    const { buffer, byteOffset } = column.bytes;
    if (by === 1n) return new BigInt64Array(buffer, byteOffset, rows);
    const times = scratch.bigInt64("times", rows);
    let fits = true;
    inSteps(rows, (from, count) => {
      const [at, to] = [byteOffset + 8 * from, times.byteOffset + 8 * from];
      fits &&= scratch.run.scale(at, count, by, -MOST / by, MOST / by, to) !== 0;
    });
    if (fits) return times;
  }
  return scratch.own("times", fitting(task, column, rows, task.time, timesInNanoseconds));
}

/** The groups of one hash each as entities. */
function entitiesOfGroups(hashes: Uint32Array, { firsts }: RowOrder, rows: ChosenRows): EntityIndex {
  const whole = new BigUint64Array(hashes.buffer, hashes.byteOffset, hashes.length / 2);
  return {
    hashes: rows.uint64(whole, "hash"),
    ends: new Uint32Array(firsts.buffer, firsts.byteOffset + 4, firsts.length - 1),
  };
}

function sortRows(task: PartTask, reader: PartReader, keys: RowKeys, scratch: Scratch): RowOrder {
  const order = new RowOrder(reader.rows, keys, task.bits, scratch);
  for (let bucket = task.fromBucket; bucket < task.toBucket; bucket++) {
    order.add(
      task.pieces.map(({ starts }, index) => ({
        first: reader.bases[index]! + starts[bucket]! - starts[task.fromBucket]!,
        count: starts[bucket + 1]! - starts[bucket]!,
      })),
    );
  }
  return order;
}
