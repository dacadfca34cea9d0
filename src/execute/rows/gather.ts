import type { HostValue } from "../../values/host-value.ts";
import { type Allocate, owned, type RowArray, shared } from "./allocate.ts";
import { type CopyValues, copyValues, type Recoding } from "./copy-values.ts";
import { dictionarySize, dictionaryValues, isListed } from "./dictionary.ts";
import { pick } from "./pick.ts";
import type { Dictionary, ListParts, RowSetColumn, StoredRows } from "./row-set.ts";
import { concatTexts, firstEqual, selectTexts, type TextBytes } from "./text-bytes.ts";

/** Rows in another order, or some of them; null: as they are. */
export function gatherRows(from: StoredRows, order: Uint32Array | null, allocate: Allocate = shared): StoredRows {
  if (order === null) return from;
  return mapArrays(from, order.length, (values) => pick(values, order, allocate));
}

/** Rows of the same form, with other arrays. */
export function mapArrays(from: StoredRows, rows: number, map: <T extends RowArray>(values: T) => T): StoredRows {
  const column = (one: RowSetColumn): RowSetColumn => ({
    ...one,
    values: map(one.values),
    ...(one.valid ? { valid: map(one.valid) } : {}),
  });
  return {
    rows,
    keyHash: map(from.keyHash),
    time: map(from.time),
    subsort: map(from.subsort),
    ...(from.rank ? { rank: map(from.rank) } : {}),
    ...(from.origin ? { origin: map(from.origin) } : {}),
    ...(from.ordinal ? { ordinal: map(from.ordinal) } : {}),
    ...(from.localKeyHash ? { localKeyHash: map(from.localKeyHash) } : {}),
    ...(from.key ? { key: column(from.key) } : {}),
    columns: from.columns.map(column),
  };
}

/** Rows `from` up to `to`, as views of the same memory. */
export function sliceRows(rows: StoredRows, from: number, to: number): StoredRows {
  return mapArrays(rows, to - from, (values) => values.subarray(from, to) as typeof values);
}

/** Row sets of one form, one after the other. Dictionaries are joined; equal strings get one code. */
export function concatRows(parts: readonly StoredRows[], allocate: Allocate = shared): StoredRows {
  const first = parts[0];
  if (!first) throw new Error("no row sets to join");
  if (parts.length === 1) return first;
  const join = <T extends RowArray>(of: (part: StoredRows) => T): T => concat(parts.map(of), allocate);
  const columns = (of: (part: StoredRows) => RowSetColumn) => concatColumns(parts.map(of), allocate);
  return {
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    keyHash: join((part) => part.keyHash),
    time: join((part) => part.time),
    subsort: join((part) => part.subsort),
    ...(first.rank ? { rank: join((part) => part.rank!) } : {}),
    ...(first.origin ? { origin: join((part) => part.origin!) } : {}),
    ...(first.ordinal ? { ordinal: join((part) => part.ordinal!) } : {}),
    ...(first.localKeyHash ? { localKeyHash: join((part) => part.localKeyHash!) } : {}),
    ...(first.key ? { key: columns((part) => part.key!) } : {}),
    columns: first.columns.map((_, index) => columns((part) => part.columns[index]!)),
  };
}

function concat<T extends RowArray>(
  parts: readonly T[],
  allocate: Allocate,
  copy: CopyValues = copyValues,
  codes: readonly Recoding[] = [],
): T {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = allocate(parts[0]!, length);
  let at = 0;
  for (const [index, from] of parts.entries()) {
    copy({ from, into: whole.subarray(at, at + from.length) as T, recoding: codes[index] ?? 0 });
    at += from.length;
  }
  return whole;
}

/** Columns of one form, one after the other. */
function concatColumns(
  parts: readonly RowSetColumn[],
  allocate: Allocate,
  copy: CopyValues = copyValues,
): RowSetColumn {
  const { name, type } = parts[0]!;
  const some = parts.some((part) => part.valid !== undefined);
  const valids = some ? parts.map((part) => part.valid ?? new Uint8Array(part.values.length).fill(1)) : null;
  const joint = parts[0]!.dictionary ? jointDictionary(parts, allocate, copy) : null;
  const values = parts.map((part) => part.values);
  return {
    name,
    type,
    values: concat(values, allocate, copy, joint?.codes),
    ...(valids ? { valid: concat(valids, allocate, copy) } : {}),
    ...(joint ? { dictionary: joint.dictionary } : {}),
  };
}

/** One dictionary for columns with their own. */
export interface JointDictionary {
  readonly dictionary: Dictionary;
  /** For each of the columns. */
  readonly codes: readonly Recoding[];
}

/** Texts of several dictionaries that are compared with each other, so that equal ones get one code. */
const MOST_COMPARED = 1 << 20;

/**
 * One dictionary for columns with their own, and for each of them its codes in the new one.
 * @param copy copies what nobody looks at here
 */
export function jointDictionary(
  parts: readonly RowSetColumn[],
  allocate: Allocate = owned,
  copy: CopyValues = copyValues,
): JointDictionary {
  const dictionaries = parts.map(({ dictionary }) => dictionary!);
  const full = dictionaries.filter((one) => dictionarySize(one) > 0);
  if (full.length === 1 && !isListed(full[0]!)) return { dictionary: full[0]!, codes: basesOf(dictionaries) };
  const texts = full.filter((one): one is TextBytes => !isListed(one) && one.kind === "texts");
  if (full.length > 0 && texts.length === full.length) {
    const joint = jointTexts(dictionaries, texts, allocate, copy);
    if (joint !== null) return joint;
  }
  const lists = full.filter((one): one is ListParts => !isListed(one) && one.kind === "lists");
  if (full.length > 0 && lists.length === full.length) return jointLists(dictionaries, lists, allocate, copy);
  return jointValues(dictionaries.map(dictionaryValues));
}

/** Equal strings get one code. */
function jointValues(dictionaries: readonly (readonly HostValue[])[]): JointDictionary {
  const dictionary: HostValue[] = [];
  const known = new Map<HostValue, number>();
  const codes = dictionaries.map((own) =>
    Int32Array.from(own, (value) => {
      const code = typeof value === "string" ? known.get(value) : undefined;
      if (code !== undefined) return code;
      const added = dictionary.push(value) - 1;
      if (typeof value === "string") known.set(value, added);
      return added;
    }),
  );
  return { dictionary, codes };
}

function jointTexts(
  all: readonly Dictionary[],
  texts: readonly TextBytes[],
  allocate: Allocate,
  copy: CopyValues,
): JointDictionary | null {
  const size = texts.reduce((sum, one) => sum + dictionarySize(one), 0);
  const whole = concatTexts(texts, allocate, size > MOST_COMPARED ? copy : copyValues);
  if (whole === null) return null;
  const bases = basesOf(all);
  if (size > MOST_COMPARED) return { dictionary: whole, codes: bases };
  const codes = firstEqual(whole);
  const chosen = new Int32Array(size);
  let count = 0;
  for (let code = 0; code < size; code++) {
    const first = codes[code]!;
    if (first === code) chosen[count++] = code;
    codes[code] = first === code ? count - 1 : codes[first]!;
  }
  if (count === size) return { dictionary: { ...whole, areDistinct: true }, codes: bases };
  return {
    dictionary: { ...selectTexts(whole, chosen.subarray(0, count)), areDistinct: true },
    codes: all.map((one, index) => codes.subarray(bases[index]!, bases[index]! + dictionarySize(one))),
  };
}

function jointLists(
  all: readonly Dictionary[],
  lists: readonly ListParts[],
  allocate: Allocate,
  copy: CopyValues,
): JointDictionary {
  const items = concatColumns(
    lists.map((one) => one.items),
    allocate,
    copy,
  );
  const count = lists.reduce((sum, { starts }) => sum + starts.length, 0);
  const shifted = (of: (lists: ListParts) => Int32Array): Int32Array => {
    const places = allocate(of(lists[0]!), count);
    let [at, base] = [0, 0];
    for (const one of lists) {
      const from = of(one);
      copy({ from, into: places.subarray(at, at + from.length), recoding: base });
      at += from.length;
      base += one.items.values.length;
    }
    return places;
  };
  const dictionary: ListParts = {
    kind: "lists",
    starts: shifted(({ starts }) => starts),
    ends: shifted(({ ends }) => ends),
    items,
  };
  return { dictionary, codes: basesOf(all) };
}

/** How many codes the dictionaries before each have. */
function basesOf(dictionaries: readonly Dictionary[]): number[] {
  let next = 0;
  return dictionaries.map((one) => {
    const base = next;
    next += dictionarySize(one);
    return base;
  });
}
