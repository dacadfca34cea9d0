import type { Data } from "apache-arrow";
import { arrowArray } from "../frames/arrow-table.ts";
import { type Conversion, leafConversion, mapLeafTypes } from "../frames/leaf-types.ts";
import type { FenlType } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";

/** Lists, maps and records as Spark's own: without unsigned numbers, with times in microseconds. */
export function sparkArray(type: FenlType, values: readonly HostValue[]): Data {
  const convert = leafConversion(type, leafToSpark);
  return arrowArray(mapLeafTypes(type, sparkLeaf), convert ? values.map(convert) : values);
}

function sparkLeaf(type: FenlType): FenlType {
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
    default:
      return type;
  }
}

function leafToSpark(type: FenlType): Conversion | null {
  switch (type.kind) {
    case "u32":
      return (value) => BigInt(value as number);
    case "timestamp_s":
      return (value) => (value as bigint) * 1_000_000n;
    case "date64":
    case "timestamp_ms":
      return (value) => (value as bigint) * 1000n;
    case "timestamp_ns":
      return (value) => ((value as bigint) - ((((value as bigint) % 1000n) + 1000n) % 1000n)) / 1000n;
    default:
      return null;
  }
}
