import type { Value } from "./value.ts";

/** The order of two values of one ordered type: NaN above all numbers and equal to itself, strings by UTF-8 bytes, false before true. */
export function compareTotal(a: Value, b: Value): number {
  if (typeof a === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  if (typeof a === "number" && Number.isNaN(a)) return Number.isNaN(b as number) ? 0 : 1;
  if (typeof b === "number" && Number.isNaN(b)) return -1;
  return a! < b! ? -1 : a! > b! ? 1 : 0;
}

/** Equality of two values of one type: element-wise, two nulls inside lists and records are equal, NaN equals NaN. */
export function equalDeep(a: Value, b: Value): boolean {
  if (a === null || b === null) return a === b;
  if (Array.isArray(a)) {
    const other = b as readonly Value[];
    return a.length === other.length && a.every((item, index) => equalDeep(item, other[index]!));
  }
  return compareTotal(a, b) === 0;
}
