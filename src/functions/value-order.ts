import type { FenlType } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";

/**
 * The order of two non-null values of one type: negative where `a` comes first. Strings by their UTF-8 bytes, false
 * before true, NaN equal to itself and after every other number.
 */
export function compareValues(type: FenlType, a: HostValue, b: HostValue): number {
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (typeof a === "number" && typeof b === "number") {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (typeof a === "bigint" && typeof b === "bigint") return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  throw new Error(`Values of type ${type.kind} have no order.`);
}

/**
 * True for equal values of one type. Lists and records are equal where their elements are, two null elements
 * included; maps where they have the same keys with equal values, in any order. NaN equals NaN, -0.0 equals 0.0.
 */
export function equalValues(type: FenlType, a: HostValue, b: HostValue): boolean {
  return equalityKey(type, a) === equalityKey(type, b);
}

/** A text that two values of one type share exactly where they are equal. */
export function equalityKey(type: FenlType, value: HostValue): string {
  if (value === null) return "n";
  if (typeof value === "string") return JSON.stringify(value);
  if (!Array.isArray(value)) return Object.is(value, -0) ? "0" : String(value);
  const items = value as readonly HostValue[];
  switch (type.kind) {
    case "list":
      return `[${items.map((item) => equalityKey(type.item, item)).join(",")}]`;
    case "record":
      return `{${items.map((item, index) => equalityKey(type.fields[index]!.type, item)).join(",")}}`;
    case "map": {
      const entries = items.map((entry) => {
        const [key, item] = entry as readonly HostValue[];
        return `${equalityKey(type.key, key!)}:${equalityKey(type.value, item!)}`;
      });
      return `<${entries.sort().join(",")}>`;
    }
    default:
      throw new Error(`A value of type ${type.kind} is no list.`);
  }
}

/** The order of two texts by their UTF-8 bytes, which is the order of their code points. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others of the basic plane. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
