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
    const { entities, time } = readPrepared(file, []);
    const { hashes, ends } = entities;
    for (let index = 0; index < ends.length; index++) entity(hashes[index]!, time[ends[index]! - 1]!);
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
