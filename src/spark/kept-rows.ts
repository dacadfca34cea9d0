import { type HashSlice, inSlice } from "../execute/rows/slice.ts";
import type { TaskSlice } from "./spark-job.ts";

/** A task's slice as the engine has it. */
export function hashSliceOf(slice: TaskSlice | null): HashSlice | null {
  if (slice === null) return null;
  if (slice.kind === "up to") return { kind: "up to", last: BigInt(slice.last) };
  return { kind: "these", hashes: slice.hashes.map(BigInt) };
}

/** The rows whose entities a slice has; null: all. */
export function keptRows(hashes: BigUint64Array, slice: HashSlice | null): Uint32Array | null {
  if (slice === null) return null;
  const kept = new Uint32Array(hashes.length);
  let count = 0;
  for (let row = 0; row < hashes.length; row++) if (inSlice(slice, hashes[row]!)) kept[count++] = row;
  return kept.subarray(0, count);
}
