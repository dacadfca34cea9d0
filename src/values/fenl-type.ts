/** The types of Fenl values, as plain data (`../shared` reference: the language, section 4). */
export type FenlType =
  | { readonly kind: ScalarKind }
  | { readonly kind: "record"; readonly fields: readonly RecordField[] }
  | { readonly kind: "list"; readonly item: FenlType }
  | { readonly kind: "map"; readonly key: FenlType; readonly value: FenlType };

export interface RecordField {
  readonly name: string;
  readonly type: FenlType;
}

/** Every type without parameters, named as after `as` and in messages. `error` marks an expression already reported. */
export type ScalarKind =
  | "bool"
  | IntegerKind
  | FloatKind
  | "string"
  | "large_string"
  | TimestampKind
  | "date32"
  | "date64"
  | DurationKind
  | "interval_days"
  | "interval_months"
  | "json"
  | "window"
  | "null"
  | "error";

export type IntegerKind = "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64";
export type FloatKind = "f16" | "f32" | "f64";
export type TimestampKind = "timestamp_s" | "timestamp_ms" | "timestamp_us" | "timestamp_ns";
export type DurationKind = "duration_s" | "duration_ms" | "duration_us" | "duration_ns";

/** How a value of a type is held in a WebAssembly local or in a column. */
export type Representation = "i32" | "i64" | "f32" | "f64";

/**
 * The representation of a type's values.
 * i64: 64-bit integers, timestamps and durations (in their own unit), date64 (ms).
 * i32: bool (0 or 1), smaller integers (kept sign- or zero-extended to 32 bits), date32 (days), intervals, and the
 * dictionary codes of strings, or handles of lists, maps and json values.
 */
export function representationOf(type: FenlType): Representation {
  switch (type.kind) {
    case "i64":
    case "u64":
    case "date64":
      return "i64";
    case "f64":
      return "f64";
    case "f16":
    case "f32":
      return "f32";
    default:
      return type.kind.startsWith("timestamp_") || type.kind.startsWith("duration_") ? "i64" : "i32";
  }
}

/** True for types whose values are kept outside WebAssembly, as codes or handles: strings, lists, maps, json. */
export function isHostType(type: FenlType): boolean {
  return ["string", "large_string", "json", "list", "map"].includes(type.kind);
}

/** True for types whose values are codes while a stage runs: host types, and records where they are one value. */
export function isCoded(type: FenlType): boolean {
  return isHostType(type) || type.kind === "record";
}

/** Whether a type's values are texts. */
export function isText({ kind }: FenlType): boolean {
  return kind === "string" || kind === "large_string" || kind === "json";
}

/** True for integer types without a sign. */
export function isUnsigned(type: FenlType): boolean {
  return type.kind === "u8" || type.kind === "u16" || type.kind === "u32" || type.kind === "u64";
}

/** The type as users write and read it: `list<i64>`, `{a: i64, b: string}`. */
export function typeName(type: FenlType): string {
  switch (type.kind) {
    case "record":
      return `{${type.fields.map((field) => `${field.name}: ${typeName(field.type)}`).join(", ")}}`;
    case "list":
      return `list<${typeName(type.item)}>`;
    case "map":
      return `map<${typeName(type.key)}, ${typeName(type.value)}>`;
    default:
      return type.kind;
  }
}

/** Structural equality of types; record fields compare in order. */
export function sameType(a: FenlType, b: FenlType): boolean {
  if (a === b) return true;
  if (a.kind === "record") {
    return (
      b.kind === "record" &&
      a.fields.length === b.fields.length &&
      a.fields.every(({ name, type }, index) => {
        const other = b.fields[index];
        return other !== undefined && name === other.name && sameType(type, other.type);
      })
    );
  }
  if (a.kind === "list") return b.kind === "list" && sameType(a.item, b.item);
  if (a.kind === "map") return b.kind === "map" && sameType(a.key, b.key) && sameType(a.value, b.value);
  return a.kind === b.kind;
}
