import type { Plan } from "../plan/plan.ts";
import { readPrepared } from "../tables/prepared/read-prepared.ts";
import type { PreparedFile, TableSnapshot } from "../tables/table-snapshot.ts";
import { type HashSlice, hashSlice, inSlice, type Slice } from "./rows/slice.ts";

/** With more than this share of the rows changed, reading all of them at once is quicker. */
const MOST_CHANGED = 0.1;

/** The tables whose events make the rows of a result, where these are rows of such events and of no other time. */
function tablesOfRows(plan: Plan, tables: readonly TableSnapshot[]): TableSnapshot[] | null {
  const names = new Set<string>();
  for (const domain of plan.domains) {
    if (domain.kind === "tick" || domain.kind === "rekey") return null;
    // Rows that waited come out on a row of their own entity.
    if (domain.kind === "shift" && domain.mode === "to") return null;
    if (domain.kind === "scan" && domain.sliced) names.add(domain.table);
  }
  return tables.filter(({ name }) => names.has(name));
}

/** Whether the entities of files are in none of the others: such files are read at once. */
function areApart(files: readonly PreparedFile[]): boolean {
  const ranges = files
    .map((file) => ({ first: BigInt(file.firstKeyHash), last: BigInt(file.lastKeyHash) }))
    .sort((a, b) => (a.first < b.first ? -1 : 1));
  return ranges.every(({ first }, index) => index === 0 || ranges[index - 1]!.last < first);
}

/**
 * The entities that can have rows at or after a time in a result: those with an event then. Null where that cannot be
 * told from the events, or where reading whole timelines of only these entities would save nothing.
 */
export function changedEntities(
  plan: Plan,
  tables: readonly TableSnapshot[],
  since: bigint,
  slice: Slice | undefined,
): HashSlice | null {
  const read = tablesOfRows(plan, tables);
  if (read === null || read.every(({ files }) => areApart(files))) return null;
  const own = slice === undefined ? null : hashSlice(slice, plan.result.keyType);
  const all = read.reduce((sum, { files }) => files.reduce((rows, file) => rows + file.rows, sum), 0);
  const changed = new Set<bigint>();
  let rows = 0;
  for (const file of read.flatMap(({ files }) => files)) {
    if (BigInt(file.lastTime) < since) continue;
    const { keyHash, time } = readPrepared(file, []);
    for (let row = 0; row < time.length; row++) {
      if (time[row]! < since) continue;
      if (++rows > MOST_CHANGED * all) return null;
      changed.add(keyHash[row]!);
    }
  }
  const hashes = [...changed].filter((hash) => inSlice(own, hash)).sort((a, b) => (a < b ? -1 : 1));
  return { kind: "these", hashes };
}
