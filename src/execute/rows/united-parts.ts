import { type Allocate, sharedForGood } from "./allocate.ts";
import { LaterCopies, type Recoding, recodeInto, type ValuesCopy } from "./copy-values.ts";
import { jointDictionary, mapArrays } from "./gather.ts";
import type { RowSetColumn } from "./row-set.ts";
import type { OrderedTexts, StoredRows } from "./stage-job.ts";
import { MOST_TEXT_BYTES, type TextBytes } from "./text-bytes.ts";

/** Parts of one form whose rows are to be written to one place in another order. */
export interface UnitedParts {
  /** The parts without dictionaries. */
  readonly parts: readonly StoredRows[];
  /** For each column how each part's codes become those of the joint dictionary, where that is still to be done. */
  readonly recodings: readonly (readonly Recoding[])[];
  /** Columns whose texts are in the order of rows, and are still to be brought into that of all rows. */
  readonly texts: readonly OrderedTexts[];
  /** What threads have still to copy for the joint dictionaries, divided among some. */
  copies(threads: number): readonly (readonly ValuesCopy[])[];
  /** Room for all rows, to be filled. */
  readonly target: StoredRows;
  /** The target with the joint dictionaries. */
  whole(): StoredRows;
}

/**
 * Unites parts, whose codes become those of joint dictionaries where they are.
 * @param rows how many rows there is to be room for
 * @param recode whether the codes are changed here; otherwise those of columns are still to be, and some copies to be made
 */
export function uniteParts(all: readonly StoredRows[], rows: number, allocate: Allocate, recode = true): UnitedParts {
  const later = recode ? null : new LaterCopies();
  const texts = recode ? [] : orderedTexts(all, rows, allocate);
  const { parts, dictionaries, keys, recodings } = uniteDictionaries(all, later, texts);
  const target = emptyTarget(parts, rows, allocate);
  const whole = () => ({
    ...target,
    columns: target.columns.map((column, index) => withDictionary(column, dictionaries[index])),
    ...(target.key ? { key: withDictionary(target.key, keys) } : {}),
    ...(texts.length > 0 ? { rowTexts: texts.map(({ column }) => column) } : {}),
  });
  return { parts, recodings, texts, copies: (threads) => later?.shares(threads) ?? [], target, whole };
}

/** The columns whose texts are in the order of rows in all parts, with room for them in the order of all rows. */
function orderedTexts(all: readonly StoredRows[], rows: number, allocate: Allocate): OrderedTexts[] {
  const common = (all[0]!.rowTexts ?? []).filter((column) => all.every(({ rowTexts }) => rowTexts?.includes(column)));
  return common.flatMap((column) => {
    const parts = all.map(({ columns }) => columns[column]!.dictionary as TextBytes);
    const size = parts.reduce((sum, { offsets }) => sum + offsets.at(-1)!, 0);
    if (size > MOST_TEXT_BYTES) return [];
    const offsets = allocate(new Int32Array(0), rows + 1);
    offsets[rows] = size;
    const bytes = allocate(new Uint8Array(0), size);
    return [{ column, parts, into: { kind: "texts", offsets, bytes, areDistinct: false } }];
  });
}

/** Room for all rows of some parts. */
function emptyTarget(parts: readonly StoredRows[], rows: number, allocate: Allocate): StoredRows {
  // Where keys are numbers, hashes are of no rows.
  const all = parts[0]!.rows;
  const target = mapArrays(parts[0]!, rows, (values) => allocate(values, values.length === all ? rows : 0));
  const validity = (column: RowSetColumn, of: (part: StoredRows) => RowSetColumn): RowSetColumn => {
    // Where the first part has some, there is room for it already.
    if (column.valid !== undefined || parts.every((part) => of(part).valid === undefined)) return column;
    return { ...column, valid: allocate(new Uint8Array(0), rows) };
  };
  return {
    ...target,
    columns: target.columns.map((column, index) => validity(column, (part) => part.columns[index]!)),
    ...(target.key ? { key: validity(target.key, (part) => part.key!) } : {}),
  };
}

type Joint = RowSetColumn["dictionary"];

/** The parts' columns with codes of joint dictionaries, which stay here: they would be copied for each thread. */
function uniteDictionaries(
  parts: readonly StoredRows[],
  later: LaterCopies | null,
  texts: readonly OrderedTexts[],
): {
  parts: StoredRows[];
  dictionaries: Joint[];
  keys: Joint;
  recodings: (readonly Recoding[])[];
} {
  const unite = (
    columns: readonly RowSetColumn[],
    copies: LaterCopies | null,
  ): { columns: RowSetColumn[]; dictionary: Joint; codes: readonly Recoding[] } => {
    if (!columns[0]!.dictionary) return { columns: [...columns], dictionary: undefined, codes: [] };
    const { dictionary, codes } = jointDictionary(columns, sharedForGood, copies?.add);
    const bare = columns.map(({ dictionary: _own, ...column }, index) => {
      const values = column.values as Int32Array;
      const recoding = codes[index]!;
      if (copies === null && recoding !== 0) recodeInto(values, recoding, values);
      return column;
    });
    // A part of a larger table is not sent alone.
    return {
      columns: bare,
      dictionary,
      codes: copies === null ? [] : codes.map((one) => (one instanceof Int32Array ? one.slice() : one)),
    };
  };
  const united = parts[0]!.columns.map((_, index) => {
    const columns = parts.map((part) => part.columns[index]!);
    const ordered = texts.find(({ column }) => column === index);
    if (ordered === undefined) return unite(columns, later);
    return { columns: columns.map(({ dictionary: _own, ...column }) => column), dictionary: ordered.into, codes: [] };
  });
  const keys = parts[0]!.key
    ? unite(
        parts.map((part) => part.key!),
        null,
      )
    : undefined;
  return {
    parts: parts.map((part, at) => ({
      ...part,
      columns: united.map(({ columns }) => columns[at]!),
      ...(keys ? { key: keys.columns[at]! } : {}),
    })),
    dictionaries: united.map(({ dictionary }) => dictionary),
    keys: keys?.dictionary,
    recodings: united.map(({ codes }) => codes),
  };
}

function withDictionary(column: RowSetColumn, dictionary: Joint): RowSetColumn {
  return dictionary ? { ...column, dictionary } : column;
}
