import type { FenlType } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";

/** A value as JSON text from which {@link hostValue} makes the same value again: 64-bit numbers are decimal texts. */
export function hostText(type: FenlType, value: HostValue): string {
  return JSON.stringify(toJson(type, value));
}

/** The value that a text of {@link hostText} stands for. */
export function hostValue(type: FenlType, text: string): HostValue {
  return fromJson(type, JSON.parse(text) as Json);
}

type Json = null | boolean | number | string | readonly Json[];

function toJson(type: FenlType, value: HostValue): Json {
  if (value === null) return null;
  switch (type.kind) {
    case "list":
      return (value as readonly HostValue[]).map((item) => toJson(type.item, item));
    case "map":
      return (value as readonly (readonly HostValue[])[]).map(([key, item]) => [
        toJson(type.key, key!),
        toJson(type.value, item!),
      ]);
    case "record":
      return type.fields.map((field, index) => toJson(field.type, (value as readonly HostValue[])[index] ?? null));
    default:
      if (typeof value === "bigint") return value.toString();
      // JSON has neither -0 nor infinities.
      if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))) {
        return Object.is(value, -0) ? "-0" : String(value);
      }
      return value as Json;
  }
}

function fromJson(type: FenlType, json: Json): HostValue {
  if (json === null) return null;
  switch (type.kind) {
    case "list":
      return (json as readonly Json[]).map((item) => fromJson(type.item, item));
    case "map":
      return (json as readonly (readonly Json[])[]).map(([key, item]) => [
        fromJson(type.key, key!),
        fromJson(type.value, item!),
      ]);
    case "record":
      return type.fields.map((field, index) => fromJson(field.type, (json as readonly Json[])[index]!));
    case "string":
    case "large_string":
    case "json":
    case "bool":
      return json as string | boolean;
    case "i64":
    case "u64":
    case "date64":
      return BigInt(json as string);
    default:
      if (type.kind.startsWith("timestamp_") || type.kind.startsWith("duration_")) return BigInt(json as string);
      return Number(json);
  }
}
