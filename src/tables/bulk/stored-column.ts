import type { FenlType } from "../../values/fenl-type.ts";
import type { ColumnData } from "../column-data.ts";
import type { DictionaryIds } from "../prepared/arrow-data.ts";
import { arrowData, bitData, textColumnData } from "../prepared/arrow-data.ts";
import type { ArrowData } from "../prepared/arrow-file.ts";
import type { StoredColumn } from "../prepared/write-prepared.ts";
import type { TableColumn } from "../table-snapshot.ts";
import type { ChosenRows } from "./chosen-rows.ts";
import type { Texts } from "./decoded-column.ts";
import { fixedValues } from "./fixed-values.ts";
import type { RowOrder } from "./group-rows.ts";
import { inSteps } from "./kernels.ts";
import type { PartColumn } from "./read-part.ts";
import type { Scratch } from "./scratch.ts";
import { TextDictionary } from "./text-dictionary.ts";
import { Unfit } from "./unfit.ts";

const COLLISION = "two keys have one hash";

/** The columns of a file, without the one that is not stored. */
export function storedColumns(
  columns: readonly TableColumn[],
  derived: TableColumn | null,
  store: (column: TableColumn, index: number) => StoredColumn,
): StoredColumn[] {
  return columns.flatMap((column, index) => (column === derived ? [] : [store(column, index)]));
}

/** A column of anything but texts that have no codes. */
export type CodedOrFixed = Extract<PartColumn, { form: "codes" | "fixed" }>;

/** A column of texts that have no codes. */
export type WholeTexts = Extract<PartColumn, { form: "texts" | "even" }>;

export function isWholeTexts(column: PartColumn): column is WholeTexts {
  return column.form === "texts" || column.form === "even";
}

/** A column's values in an order of rows as Arrow data; of texts there are codes. */
export function storedColumn(
  type: FenlType,
  column: CodedOrFixed,
  rows: ChosenRows,
  ids: DictionaryIds,
  name: string,
): ArrowData {
  const valid = rows.valid(column.valid, name);
  if (column.form === "codes") {
    return textColumnData(rows.int32(column.codes, name), valid, column.dictionary, ids);
  }
  if (column.width === 1) return bitData(rows.bits(column.bytes, name), valid, rows.count);
  const values = fixedValues(type, column.width, rows.bytes(column.bytes, column.width, name));
  return arrowData({ type, values, valid }, rows.count, ids);
}

/** Texts of few rows as Arrow data, with a dictionary of their own. */
export function storedTexts(
  column: Extract<PartColumn, { form: "codes" }>,
  rows: ChosenRows,
  ids: DictionaryIds,
  name: string,
): ArrowData {
  const dictionary = new TextDictionary();
  const valid = rows.valid(column.valid, name);
  const { offsets, bytes } = column.dictionary;
  const codes = Int32Array.from(rows.order, (row, index) => {
    if (valid !== undefined && valid[index] === 0) return 0;
    const text = column.codes[row]!;
    return dictionary.codeOf(bytes, offsets[text]!, offsets[text + 1]!);
  });
  return textColumnData(codes, valid, dictionary.texts(), ids);
}

/** Rows in groups of one key each. */
export interface RowsOfKeys {
  readonly sorted: ChosenRows;
  readonly groups: RowOrder;
  /** The first row of each group, where its key is stored once. */
  readonly firsts: ChosenRows | null;
}

/** Keys that are texts as Arrow data. */
export function storedKeyTexts({ codes, dictionary }: KeyTexts, ids: DictionaryIds): ArrowData {
  return textColumnData(codes, undefined, dictionary, ids);
}

/** The entity keys as Arrow data, of each group or of each row. @throws Unfit where a group of rows has two */
export function storedKeys(
  type: FenlType,
  column: CodedOrFixed,
  { sorted, groups, firsts }: RowsOfKeys,
  ids: DictionaryIds,
): ArrowData {
  const rows = firsts ?? sorted;
  if (column.form === "codes") {
    requireOneKey(type, sorted.int32(column.codes, "keys"), groups.firsts);
    return textColumnData(rows.int32(column.codes, "key of each"), undefined, column.dictionary, ids);
  }
  const { bytes, width } = column;
  requireOneKey(type, fixedValues(type, width, sorted.bytes(bytes, width, "keys")), groups.firsts);
  const values = fixedValues(type, width, rows.bytes(bytes, width, "key of each"));
  return arrowData({ type, values }, rows.count, ids);
}

/** Values in groups must be the same within each; zeros and NaNs of floats are. */
function requireOneKey(type: FenlType, values: ColumnData["values"], firsts: Int32Array): void {
  const numbers =
    values instanceof BigInt64Array ? new Int32Array(values.buffer, values.byteOffset, 2 * values.length) : values;
  const each = numbers.length / values.length;
  const isFloat = type.kind === "f64" || type.kind === "f32";
  for (let group = 0; group + 1 < firsts.length; group++) {
    const first = each * firsts[group]!;
    const end = each * firsts[group + 1]!;
    for (let at = first + each; at < end; at++) {
      const expected = numbers[first + (at % each)]!;
      const found = numbers[at]!;
      if (found !== expected && !(isFloat && Number.isNaN(found) && Number.isNaN(expected))) throw new Unfit(COLLISION);
    }
  }
}

/** Texts that have the codes from 0 on, in turn. */
export interface KeyTexts {
  readonly codes: Int32Array;
  readonly dictionary: Texts;
}

/** The text keys of rows in groups of equal ones, one for each group. @throws Unfit where a group of rows has two */
export function keyTexts(column: WholeTexts, { firsts, groupOfRow }: RowOrder, scratch: Scratch): KeyTexts {
  const { bytes } = column;
  const { run } = scratch;
  const groups = firsts.length - 1;
  const begins = scratch.int32("key begins", groups).fill(-1);
  const sizes = scratch.int32("key sizes", groups);
  if (column.form === "even") sizes.fill(column.width);
  inSteps(groupOfRow.length, (from, count) => {
    const group = groupOfRow.byteOffset + 4 * from;
    const [all, first] = [bytes.byteOffset, begins.byteOffset];
    const areSame =
      column.form === "even"
        ? run.findEvenKeys(column.width * from, count, all, column.width, group, first)
        : run.findKeys(column.offsets.byteOffset + 4 * from, count, all, group, first, sizes.byteOffset);
    if (areSame === 0) throw new Unfit(COLLISION);
  });
  return copiedTexts(bytes, begins, sizes, scratch, "key");
}

/** The texts of some of the keys. */
export function chosenKeyTexts({ dictionary }: KeyTexts, codes: Int32Array, scratch: Scratch): KeyTexts {
  const { offsets, bytes } = dictionary;
  const begins = scratch.int32("chosen key begins", codes.length);
  const sizes = scratch.int32("chosen key sizes", codes.length);
  inSteps(codes.length, (from, count) => {
    const [begin, size] = [begins.byteOffset + 4 * from, sizes.byteOffset + 4 * from];
    scratch.run.findTexts(codes.byteOffset + 4 * from, count, offsets.byteOffset, begin, size);
  });
  return copiedTexts(bytes, begins, sizes, scratch, "chosen key");
}

/** Texts that begin somewhere among some bytes, one after the other. */
function copiedTexts(
  bytes: Uint8Array,
  begins: Int32Array,
  sizes: Int32Array,
  scratch: Scratch,
  name: string,
): KeyTexts {
  const { run } = scratch;
  const codes = scratch.int32(`${name} codes`, begins.length);
  const offsets = scratch.int32(`${name} offsets`, begins.length + 1);
  offsets[0] = 0;
  let end = 0;
  inSteps(begins.length, (from, count) => {
    run.number(codes.byteOffset + 4 * from, count, from);
    end = run.addUp(sizes.byteOffset + 4 * from, count, end, offsets.byteOffset + 4 * from + 4);
  });
  const texts = scratch.bytes(`${name} texts`, end);
  inSteps(begins.length, (from, count) => {
    const [begin, at] = [begins.byteOffset + 4 * from, offsets.byteOffset + 4 * from];
    run.copyTexts(bytes.byteOffset, begin, at, count, texts.byteOffset);
  });
  return { codes, dictionary: { offsets, bytes: texts } };
}
