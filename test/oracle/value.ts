import type { FenlType } from "../../src/values/fenl-type.ts";
import type { HostValue } from "../../src/values/host-value.ts";

/**
 * A Fenl value in the evaluator: every integer, time, duration and interval is a bigint whatever its width, floats are numbers,
 * records are arrays of their fields' values in the order of the type, lists are arrays, maps are arrays of pairs.
 */
export type Value = null | boolean | bigint | number | string | readonly Value[];

const INTEGER_BITS: Readonly<Record<string, number>> = {
  i8: 8,
  i16: 16,
  i32: 32,
  i64: 64,
  u8: 8,
  u16: 16,
  u32: 32,
  u64: 64,
};

/** True for i8 ... u64. */
export function isInteger(type: FenlType): boolean {
  return type.kind in INTEGER_BITS;
}

/** True for f16, f32 and f64. */
export function isFloat(type: FenlType): boolean {
  return type.kind === "f16" || type.kind === "f32" || type.kind === "f64";
}

/** Width of an integer type. */
export function bitsOf(type: FenlType): number {
  return INTEGER_BITS[type.kind]!;
}

/** Smallest and greatest value of an integer type. */
export function integerRange(type: FenlType): { readonly least: bigint; readonly greatest: bigint } {
  const bits = BigInt(bitsOf(type));
  return type.kind.startsWith("u")
    ? { least: 0n, greatest: (1n << bits) - 1n }
    : { least: -(1n << (bits - 1n)), greatest: (1n << (bits - 1n)) - 1n };
}

/** Two's complement wrap-around into an integer type. */
export function wrap(type: FenlType, value: bigint): bigint {
  return type.kind.startsWith("u") ? BigInt.asUintN(bitsOf(type), value) : BigInt.asIntN(bitsOf(type), value);
}

/** The nearest value of a float type to an integer: rounded once, also where the integer has more bits than a double. */
export function floatOfInteger(type: FenlType, value: bigint): number {
  if (type.kind === "f64") return Number(value);
  const size = value < 0n ? -value : value;
  const surplus = Math.max(0, size.toString(2).length - 30);
  const kept = size >> BigInt(surplus);
  const sticky = kept << BigInt(surplus) === size ? kept : kept | 1n;
  return Math.fround((value < 0n ? -1 : 1) * Number(sticky) * 2 ** surplus);
}

/** The nearest value of a float type. */
export function toFloat(type: FenlType, value: number): number {
  return type.kind === "f64" ? value : Math.fround(value);
}

/** True for the types whose host values are bigint. */
function isWide(type: FenlType): boolean {
  return (
    type.kind === "i64" ||
    type.kind === "u64" ||
    type.kind === "date64" ||
    type.kind.startsWith("timestamp_") ||
    type.kind.startsWith("duration_")
  );
}

/** The evaluator's value as the product's host value. */
export function toHostValue(type: FenlType, value: Value): HostValue {
  if (value === null) return null;
  if (type.kind === "record")
    return type.fields.map((field, index) => toHostValue(field.type, (value as Value[])[index]!));
  if (type.kind === "list") return (value as Value[]).map((item) => toHostValue(type.item, item));
  if (type.kind === "map") {
    return (value as Value[][]).map((pair) => [toHostValue(type.key, pair[0]!), toHostValue(type.value, pair[1]!)]);
  }
  if (typeof value === "bigint" && !isWide(type)) return Number(value);
  return value as HostValue;
}

/** The product's host value as the evaluator's. */
export function fromHostValue(type: FenlType, value: HostValue): Value {
  if (value === null) return null;
  if (type.kind === "record") {
    return type.fields.map((field, index) => fromHostValue(field.type, (value as HostValue[])[index]!));
  }
  if (type.kind === "list") return (value as HostValue[]).map((item) => fromHostValue(type.item, item));
  if (type.kind === "map") {
    return (value as HostValue[][]).map((pair) => [
      fromHostValue(type.key, pair[0]!),
      fromHostValue(type.value, pair[1]!),
    ]);
  }
  if (typeof value === "number" && !isFloat(type)) return BigInt(value);
  return value as Value;
}
