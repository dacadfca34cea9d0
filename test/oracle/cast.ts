import { formatFloat, formatFloat32 } from "../../src/values/csv-text.ts";
import { type FenlType, sameType } from "../../src/values/fenl-type.ts";
import { formatDate, formatTimestamp, parseTimestamp } from "../../src/values/timestamp.ts";
import { floorDivide, unitNanos } from "./calendar.ts";
import { floatOfInteger, integerRange, isFloat, isInteger, toFloat, type Value } from "./value.ts";

const DAY = 86_400_000_000_000n;

function isTime(type: FenlType): boolean {
  return type.kind.startsWith("timestamp_") || type.kind === "date32" || type.kind === "date64";
}

function isLength(type: FenlType): boolean {
  return type.kind.startsWith("duration_") || type.kind.startsWith("interval_");
}

function isText(type: FenlType): boolean {
  return type.kind === "string" || type.kind === "large_string";
}

/** Nanoseconds in one unit of a time type. */
function timeUnit(type: FenlType): bigint {
  return type.kind === "date32" ? DAY : type.kind === "date64" ? 1_000_000n : unitNanos(type);
}

function fitting(type: FenlType, value: bigint): bigint | null {
  const wide = isInteger(type)
    ? type
    : ({ kind: type.kind === "date32" || type.kind.startsWith("interval") ? "i32" : "i64" } as const);
  const { least, greatest } = integerRange(wide);
  return value < least || value > greatest ? null : value;
}

function integerOf(value: number): bigint | null {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : null;
}

function parseText(text: string, to: FenlType): Value {
  if (to.kind === "bool") {
    const lower = text.toLowerCase();
    return lower === "true" ? true : lower === "false" ? false : null;
  }
  if (isInteger(to)) return /^[+-]?[0-9]+$/.test(text) ? fitting(to, BigInt(text.replace(/^\+/, ""))) : null;
  if (isFloat(to)) {
    if (/^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/.test(text)) return toFloat(to, Number(text));
    const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
    if (special === null) return null;
    if (special[2]!.toLowerCase() === "nan") return Number.NaN;
    return special[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  const time = parseTimestamp(text);
  return time === null ? null : floorDivide(time, timeUnit(to));
}

function textOf(value: Value, from: FenlType): string {
  if (from.kind === "f64") return formatFloat(value as number);
  if (from.kind === "f32" || from.kind === "f16") return formatFloat32(value as number);
  if (from.kind === "date32") return formatDate(Number(value));
  if (isTime(from)) return formatTimestamp((value as bigint) * timeUnit(from));
  return String(value);
}

/** A value converted to another type; null where that is not possible. */
export function castValue(value: Value, from: FenlType, to: FenlType): Value {
  if (value === null || sameType(from, to)) return value;
  if (from.kind === "record" && to.kind === "record") {
    return to.fields.map((field) => {
      const place = from.fields.findIndex(({ name }) => name === field.name);
      return castValue((value as Value[])[place]!, from.fields[place]!.type, field.type);
    });
  }
  if (from.kind === "list" && to.kind === "list")
    return (value as Value[]).map((item) => castValue(item, from.item, to.item));
  if (from.kind === "map" && to.kind === "map") {
    return (value as Value[][]).map((pair) => [
      castValue(pair[0]!, from.key, to.key),
      castValue(pair[1]!, from.value, to.value),
    ]);
  }
  if (isText(from)) return isText(to) ? value : parseText(value as string, to);
  if (isText(to)) return textOf(value, from);
  if (to.kind === "bool") return value !== 0 && value !== 0n;
  if (isFloat(to)) return typeof value === "bigint" ? floatOfInteger(to, value) : toFloat(to, Number(value));
  if (isTime(from) && isTime(to)) return fitting(to, floorDivide((value as bigint) * timeUnit(from), timeUnit(to)));
  if (from.kind.startsWith("duration_") && to.kind.startsWith("duration_")) {
    return fitting(to, ((value as bigint) * unitNanos(from)) / unitNanos(to));
  }
  const whole = isFloat(from) ? integerOf(value as number) : BigInt(value as bigint | boolean);
  if (whole === null) return null;
  if (isInteger(to) || isTime(to) || isLength(to)) return fitting(to, whole);
  throw new Error(`no conversion from ${from.kind} to ${to.kind}`);
}
