import { type Allocate, countedShared, owned, shared } from "./rows/allocate.ts";
import { sliceDictionary } from "./rows/dictionary.ts";
import { concatRows } from "./rows/gather.ts";
import { type JointNumbers, jointNumbers, withKeyCodes } from "./rows/numbered-keys.ts";
import type { Dictionary, QueryRows, RowSetColumn, StoredRows } from "./rows/row-set.ts";
import { recycle } from "./rows/spare-memory.ts";
import { joinedRows, ownedRows } from "./stage/stored-rows.ts";

/** Fewer rows are not worth a part of their own. */
const ROWS_WORTH_A_PART = 1 << 15;

/**
 * Result rows as they come from the ranges of entities: in (key hash, time, rank, subsort) order. Small parts are united,
 * others stay where they are; at least one, which may have no rows.
 */
export function entityParts(all: readonly StoredRows[]): StoredRows[] {
  const full = all.filter(({ rows }) => rows > 0);
  const parts = full.length === 0 ? all.slice(0, 1) : full;
  if (rowsOf(parts) < 2 * ROWS_WORTH_A_PART) return [ownedRows(concatRows(parts.map(withKeyCodes), owned))];
  const groups: StoredRows[][] = [];
  for (const part of parts) {
    const last = groups.at(-1);
    const isSmall = last !== undefined && Math.min(part.rows, rowsOf(last)) < ROWS_WORTH_A_PART;
    if (isSmall) last.push(part);
    else groups.push([part]);
  }
  return groups.map((group) => {
    if (group.length === 1) return group[0]!;
    const united = unitedRows(group, jointNumbers(group), shared);
    recycle(group);
    return united;
  });
}

function rowsOf(parts: readonly StoredRows[]): number {
  return parts.reduce((sum, { rows }) => sum + rows, 0);
}

/** Parts of a result, one after the other; `numbers`: of their keys, where these are numbered. */
function unitedRows(parts: readonly StoredRows[], numbers: JointNumbers | null, allocate: Allocate): StoredRows {
  if (numbers === null) return concatRows(parts.map(withKeyCodes), allocate);
  const { key, ...united } = concatRows(parts, allocate);
  const values = key!.values as Int32Array;
  let from = 0;
  for (const [index, { rows }] of parts.entries()) {
    const base = numbers.bases[index]!;
    for (let row = from; row < from + rows; row++) values[row]! += base;
    from += rows;
  }
  return { ...united, key: { ...key!, numbered: numbers.numbered } };
}

/** An answer in parts, in the order of entities. */
export interface AnswerParts {
  readonly parts: readonly QueryRows[];
  /** The column of keys whose dictionary was read for all of them, or for the first. */
  readonly key: RowSetColumn;
  /** The parts as one. */
  whole(): QueryRows;
}

/** How the columns of a result get their names. */
export interface Naming {
  /** The column `_key` that a column of keys becomes. Where these are not numbered, its codes are changed where they are. */
  key(rows: StoredRows): RowSetColumn;
  rows(rows: StoredRows, key: RowSetColumn): QueryRows;
}

/** Names the columns of a result's parts; keys that are numbered have one dictionary, which is read for all at once. */
export function namedParts(parts: readonly StoredRows[], { key, rows: named }: Naming): AnswerParts {
  const numbers = jointNumbers(parts);
  if (numbers === null) {
    const keys = parts.map(key);
    const whole = () => {
      const { key: joint, ...rows } = joinedRows(
        parts.map((part, index) => ({ ...withKeyCodes(part), key: keys[index]! })),
        countedShared,
      );
      return named(rows, { ...joint!, name: keys[0]!.name });
    };
    return { parts: parts.map((part, index) => named(part, keys[index]!)), key: keys[0]!, whole };
  }
  const { numbered, bases } = numbers;
  const first = parts[0]!;
  const joint = key({ ...first, key: { ...first.key!, values: new Int32Array(0), numbered } });
  const partOf = (values: RowSetColumn["values"], from: number, to: number) => {
    let dictionary: Dictionary | undefined;
    return {
      name: joint.name,
      type: joint.type,
      values,
      hashes: joint.hashes!.subarray(from, to),
      get dictionary() {
        dictionary ??= sliceDictionary(joint.dictionary!, from, to);
        return dictionary;
      },
    };
  };
  return {
    key: joint,
    parts: parts.map((part, index) => {
      const from = bases[index]!;
      const own = part.key!;
      return named(part, partOf(own.values, from, from + own.numbered!.codes.length));
    }),
    whole() {
      const united = unitedRows(parts, numbers, countedShared);
      return named(united, partOf(united.key!.values, 0, numbered.codes.length));
    },
  };
}
