import type { FenlType, ScalarKind } from "../values/fenl-type.ts";
import { sameType } from "../values/fenl-type.ts";
import { isFloat, isInteger } from "./numeric-wat.ts";

/** Units of a time type in one second; null for other types. */
export function unitsPerSecond(type: FenlType): bigint | null {
  const unit = /^(?:timestamp|duration)_(s|ms|us|ns)$/.exec(type.kind)?.[1];
  if (!unit) return null;
  return { s: 1n, ms: 1000n, us: 1_000_000n, ns: 1_000_000_000n }[unit as "s" | "ms" | "us" | "ns"];
}

/** True for timestamps of any unit. */
export function isTimestamp(type: FenlType): boolean {
  return type.kind.startsWith("timestamp_");
}

/** True for durations of any unit. */
export function isDuration(type: FenlType): boolean {
  return type.kind.startsWith("duration_");
}

/** True for both string types. */
export function isString(type: FenlType): boolean {
  return type.kind === "string" || type.kind === "large_string";
}

function isDate(type: FenlType): boolean {
  return type.kind === "date32" || type.kind === "date64";
}

function isNumberOrBool(type: FenlType): boolean {
  return isInteger(type) || isFloat(type) || type.kind === "bool";
}

const COUNTS: readonly ScalarKind[] = ["i32", "i64", "f32", "f64"];

/**
 * What `as` can do with single values (language reference, section 4.2). Half floats can be cast from, not to.
 * Casting a type to itself, and null to anything, are casts as well; json, windows, records, lists and maps are not.
 */
export function canCast(from: FenlType, to: FenlType): boolean {
  if (to.kind === "json" || to.kind === "window" || to.kind === "error" || to.kind === "null")
    return sameType(from, to);
  if (from.kind === "null" || sameType(from, to)) return true;
  if (to.kind === "f16") return false;
  if (isNumberOrBool(from)) {
    if (isNumberOrBool(to) || isString(to)) return true;
    return from.kind === "i64" && (isTimestamp(to) || isDuration(to));
  }
  if (isString(from)) return isString(to) || isNumberOrBool(to) || isTimestamp(to) || isDate(to);
  if (isTimestamp(from)) return isTimestamp(to) || isString(to) || isDate(to) || to.kind === "i64";
  if (isDate(from)) return isTimestamp(to) || isString(to) || isDate(to);
  if (isDuration(from)) return isDuration(to) || COUNTS.includes(to.kind as ScalarKind);
  if (from.kind === "interval_days" || from.kind === "interval_months") return COUNTS.includes(to.kind as ScalarKind);
  return false;
}
