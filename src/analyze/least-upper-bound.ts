import { type FenlType, isUnsigned, type RecordField, sameType } from "../values/fenl-type.ts";

const INTEGER_BITS: ReadonlyMap<string, number> = new Map([
  ["i8", 8],
  ["u8", 8],
  ["i16", 16],
  ["u16", 16],
  ["i32", 32],
  ["u32", 32],
  ["i64", 64],
  ["u64", 64],
]);
const FLOATS = ["f16", "f32", "f64"];
const DURATIONS = ["duration_s", "duration_ms", "duration_us", "duration_ns"];

/** The bits of an integer type, null for other types. */
export function integerBits(type: FenlType): number | null {
  return INTEGER_BITS.get(type.kind) ?? null;
}

/** How wide a float type is among its kind, -1 for other types. */
export function floatRank(type: FenlType): number {
  return FLOATS.indexOf(type.kind);
}

/** How fine a duration type is among its kind, -1 for other types. */
export function durationRank(type: FenlType): number {
  return DURATIONS.indexOf(type.kind);
}

/** True for timestamps of any unit. */
export function isTimestamp(type: FenlType): boolean {
  return type.kind.startsWith("timestamp_");
}

/** True for both kinds of string. */
export function isString(type: FenlType): boolean {
  return type.kind === "string" || type.kind === "large_string";
}

/** The signed integer type of at least `bits` bits; more than 64 need a float. */
export function signedOfBits(bits: number): FenlType {
  return { kind: bits <= 8 ? "i8" : bits <= 16 ? "i16" : bits <= 32 ? "i32" : bits <= 64 ? "i64" : "f64" };
}

function lubOfIntegers(a: FenlType, b: FenlType, aBits: number, bBits: number): FenlType {
  const aUnsigned = isUnsigned(a);
  if (aUnsigned === isUnsigned(b)) return aBits >= bBits ? a : b;
  const [signedBits, unsignedBits] = aUnsigned ? [bBits, aBits] : [aBits, bBits];
  return signedOfBits(Math.max(signedBits, unsignedBits * 2));
}

function lubOfRecords(a: readonly RecordField[], b: readonly RecordField[]): FenlType | null {
  if (a.length !== b.length) return null;
  const others = new Map(b.map((field) => [field.name, field.type]));
  const fields: RecordField[] = [];
  for (const field of a) {
    const other = others.get(field.name);
    const type = other === undefined ? null : leastUpperBound(field.type, other);
    if (type === null) return null;
    fields.push({ name: field.name, type });
  }
  return { kind: "record", fields };
}

/** The narrowest type that both types convert to without a cast, null when there is none. Symmetric but for the order of record fields. */
export function leastUpperBound(a: FenlType, b: FenlType): FenlType | null {
  if (sameType(a, b) || b.kind === "null" || a.kind === "error") return a;
  if (b.kind === "error") return b;
  if (a.kind === "null") return b;
  if (a.kind === "record") return b.kind === "record" ? lubOfRecords(a.fields, b.fields) : null;
  if (a.kind === "list") {
    const item = b.kind === "list" ? leastUpperBound(a.item, b.item) : null;
    return item && { kind: "list", item };
  }
  if (a.kind === "map") {
    const key = b.kind === "map" ? leastUpperBound(a.key, b.key) : null;
    const value = b.kind === "map" ? leastUpperBound(a.value, b.value) : null;
    return key && value && { kind: "map", key, value };
  }
  const [aBits, bBits] = [integerBits(a), integerBits(b)];
  if (aBits !== null && bBits !== null) return lubOfIntegers(a, b, aBits, bBits);
  const [aFloat, bFloat] = [floatRank(a), floatRank(b)];
  if (aFloat >= 0 && bFloat >= 0) return aFloat >= bFloat ? a : b;
  if ((aFloat >= 0 && bBits !== null) || (bFloat >= 0 && aBits !== null)) return { kind: "f64" };
  const [aTime, bTime] = [durationRank(a), durationRank(b)];
  if (aTime >= 0 && bTime >= 0) return aTime >= bTime ? a : b;
  if (isString(a) && isString(b)) return { kind: "large_string" };
  if ((isTimestamp(a) || isString(a)) && (isTimestamp(b) || isString(b))) return { kind: "timestamp_ns" };
  return null;
}
