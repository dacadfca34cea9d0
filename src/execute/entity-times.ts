import { readPrepared } from "../tables/prepared/read-prepared.ts";
import type { PreparedFile } from "../tables/table-snapshot.ts";
import { type HashSlice, inSlice } from "./rows/slice.ts";

/** The last event of each entity. */
export interface EntityTimes {
  readonly entity: BigUint64Array;
  readonly time: BigInt64Array;
}

/** Entities whose times are kept at most. */
const MOST_ENTITIES = 1 << 23;

/** Calls back with the last time that each entity has in some files, file after file. */
function forEachEntity(files: readonly PreparedFile[], entity: (hash: bigint, time: bigint) => void): void {
  for (const file of files) {
    const { keyHash, time, rows } = readPrepared(file, []);
    const halves = new Uint32Array(keyHash.buffer, keyHash.byteOffset, 2 * rows);
    for (let row = 0; row < rows; row++) {
      const at = 2 * row;
      const isLast = row + 1 === rows || halves[at] !== halves[at + 2] || halves[at + 1] !== halves[at + 3];
      if (isLast) entity(keyHash[row]!, time[row]!);
    }
  }
}

/** The last event of each entity in some files, or before; null where there are too many to keep. */
export function entityTimes(files: readonly PreparedFile[], before: EntityTimes | null): EntityTimes | null {
  const last = new Map<bigint, bigint>();
  before?.entity.forEach((hash, index) => {
    last.set(hash, before.time[index]!);
  });
  forEachEntity(files, (hash, time) => {
    const known = last.get(hash);
    if (known === undefined || known < time) last.set(hash, time);
  });
  if (last.size > MOST_ENTITIES) return null;
  return { entity: BigUint64Array.from(last.keys()), time: BigInt64Array.from(last.values()) };
}

/** The entities with events in some files. */
export function entitiesIn(files: readonly PreparedFile[], slice: HashSlice | null): Set<bigint> {
  const entities = new Set<bigint>();
  forEachEntity(files, (hash) => {
    if (inSlice(slice, hash)) entities.add(hash);
  });
  return entities;
}
