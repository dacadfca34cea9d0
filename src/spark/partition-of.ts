/** The partition in which Spark puts rows of a number (`repartition(partitions, number)`): its Murmur3, modulo. */
export function partitionOf(low: number, high: number, partitions: number): number {
  let hash = mix(SEED, low);
  hash = mix(hash, high);
  hash ^= 8;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash ^= hash >>> 16;
  const rest = hash % partitions;
  return rest < 0 ? rest + partitions : rest;
}

const SEED = 42;

function mix(hash: number, half: number): number {
  let mixed = Math.imul(half, 0xcc9e2d51);
  mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
  const next = hash ^ mixed;
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0;
}
