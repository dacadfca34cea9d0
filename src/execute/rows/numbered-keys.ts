import { halvesOf } from "../../tables/prepared/entity-index.ts";
import { type Allocate, owned, sharedForGood } from "./allocate.ts";
import { pick } from "./pick.ts";
import type { NumberedKeys, RowSet, RowSetColumn, StoredRows } from "./row-set.ts";

/** Rows whose keys are codes of the query's dictionary of keys, and not numbers of them. */
export function withKeyCodes(rows: StoredRows): StoredRows {
  if (!rows.key?.numbered) return rows;
  const { numbered, ...key } = rows.key;
  const numbers = key.values as Int32Array;
  return {
    ...rows,
    keyHash: hashesOf(numbers, numbered.hashes, owned),
    key: { ...key, values: numbers.map((number) => numbered.codes[number]!) },
  };
}

/** The hash of each row. */
function hashesOf(numbers: Int32Array, hashes: BigUint64Array, allocate: Allocate): BigUint64Array {
  return pick(hashes, new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length), allocate);
}

/** What the numbers of several parts stand for together, and what is added to the numbers of each part. */
export interface JointNumbers {
  readonly numbered: NumberedKeys;
  readonly bases: readonly number[];
}

/** Joins the numbers of parts that have each entity once, but for one that goes on in the next part; null without numbers. */
export function jointNumbers(parts: readonly StoredRows[]): JointNumbers | null {
  const lists = parts.map(({ key }) => key?.numbered);
  if (!lists.every((list) => list !== undefined)) return null;
  const size = lists.reduce((sum, list) => sum + list.codes.length, 0);
  const [codes, hashes] = [new Int32Array(size), sharedForGood(new BigUint64Array(0), size)];
  let count = 0;
  const bases = lists.map((list) => {
    const base = count > 0 && codes[count - 1] === list.codes[0] ? count - 1 : count;
    codes.set(list.codes, base);
    hashes.set(list.hashes, base);
    count = base + list.codes.length;
    return base;
  });
  return { numbered: { codes: codes.slice(0, count), hashes: hashes.subarray(0, count) }, bases };
}

/** Rows with numbers in the place of the hashes, whose order they tell. */
export function numbersAsHashes(rows: StoredRows, base: number): StoredRows {
  const keyHash = new BigUint64Array(rows.rows);
  writeAsHashes(rows.key!.values as Int32Array, base, keyHash);
  return { ...rows, keyHash };
}

/** Writes numbers, after `base` is added, in the place of hashes. */
export function writeAsHashes(numbers: Int32Array, base: number, hashes: BigUint64Array): void {
  const halves = halvesOf(hashes);
  for (let row = 0; row < numbers.length; row++) {
    halves[2 * row] = numbers[row]! + base;
    halves[2 * row + 1] = 0;
  }
}

const unread = new WeakMap<RowSet, RowSet>();

/** Rows of a result, whose hashes are those of their keys, from when on somebody asks for them. */
export function withHashesOf<Rows extends RowSet>(rows: Rows, key: RowSetColumn): Rows {
  const { hashes } = key;
  if (hashes === undefined) return rows;
  let known: BigUint64Array | undefined;
  const own: Rows = {
    ...rows,
    get keyHash() {
      known ??= hashesOf(key.values as Int32Array, hashes, sharedForGood);
      unread.delete(own);
      return known;
    },
  };
  unread.set(own, rows);
  return own;
}

/** The rows as far as they are in memory: without hashes that nobody has asked for. */
export function heldRows(rows: RowSet): RowSet {
  return unread.get(rows) ?? rows;
}
