import type { LiteralValue } from "../analyze/typed.ts";
import { type FenlType, isHostType, representationOf } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";

/** A literal as WebAssembly text; strings by a code that the host gives them. */
export function literalWat(
  value: LiteralValue,
  type: FenlType,
  stringCode: (text: string) => string,
): { value: string; valid: string; literal: HostValue } {
  const representation = representationOf(type);
  if (value === null) return { value: `(${representation}.const 0)`, valid: "(i32.const 0)", literal: null };
  const literal = literalHostValue(value, type);
  const valid = "(i32.const 1)";
  if (typeof value === "boolean") return { value: `(i32.const ${value ? 1 : 0})`, valid, literal };
  if (isHostType(type)) return { value: stringCode(String(value)), valid, literal };
  if (representation === "i64") return { value: `(i64.const ${BigInt(value)})`, valid, literal };
  if (representation === "i32") return { value: `(i32.const ${Number(value) | 0})`, valid, literal };
  return { value: `(${representation}.const ${floatWat(Number(value))})`, valid, literal };
}

/** A literal as the functions of the catalog take it. */
export function literalHostValue(value: LiteralValue, type: FenlType): HostValue {
  if (value === null || typeof value === "boolean" || isHostType(type)) return value;
  return representationOf(type) === "i64" ? BigInt(value) : Number(value);
}

/** A float as WebAssembly text that gives the same bits. */
export function floatWat(number: number): string {
  if (Number.isNaN(number)) return "nan";
  if (number === Number.POSITIVE_INFINITY) return "inf";
  if (number === Number.NEGATIVE_INFINITY) return "-inf";
  return Object.is(number, -0) ? "-0" : String(number);
}
