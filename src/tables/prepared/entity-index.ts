/** The entities of rows that are in the order of their key hashes. */
export interface EntityIndex {
  /** Each one's key hash, ascending. */
  readonly hashes: BigUint64Array;
  /** Where each one's rows end, and those of the next begin. */
  readonly ends: Uint32Array;
}

/** The two halves of each of some numbers of 64 bits, low before high. */
export function halvesOf({ buffer, byteOffset, length }: BigUint64Array | BigInt64Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, 2 * length);
}

/** The entities of rows, from their key hashes. */
export function entityIndex(keyHash: BigUint64Array): EntityIndex {
  const halves = halvesOf(keyHash);
  const rows = keyHash.length;
  // Room for an entity a row costs nothing until it is written.
  const endOf = new Uint32Array(rows);
  let count = 0;
  for (let row = 1; row < rows; row++) {
    if (halves[2 * row] === halves[2 * row - 2] && halves[2 * row + 1] === halves[2 * row - 1]) continue;
    endOf[count++] = row;
  }
  if (rows > 0) endOf[count++] = rows;
  const ends = endOf.slice(0, count);
  const hashes = new BigUint64Array(count);
  const own = halvesOf(hashes);
  for (let entity = 0; entity < count; entity++) {
    const last = ends[entity]! - 1;
    own[2 * entity] = halves[2 * last]!;
    own[2 * entity + 1] = halves[2 * last + 1]!;
  }
  return { hashes, ends };
}

/** The first row of each entity. */
export function firstRows({ ends }: EntityIndex): Uint32Array {
  const firsts = new Uint32Array(ends.length);
  firsts.set(ends.subarray(0, -1), 1);
  return firsts;
}

/** The number of each row's entity. */
export function entityOfRows({ ends }: EntityIndex): Uint32Array {
  const entities = new Uint32Array(ends.at(-1) ?? 0);
  let row = 0;
  for (let entity = 0; entity < ends.length; entity++) {
    for (const end = ends[entity]!; row < end; row++) entities[row] = entity;
  }
  return entities;
}

/** The key hash of each row. */
export function hashesOfRows({ hashes, ends }: EntityIndex): BigUint64Array {
  const keyHash = new BigUint64Array(ends.at(-1) ?? 0);
  spread(wordsOf(hashes), ends, 0, wordsOf(keyHash), 2);
  return keyHash;
}

function wordsOf({ buffer, byteOffset, length }: BigUint64Array): Int32Array {
  return new Int32Array(buffer, byteOffset, 2 * length);
}

/** Values of entities for each of their rows, from row `base` on; both are of so many words of 4 bytes each. */
export function spread(values: Int32Array, ends: Uint32Array, base: number, rows: Int32Array, words: number): void {
  let row = 0;
  for (let entity = 0; entity < ends.length; entity++) {
    const end = Math.min(ends[entity]! - base, rows.length / words);
    if (words === 1) {
      const value = values[entity]!;
      for (; row < end; row++) rows[row] = value;
    } else {
      const [low, high] = [values[2 * entity]!, values[2 * entity + 1]!];
      for (; row < end; row++) {
        rows[2 * row] = low;
        rows[2 * row + 1] = high;
      }
    }
  }
}

/** The values that the first rows of entities have, from row `base` on; both are of so many words of 4 bytes each. */
export function pickFirst(rows: Int32Array, ends: Uint32Array, base: number, values: Int32Array, words: number): void {
  let row = 0;
  for (let entity = 0; entity < ends.length; entity++) {
    for (let word = 0; word < words; word++) values[words * entity + word] = rows[words * row + word]!;
    row = ends[entity]! - base;
  }
}

/** What is wrong with an index over some rows; null where nothing is. */
export function faultOf({ hashes, ends }: EntityIndex, rows: number): string | null {
  const halves = halvesOf(hashes);
  let row = 0;
  for (let entity = 0; entity < ends.length; entity++) {
    const end = ends[entity]!;
    if (end <= row || end > rows) return `entity ${entity} has rows from ${row} to ${end} of ${rows}`;
    row = end;
    if (entity === 0) continue;
    const [low, high] = [2 * entity, 2 * entity + 1];
    const isAfter =
      halves[high]! > halves[high - 2]! || (halves[high] === halves[high - 2] && halves[low]! > halves[low - 2]!);
    if (!isAfter) return `entity ${entity} is not in the order of their hashes`;
  }
  return row === rows ? null : `the entities have ${row} of ${rows} rows`;
}

/** The first of some ascending hashes that is at least `hash`. */
export function lowerBound(sorted: ArrayLike<bigint>, hash: bigint): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (sorted[middle]! < hash) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The first of some ascending hashes that is greater than `hash`. */
export function upperBound(sorted: BigUint64Array, hash: bigint): number {
  return hash === 0xffffffffffffffffn ? sorted.length : lowerBound(sorted, hash + 1n);
}
