import { type FenlType, isUnsigned } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";
import { floatRank, integerBits } from "./least-upper-bound.ts";
import type { LiteralValue, TypedExpression } from "./typed.ts";

/** The value of a constant, of its node's type; absent (undefined) where the expression is none. */
export type Constant = HostValue | undefined;

/** The value that a literal node of `type` stands for. */
export function constantOfLiteral(value: LiteralValue, type: FenlType): HostValue {
  return typeof value === "string" && (type.kind === "i64" || type.kind === "u64") ? BigInt(value) : value;
}

/** The literal of a constant. */
export function literalOfConstant(value: HostValue): LiteralValue {
  return typeof value === "bigint" ? value.toString() : (value as LiteralValue);
}

function inType(value: number | bigint, type: FenlType): HostValue {
  const bits = integerBits(type);
  if (bits === null) return type.kind === "f32" ? Math.fround(Number(value)) : Number(value);
  const wrapped = isUnsigned(type) ? BigInt.asUintN(bits, BigInt(value)) : BigInt.asIntN(bits, BigInt(value));
  return bits === 64 ? wrapped : Number(wrapped);
}

function arithmetic(name: string, [a, b]: readonly (number | bigint)[], integer: boolean): number | bigint | null {
  if (a === undefined) return null;
  if (name === "neg") return -a;
  if (b === undefined) return null;
  const [x, y] = integer ? [BigInt(a), BigInt(b)] : [Number(a), Number(b)];
  switch (name) {
    case "add":
      return (x as number) + (y as number);
    case "sub":
      return (x as number) - (y as number);
    case "mul":
      return (x as number) * (y as number);
    default:
      return y === 0 || y === 0n ? null : (x as number) / (y as number);
  }
}

const FOLDED: ReadonlySet<string> = new Set(["add", "sub", "mul", "div", "neg"]);

/** Conversions among numbers keep to the rules of casts: out of range is null, floats truncate. */
function castNumber(value: number | bigint, type: FenlType): Constant {
  const bits = integerBits(type);
  if (bits === null) return floatRank(type) >= 0 ? inType(value, type) : undefined;
  if (typeof value === "number" && !Number.isFinite(value)) return null;
  const whole = BigInt(typeof value === "number" ? Math.trunc(value) : value);
  const result = inType(whole, type);
  return BigInt(result as number) === whole ? result : null;
}

/** The constant that an expression is, given those of its arguments: a literal, or arithmetic on constants. */
export function foldConstant(expression: TypedExpression, type: FenlType, constants: readonly Constant[]): Constant {
  // A timestamp, which only a parameter can be, is converted by the functions that do so at run time.
  if (expression.kind === "literal")
    return type.kind === "timestamp_ns" ? undefined : constantOfLiteral(expression.value, type);
  if (expression.kind === "cast") {
    const value = constants[expression.value];
    if (value === undefined || value === null) return value;
    if (typeof value === "number" || typeof value === "bigint") return castNumber(value, type);
    return typeof value === "string" && type.kind === "large_string" ? value : undefined;
  }
  if (expression.kind !== "call" || !FOLDED.has(expression.function)) return undefined;
  const operands: (number | bigint)[] = [];
  for (const argument of expression.arguments) {
    const value = constants[argument];
    if (value === undefined || value === null) return value;
    operands.push(value as number | bigint);
  }
  const result = arithmetic(expression.function, operands, integerBits(type) !== null);
  return result === null ? null : inType(result, type);
}
