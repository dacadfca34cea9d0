import type { FenlOptions } from "../run-fenl.ts";
import { ArgumentError, type OptionRule, shownValue } from "./argument-error.ts";

/** An entity key as users write it. */
export type EntityKey = string | number | bigint | boolean;

/** Which entities a query reads: a share of them, in percent, or those with the given keys. */
export type SliceFilter = { readonly percent: number } | { readonly entityKeys: readonly EntityKey[] };

/** Entities making up `percent` (0.1 to 100) of all, always the same ones. */
export function entityPercentFilter(percent: number): SliceFilter {
  return checkSlice("entityPercentFilter", { percent });
}

/** The entities with these keys. */
export function entityFilter(entityKeys: readonly EntityKey[]): SliceFilter {
  return checkSlice("entityFilter", { entityKeys });
}

/** The shape of a slice filter; its values are checked by {@link checkSlice}. */
export const sliceRule: OptionRule = {
  expected: "a slice: { percent: 0.1 to 100 } or { entityKeys: [...] }",
  holds: (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.keys(value).length === 1 &&
    ("percent" in value || "entityKeys" in value),
};

/** The slice itself, when its values are right. */
export function checkSlice(call: string, slice: SliceFilter): SliceFilter {
  if ("percent" in slice) {
    const { percent } = slice;
    if (typeof percent === "number" && percent >= 0.1 && percent <= 100) return slice;
    throw new ArgumentError(`${call}: percent must be a number from 0.1 to 100, but is ${shownValue(percent)}.`);
  }
  const { entityKeys } = slice;
  if (!Array.isArray(entityKeys)) {
    throw new ArgumentError(`${call}: entityKeys must be a list of keys, but is ${shownValue(entityKeys)}.`);
  }
  for (const key of entityKeys) {
    const right =
      typeof key === "string" || typeof key === "bigint" || typeof key === "boolean" || Number.isFinite(key);
    if (!right) throw new ArgumentError(`${call}: a key must be a text, number or boolean, but is ${shownValue(key)}.`);
  }
  return slice;
}

/** The slice as the engine takes it. */
export function toEngineSlice(slice: SliceFilter): NonNullable<FenlOptions["slice"]> {
  if ("percent" in slice) return { kind: "percent", percent: slice.percent };
  return { kind: "keys", keys: slice.entityKeys };
}
