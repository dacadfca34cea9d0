import { floorDivide, NANOSECONDS_PER_DAY } from "../values/calendar.ts";
import { plainText } from "../values/csv-text.ts";
import type { FenlType } from "../values/fenl-type.ts";
import { sameType } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";
import { parseTimestamp } from "../values/timestamp.ts";
import { isDuration, isString, isTimestamp, unitsPerSecond } from "./cast-rules.ts";
import { integerRange, isFloat, isInteger } from "./numeric-wat.ts";

const LEAST = -(2n ** 63n);
const GREATEST = 2n ** 63n - 1n;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/**
 * A value of one type as a value of another; null where the value has no counterpart there. Lists and maps convert
 * their elements, records their fields by name.
 */
export function castValue(from: FenlType, to: FenlType, value: HostValue): HostValue {
  if (value === null || from.kind === "null") return null;
  if (sameType(from, to)) return value;
  if (from.kind === "list" && to.kind === "list") {
    return (value as readonly HostValue[]).map((item) => castValue(from.item, to.item, item));
  }
  if (from.kind === "map" && to.kind === "map") {
    return (value as readonly (readonly HostValue[])[]).map(([key, item]) => [
      castValue(from.key, to.key, key!),
      castValue(from.value, to.value, item!),
    ]);
  }
  if (from.kind === "record" && to.kind === "record") {
    return to.fields.map((field) => {
      const index = from.fields.findIndex((other) => other.name === field.name);
      if (index < 0) throw new Error(`The record has no field '${field.name}' to convert.`);
      return castValue(from.fields[index]!.type, field.type, (value as readonly HostValue[])[index]!);
    });
  }
  return castScalar(from, to, value);
}

function castScalar(from: FenlType, to: FenlType, value: HostValue): HostValue {
  if (isString(from)) return castText(to, value as string);
  if (isString(to)) return plainText(from, value);
  if (isInstant(from) && isInstant(to)) return fromNanoseconds(to, toNanoseconds(from, value));
  if (isDuration(from) && isDuration(to)) {
    return fit64(((value as bigint) * unitsPerSecond(to)!) / unitsPerSecond(from)!);
  }
  if (to.kind === "bool") return Number(value) !== 0;
  if (isFloat(to)) return to.kind === "f64" ? Number(value) : singleOf(value);
  if (isInteger(to)) return castToInteger(to, value);
  return value;
}

/** The nearest single; of 64-bit integers directly, not by way of a double. */
function singleOf(value: HostValue): number {
  if (typeof value !== "bigint") return Math.fround(Number(value));
  const size = value < 0n ? -value : value;
  const excess = BigInt(Math.max(0, size.toString(2).length - 24));
  const half = excess === 0n ? 0n : 1n << (excess - 1n);
  const rest = size & ((1n << excess) - 1n);
  let kept = size >> excess;
  if (excess > 0n && (rest > half || (rest === half && (kept & 1n) === 1n))) kept += 1n;
  const rounded = Number(kept << excess);
  return value < 0n ? -rounded : rounded;
}

function castToInteger(to: FenlType, value: HostValue): HostValue {
  let whole: bigint;
  if (typeof value === "bigint") whole = value;
  else {
    const truncated = Math.trunc(Number(value));
    if (!Number.isFinite(truncated)) return null;
    whole = BigInt(truncated);
  }
  return fitInteger(to, whole);
}

function fitInteger(to: FenlType, whole: bigint): HostValue {
  const { least, greatest } = integerRange(to);
  if (whole < least || whole > greatest) return null;
  return to.kind === "i64" || to.kind === "u64" ? whole : Number(whole);
}

function fit64(value: bigint): bigint | null {
  return value < LEAST || value > GREATEST ? null : value;
}

function isInstant(type: FenlType): boolean {
  return isTimestamp(type) || type.kind === "date32" || type.kind === "date64";
}

function toNanoseconds(type: FenlType, value: HostValue): bigint {
  if (type.kind === "date32") return BigInt(value as number) * NANOSECONDS_PER_DAY;
  if (type.kind === "date64") return (value as bigint) * NANOSECONDS_PER_MILLISECOND;
  return ((value as bigint) * 1_000_000_000n) / unitsPerSecond(type)!;
}

function fromNanoseconds(type: FenlType, nanoseconds: bigint): HostValue {
  const days = floorDivide(nanoseconds, NANOSECONDS_PER_DAY);
  if (type.kind === "date32") return days < -(2n ** 31n) || days >= 2n ** 31n ? null : Number(days);
  if (type.kind === "date64") return fit64((days * NANOSECONDS_PER_DAY) / NANOSECONDS_PER_MILLISECOND);
  return fit64(floorDivide(nanoseconds * unitsPerSecond(type)!, 1_000_000_000n));
}

function castText(to: FenlType, text: string): HostValue {
  if (isString(to)) return text;
  if (isInstant(to)) {
    const nanoseconds = parseTimestamp(text);
    return nanoseconds === null ? null : fromNanoseconds(to, nanoseconds);
  }
  if (to.kind === "bool") {
    const lower = text.toLowerCase();
    return lower === "true" ? true : lower === "false" ? false : null;
  }
  if (isInteger(to)) return /^[+-]?[0-9]{1,400}$/.test(text) ? fitInteger(to, BigInt(text.replace(/^\+/, ""))) : null;
  const number = parseFloatText(text);
  return number === null || to.kind === "f64" ? number : Math.fround(number);
}

function parseFloatText(text: string): number | null {
  if (/^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/.test(text)) return Number(text);
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (!special) return null;
  if (special[2]!.toLowerCase() === "nan") return Number.NaN;
  return special[1] === "-" ? -Infinity : Infinity;
}
