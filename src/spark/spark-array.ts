import type { Data } from "apache-arrow";
import { arrowArray } from "../frames/arrow-table.ts";
import { distinctNames } from "../frames/distinct-names.ts";
import type { FenlType } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";

/** Lists, maps and records as Spark's own: without unsigned numbers, with times in microseconds. */
export function sparkArray(type: FenlType, values: readonly HostValue[]): Data {
  return arrowArray(
    storedType(type),
    values.map((value) => stored(type, value)),
  );
}

function storedType(type: FenlType): FenlType {
  switch (type.kind) {
    case "u8":
      return { kind: "i16" };
    case "u16":
      return { kind: "i32" };
    case "u32":
      return { kind: "i64" };
    case "date64":
    case "timestamp_s":
    case "timestamp_ms":
    case "timestamp_ns":
      return { kind: "timestamp_us" };
    case "duration_s":
    case "duration_ms":
    case "duration_us":
    case "duration_ns":
      return { kind: "i64" };
    case "null":
    case "window":
    case "error":
      return { kind: "string" };
    case "list":
      return { kind: "list", item: storedType(type.item) };
    case "map":
      return { kind: "map", key: storedType(type.key), value: storedType(type.value) };
    case "record": {
      const names = distinctNames(type.fields.map(({ name }) => name));
      return {
        kind: "record",
        fields: type.fields.map((field, index) => ({ name: names[index]!, type: storedType(field.type) })),
      };
    }
    default:
      return type;
  }
}

function stored(type: FenlType, value: HostValue): HostValue {
  if (value === null) return null;
  switch (type.kind) {
    case "u32":
      return BigInt(value as number);
    case "timestamp_s":
      return (value as bigint) * 1_000_000n;
    case "date64":
    case "timestamp_ms":
      return (value as bigint) * 1000n;
    case "timestamp_ns":
      return ((value as bigint) - ((((value as bigint) % 1000n) + 1000n) % 1000n)) / 1000n;
    case "list":
      return (value as readonly HostValue[]).map((item) => stored(type.item, item));
    case "map":
      return (value as readonly (readonly HostValue[])[]).map(([key, item]) => [
        stored(type.key, key!),
        stored(type.value, item!),
      ]);
    case "record":
      return type.fields.map((field, index) => stored(field.type, (value as readonly HostValue[])[index] ?? null));
    default:
      return value;
  }
}
