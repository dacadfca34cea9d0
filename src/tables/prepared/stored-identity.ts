import type { FenlType } from "../../values/fenl-type.ts";
import { type EntityIndex, entityIndex, halvesOf } from "./entity-index.ts";

/** What identifies rows, and orders them. */
export interface RowIdentities {
  readonly keyHash: BigUint64Array;
  readonly time: BigInt64Array;
  readonly subsort: BigUint64Array;
}

/** Subsorts as they are in a file: as they are, or what they have above a first one, where all are near it. */
export type StoredSubsorts =
  | { readonly first: null; readonly values: BigUint64Array }
  | { readonly first: bigint; readonly values: Uint32Array };

/** What identifies sorted rows, as it is in a file. */
export interface StoredIdentity {
  readonly entities: EntityIndex;
  readonly time: BigInt64Array;
  readonly subsorts: StoredSubsorts;
}

/** What identifies sorted rows, as it is put into a file. */
export function storedIdentity({ keyHash, time, subsort }: RowIdentities): StoredIdentity {
  return { entities: entityIndex(keyHash), time, subsorts: storedSubsorts(subsort) };
}

/** How far subsorts may be from the first one. */
const MOST_ABOVE = 0xffff_ffffn;

function storedSubsorts(subsort: BigUint64Array): StoredSubsorts {
  let first = subsort[0] ?? 0n;
  let last = first;
  for (const one of subsort) {
    if (one < first) first = one;
    else if (one > last) last = one;
  }
  if (last - first > MOST_ABOVE) return { first: null, values: subsort };
  return { first, values: subsortsAbove(first, subsort) };
}

/** What subsorts have above a first one, where it is less than 2^32. */
export function subsortsAbove(first: bigint, subsort: BigUint64Array): Uint32Array {
  const values = new Uint32Array(subsort.length);
  const halves = halvesOf(subsort);
  const low = Number(first & MOST_ABOVE);
  for (let row = 0; row < values.length; row++) values[row] = halves[2 * row]! - low;
  return values;
}

/** Subsorts of which it is stored what they have above a first one. */
export function wholeSubsorts(first: bigint, above: Uint32Array): BigUint64Array {
  const subsort = new BigUint64Array(above.length);
  const halves = halvesOf(subsort);
  const low = Number(first & MOST_ABOVE);
  const high = Number(first >> 32n);
  for (let row = 0; row < above.length; row++) {
    const sum = low + above[row]!;
    halves[2 * row] = sum;
    halves[2 * row + 1] = high + (sum > 0xffff_ffff ? 1 : 0);
  }
  return subsort;
}

/** Keys that may be equal without being the same in all their bits, and bools, of which a row takes less than an entity. */
const BY_ROW: ReadonlySet<string> = new Set(["record", "f16", "f32", "f64", "bool"]);

/** Whether keys of a type are stored once for each entity. */
export function isStoredByEntity({ kind }: FenlType): boolean {
  return !BY_ROW.has(kind);
}
