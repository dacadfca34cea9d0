import type { StoredRows } from "./row-set.ts";

/** Rows whose keys are codes of the query's dictionary of keys, and not numbers of them. */
export function withKeyCodes(rows: StoredRows): StoredRows {
  if (!rows.key?.numbered) return rows;
  const { numbered, ...key } = rows.key;
  return { ...rows, key: { ...key, values: (key.values as Int32Array).map((number) => numbered[number]!) } };
}

/** The codes behind the numbers of several parts as one list, and what is added to the numbers of each part. */
export interface JointNumbers {
  readonly codes: Int32Array;
  readonly bases: readonly number[];
}

/** Joins the numbers of parts that have each entity once, but for one that goes on in the next part; null without numbers. */
export function jointNumbers(parts: readonly StoredRows[]): JointNumbers | null {
  const lists = parts.map(({ key }) => key?.numbered);
  if (!lists.every((list) => list !== undefined)) return null;
  const codes = new Int32Array(lists.reduce((sum, list) => sum + list.length, 0));
  let count = 0;
  const bases = lists.map((list) => {
    const base = count > 0 && codes[count - 1] === list[0] ? count - 1 : count;
    codes.set(list, base);
    count = base + list.length;
    return base;
  });
  return { codes: codes.slice(0, count), bases };
}
