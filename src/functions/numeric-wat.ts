import type { FenlType } from "../values/fenl-type.ts";
import { isHostType, isUnsigned, representationOf } from "../values/fenl-type.ts";

/** True for integer types of any width. */
export function isInteger(type: FenlType): boolean {
  return /^[iu](8|16|32|64)$/.test(type.kind);
}

/** True for floating point types. */
export function isFloat(type: FenlType): boolean {
  return type.kind === "f16" || type.kind === "f32" || type.kind === "f64";
}

/** The least and the greatest value of an integer type. */
export function integerRange(type: FenlType): { readonly least: bigint; readonly greatest: bigint } {
  const bits = BigInt(type.kind.slice(1));
  return isUnsigned(type)
    ? { least: 0n, greatest: (1n << bits) - 1n }
    : { least: -(1n << (bits - 1n)), greatest: (1n << (bits - 1n)) - 1n };
}

/** Brings the raw result of an operation on a type's representation back to the type: narrow integers, half floats. */
export function normalise(type: FenlType, wat: string): string {
  switch (type.kind) {
    case "i8":
      return `(i32.extend8_s ${wat})`;
    case "i16":
      return `(i32.extend16_s ${wat})`;
    case "u8":
      return `(i32.and ${wat} (i32.const 255))`;
    case "u16":
      return `(i32.and ${wat} (i32.const 65535))`;
    case "f16":
      return `(call $round_f16 ${wat})`;
    default:
      return wat;
  }
}

/** `s` or `u`, the suffix of instructions that exist for signed and unsigned integers. */
export function signSuffix(type: FenlType): "s" | "u" {
  return isUnsigned(type) || type.kind === "bool" ? "u" : "s";
}

/** A binary instruction such as `add` on the type's representation, wrapped to the type. */
export function wrapping(instruction: string, type: FenlType, a: string, b: string): string {
  return normalise(type, `(${representationOf(type)}.${instruction} ${a} ${b})`);
}

/** Equality of two values of a type held in WebAssembly; NaN equals NaN. */
export function equalWat(type: FenlType, a: string, b: string): string {
  const representation = representationOf(type);
  const same = `(${representation}.eq ${a} ${b})`;
  if (!isFloat(type)) return same;
  return `(i32.or ${same} (i32.and (${representation}.ne ${a} ${a}) (${representation}.ne ${b} ${b})))`;
}

/** `a` before `b` in the order of a type; NaN comes after every other number, and texts are compared by the stage. */
export function lessWat(type: FenlType, a: string, b: string): string {
  if (isHostType(type)) return `(call $text_less ${a} ${b})`;
  const representation = representationOf(type);
  if (!isFloat(type)) return `(${representation}.lt_${signSuffix(type)} ${a} ${b})`;
  const nanAfter = `(i32.and (${representation}.eq ${a} ${a}) (${representation}.ne ${b} ${b}))`;
  return `(i32.or (${representation}.lt ${a} ${b}) ${nanAfter})`;
}

/** The plain instruction `lt` or `gt`, which is false for NaN. */
export function plainCompare(instruction: "lt" | "gt", type: FenlType, a: string, b: string): string {
  const suffix = isFloat(type) ? "" : `_${signSuffix(type)}`;
  return `(${representationOf(type)}.${instruction}${suffix} ${a} ${b})`;
}

/** A number of any type as f64. */
export function toF64(type: FenlType, wat: string): string {
  switch (representationOf(type)) {
    case "f64":
      return wat;
    case "f32":
      return `(f64.promote_f32 ${wat})`;
    default:
      return `(f64.convert_${representationOf(type)}_${signSuffix(type)} ${wat})`;
  }
}

/** A zero of the type's representation. */
export function zeroWat(type: FenlType): string {
  return `(${representationOf(type)}.const 0)`;
}
