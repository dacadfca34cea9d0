import { type Allocate, sharedForGood } from "./allocate.ts";
import { jointDictionary, mapArrays, recodeInto } from "./gather.ts";
import type { RowSetColumn } from "./row-set.ts";
import type { StoredRows } from "./stage-job.ts";

/** Parts of one form whose rows are to be written to one place in another order. */
export interface UnitedParts {
  /** The parts with codes of joint dictionaries, without these. */
  readonly parts: readonly StoredRows[];
  /** Room for all rows, to be filled. */
  readonly target: StoredRows;
  /** The target with the joint dictionaries. */
  whole(): StoredRows;
}

/** Unites parts, whose codes are changed where they are; `rows`: how many rows there is to be room for. */
export function uniteParts(all: readonly StoredRows[], rows: number, allocate: Allocate): UnitedParts {
  const { parts, dictionaries, keys } = uniteDictionaries(all);
  const target = emptyTarget(parts, rows, allocate);
  const whole = () => ({
    ...target,
    columns: target.columns.map((column, index) => withDictionary(column, dictionaries[index])),
    ...(target.key ? { key: withDictionary(target.key, keys) } : {}),
  });
  return { parts, target, whole };
}

/** Room for all rows of some parts. */
function emptyTarget(parts: readonly StoredRows[], rows: number, allocate: Allocate): StoredRows {
  const target = mapArrays(parts[0]!, rows, (values) => allocate(values, rows));
  const validity = (column: RowSetColumn, of: (part: StoredRows) => RowSetColumn): RowSetColumn => {
    const { valid: _of, ...rest } = column;
    const some = parts.some((part) => of(part).valid !== undefined);
    return some ? { ...rest, valid: allocate(new Uint8Array(0), rows) } : rest;
  };
  return {
    ...target,
    columns: target.columns.map((column, index) => validity(column, (part) => part.columns[index]!)),
    ...(target.key ? { key: validity(target.key, (part) => part.key!) } : {}),
  };
}

type Joint = RowSetColumn["dictionary"];

/** The parts' columns with codes of joint dictionaries, which stay here: they would be copied for each thread. */
function uniteDictionaries(parts: readonly StoredRows[]): {
  parts: StoredRows[];
  dictionaries: Joint[];
  keys: Joint;
} {
  const unite = (columns: readonly RowSetColumn[]): { columns: RowSetColumn[]; dictionary: Joint } => {
    if (!columns[0]!.dictionary) return { columns: [...columns], dictionary: undefined };
    const { dictionary, codes } = jointDictionary(columns, sharedForGood);
    const bare = columns.map(({ dictionary: _own, ...column }, index) => {
      const values = column.values as Int32Array;
      const recoding = codes[index]!;
      if (recoding !== 0) recodeInto(values, recoding, values);
      return column;
    });
    return { columns: bare, dictionary };
  };
  const united = parts[0]!.columns.map((_, index) => unite(parts.map((part) => part.columns[index]!)));
  const keys = parts[0]!.key ? unite(parts.map((part) => part.key!)) : undefined;
  return {
    parts: parts.map((part, at) => ({
      ...part,
      columns: united.map(({ columns }) => columns[at]!),
      ...(keys ? { key: keys.columns[at]! } : {}),
    })),
    dictionaries: united.map(({ dictionary }) => dictionary),
    keys: keys?.dictionary,
  };
}

function withDictionary(column: RowSetColumn, dictionary: Joint): RowSetColumn {
  return dictionary ? { ...column, dictionary } : column;
}
