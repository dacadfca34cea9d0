import type { FenlType } from "../values/fenl-type.ts";
import { isHostType, isUnsigned, representationOf, sameType } from "../values/fenl-type.ts";
import { canCast, isDuration, isTimestamp, unitsPerSecond } from "./cast-rules.ts";
import type { HostEvaluation, RowEvaluation, Wat } from "./define.ts";
import { integerRange, isFloat, isInteger, signSuffix, toF64, zeroWat } from "./numeric-wat.ts";
import { castValue } from "./value-cast.ts";

/**
 * How a value of one type becomes one of another: all casts of `as` and, which it includes, all implicit conversions,
 * of lists, maps and records element by element. Null where there is no such cast.
 */
export function castEvaluation(from: FenlType, to: FenlType): RowEvaluation | HostEvaluation | null {
  if (!convertible(from, to)) return null;
  if (from.kind === "null") return row(() => ({ value: zeroWat(to), valid: "(i32.const 0)" }));
  if (sameType(from, to) || (isText(from) && isText(to))) return row((value) => value);
  const host = [from, to].some((type) => isHostType(type) || type.kind === "record");
  if (host) return { kind: "host", nulls: "strict", call: ([value]) => castValue(from, to, value!) };
  return row((value) => castWat(from, to, value));
}

function isText(type: FenlType): boolean {
  return type.kind === "string" || type.kind === "large_string";
}

function convertible(from: FenlType, to: FenlType): boolean {
  if (from.kind === "list" && to.kind === "list") return convertible(from.item, to.item);
  if (from.kind === "map" && to.kind === "map")
    return convertible(from.key, to.key) && convertible(from.value, to.value);
  if (from.kind === "record" && to.kind === "record") {
    return (
      from.fields.length === to.fields.length &&
      to.fields.every((field) => {
        const source = from.fields.find((other) => other.name === field.name);
        return source !== undefined && convertible(source.type, field.type);
      })
    );
  }
  return canCast(from, to);
}

function row(wat: (value: string) => Wat): RowEvaluation {
  return { kind: "row", nulls: "strict", wat: ([operand]) => wat(operand!.value) };
}

/** Casts between types that are held in WebAssembly. */
function castWat(from: FenlType, to: FenlType, value: string): Wat {
  if (isInstant(from) && isInstant(to)) return castInstant(from, to, value);
  if (isDuration(from) && isDuration(to)) return rescale(value, unitsPerSecond(from)!, unitsPerSecond(to)!);
  if (to.kind === "bool") return `(${representationOf(from)}.ne ${value} ${zeroWat(from)})`;
  if (isFloat(from)) return isFloat(to) ? castFloat(from, to, value) : floatToInteger(from, to, value);
  if (isFloat(to)) {
    const target = representationOf(to);
    return `(${target}.convert_${representationOf(from)}_${signSuffix(from)} ${value})`;
  }
  return castInteger(from, to, value);
}

function castFloat(from: FenlType, to: FenlType, value: string): string {
  const [source, target] = [representationOf(from), representationOf(to)];
  if (source === target) return value;
  return target === "f64" ? `(f64.promote_f32 ${value})` : `(f32.demote_f64 ${value})`;
}

function floatToInteger(from: FenlType, to: FenlType, value: string): Wat {
  const wide = toF64(from, value);
  const whole = `(f64.trunc ${wide})`;
  const { least, greatest } = integerRange(to);
  const limits = `(i32.and (f64.ge ${whole} (f64.const ${least})) (f64.lt ${whole} (f64.const ${greatest + 1n})))`;
  return { value: `(${representationOf(to)}.trunc_sat_f64_${signSuffix(to)} ${wide})`, valid: limits };
}

/** Between types held as integers: bool, integers, timestamps, durations and intervals, which count their units. */
function castInteger(from: FenlType, to: FenlType, value: string): Wat {
  const [source, target] = [representationOf(from), representationOf(to)];
  const wide = source === "i64" ? value : `(i64.extend_i32_${signSuffix(from)} ${value})`;
  const converted = source === target ? value : target === "i64" ? wide : `(i32.wrap_i64 ${value})`;
  const [sourceRange, targetRange] = [rangeOf(from), rangeOf(to)];
  const checks: string[] = [];
  if (sourceRange.least < targetRange.least) checks.push(`(i64.ge_s ${wide} (i64.const ${targetRange.least}))`);
  if (sourceRange.greatest > targetRange.greatest) {
    checks.push(`(i64.le_${isUnsigned(from) ? "u" : "s"} ${wide} (i64.const ${targetRange.greatest}))`);
  }
  if (checks.length === 0) return converted;
  return { value: converted, valid: checks.reduce((all, check) => `(i32.and ${all} ${check})`) };
}

function rangeOf(type: FenlType): { least: bigint; greatest: bigint } {
  if (type.kind === "bool") return { least: 0n, greatest: 1n };
  return integerRange(isInteger(type) ? type : { kind: representationOf(type) === "i64" ? "i64" : "i32" });
}

function isInstant(type: FenlType): boolean {
  return isTimestamp(type) || type.kind === "date32" || type.kind === "date64";
}

/** Toward coarser units times round down, so that they stay in their second, before 1970 as well. */
function castInstant(from: FenlType, to: FenlType, value: string): Wat {
  if (from.kind === "date32") {
    const days = `(i64.extend_i32_s ${value})`;
    return rescale(days, 1n, to.kind === "date64" ? 86_400_000n : 86_400n * unitsPerSecond(to)!);
  }
  const source = unitsPerSecond(from) ?? 1000n;
  if (to.kind === "date32") {
    const days = `(call $floor_div_i64 ${value} (i64.const ${86_400n * source}))`;
    const fits = `(i64.eq (i64.extend_i32_s (i32.wrap_i64 ${days})) ${days})`;
    return { value: `(i32.wrap_i64 ${days})`, valid: fits };
  }
  if (to.kind === "date64") {
    return rescale(`(call $floor_div_i64 ${value} (i64.const ${86_400n * source}))`, 1n, 86_400_000n);
  }
  const target = unitsPerSecond(to)!;
  if (target < source) return `(call $floor_div_i64 ${value} (i64.const ${source / target}))`;
  return rescale(value, source, target);
}

/** A length of time in another unit, truncated toward zero; invalid where it does not fit 64 bits. */
function rescale(value: string, from: bigint, to: bigint): Wat {
  if (to === from) return value;
  if (to < from) return `(i64.div_s ${value} (i64.const ${from / to}))`;
  const factor = to / from;
  const most = 9223372036854775807n / factor;
  const fits = `(i32.and (i64.ge_s ${value} (i64.const -${most})) (i64.le_s ${value} (i64.const ${most})))`;
  return { value: `(i64.mul ${value} (i64.const ${factor}))`, valid: fits };
}
