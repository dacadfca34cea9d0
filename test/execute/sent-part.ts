import fc from "fast-check";
import type { StoredRows } from "../../src/execute/rows/row-set.ts";

/** What a row for another entity is made of; equal numbers give rows that are equal in more or fewer ways. */
export interface SentRow {
  readonly entity: number;
  readonly time: number;
  readonly subsort: number;
  readonly old: number;
  readonly value: number | null;
}

export const SENT_ROW = {
  entity: fc.nat({ max: 9 }),
  time: fc.integer({ min: -3, max: 3 }),
  subsort: fc.nat({ max: 3 }),
  old: fc.nat({ max: 3 }),
  value: fc.option(fc.nat({ max: 50 })),
};

const HASHES = [0n, 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, 77n << 56n, 12_345_678_901n];
const TEXTS = ["tea", "milk", "", "é"];

/** Rows for other entities, with numbers of which some may be null and texts of a dictionary of their own. */
export function sentPart(
  rows: readonly SentRow[],
  hasNulls = rows.some(({ value }) => value === null),
): Omit<StoredRows, "rank" | "origin" | "ordinal"> {
  const own = [...new Set(rows.map(({ value }) => TEXTS[(value ?? 0) % TEXTS.length]!))];
  const valid = Uint8Array.from(rows, ({ value }) => (value === null ? 0 : 1));
  return {
    rows: rows.length,
    keyHash: BigUint64Array.from(rows, ({ entity }) => HASHES[entity % HASHES.length]! ^ BigInt(entity)),
    time: BigInt64Array.from(rows, ({ time }) => BigInt(time) * 1_000_000_007n),
    subsort: BigUint64Array.from(rows, ({ subsort }) => (BigInt(subsort) << 62n) | 5n),
    localKeyHash: BigUint64Array.from(rows, ({ old }) => BigInt(old) << 61n),
    key: { name: "", type: { kind: "i32" }, values: Int32Array.from(rows, ({ entity }) => entity) },
    columns: [
      {
        name: "n",
        type: { kind: "f64" },
        values: Float64Array.from(rows, ({ value }) => value ?? -1),
        ...(hasNulls ? { valid } : {}),
      },
      {
        name: "s",
        type: { kind: "string" },
        values: Int32Array.from(rows, ({ value }) => own.indexOf(TEXTS[(value ?? 0) % TEXTS.length]!)),
        dictionary: own,
      },
    ],
  };
}
