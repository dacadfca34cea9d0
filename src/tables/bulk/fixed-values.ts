import type { FenlType } from "../../values/fenl-type.ts";
import type { ColumnData } from "../column-data.ts";

/** Values of 1, 4 or 8 bytes as they are kept in memory: i32, 64-bit integers, or floats. */
export function fixedValues(type: FenlType, width: 1 | 4 | 8, bytes: Uint8Array): ColumnData["values"] {
  if (width === 1) return new Int32Array(bytes);
  const { buffer, byteOffset } = bytes;
  const rows = bytes.length / width;
  if (type.kind === "f64") return new Float64Array(buffer, byteOffset, rows);
  if (type.kind === "f32") return new Float32Array(buffer, byteOffset, rows);
  return width === 4 ? new Int32Array(buffer, byteOffset, rows) : new BigInt64Array(buffer, byteOffset, rows);
}
