import type { Plan } from "../plan/plan.ts";
import { readPrepared } from "../tables/read-prepared.ts";
import type { PreparedFile, TableSnapshot } from "../tables/table-snapshot.ts";
import { executePlan } from "./execute-plan.ts";
import { Extents } from "./extents.ts";
import { concatRows, gatherRows } from "./gather.ts";
import { orderRows } from "./row-order.ts";
import type { QueryRows } from "./row-set.ts";
import { type HashSlice, hashSlice, inSlice, type Slice } from "./slice.ts";
import type { StoredRows } from "./stage-job.ts";

/** Final results with what is needed to bring them up to date; plain data. */
export interface FinalState {
  /** The plan and the slice that gave the rows, as text. */
  readonly fingerprint: string;
  /** Per table, the paths of the files that were read. */
  readonly files: Readonly<Record<string, readonly string[]>>;
  readonly rows: QueryRows;
}

/** Final results, and how many entities were computed for them; null: all. */
export interface IncrementalRun {
  readonly state: FinalState;
  readonly computedEntities: number | null;
}

/** How final results are brought up to date. */
export interface IncrementalOptions {
  readonly slice?: Slice;
  readonly signal?: AbortSignal;
}

/** With more than this share of the entities changed, reading all of them at once is quicker. */
const MOST_CHANGED = 0.5;

/** Whether the last row of an entity depends on nothing but the entity's own events. */
function isPerEntity(plan: Plan): boolean {
  return (
    plan.lookups.length === 0 &&
    plan.domains.every(({ kind }) => kind === "scan" || kind === "merge" || kind === "select")
  );
}

function scannedTables(plan: Plan, tables: readonly TableSnapshot[]): TableSnapshot[] {
  const names = new Set(plan.domains.flatMap((domain) => (domain.kind === "scan" ? [domain.table] : [])));
  return tables.filter((table) => names.has(table.name));
}

function fingerprintOf(plan: Plan, slice: Slice | undefined, tables: readonly TableSnapshot[]): string {
  const types = tables.map(({ name, keyType, columns }) => [name, keyType, columns]);
  return JSON.stringify([plan, slice ?? null, types], (_, value) => (typeof value === "bigint" ? `${value}n` : value));
}

/** Files that were added since a state was made; null when one that it read is gone. */
function addedFiles(tables: readonly TableSnapshot[], state: FinalState): PreparedFile[] | null {
  const added: PreparedFile[] = [];
  for (const table of tables) {
    const before = new Set(Object.hasOwn(state.files, table.name) ? state.files[table.name] : []);
    let kept = 0;
    for (const file of table.files) {
      if (before.has(file.path)) kept++;
      else added.push(file);
    }
    if (kept !== before.size) return null;
  }
  return added;
}

function entitiesOf(files: readonly PreparedFile[], slice: HashSlice | null): bigint[] {
  const hashes = new Set<bigint>();
  for (const file of files) {
    const { keyHash, rows } = readPrepared(file, []);
    for (let row = 0; row < rows; row++) {
      if (row === 0 || keyHash[row] !== keyHash[row - 1]) hashes.add(keyHash[row]!);
    }
  }
  return [...hashes].filter((hash) => inSlice(slice, hash)).sort((a, b) => (a < b ? -1 : 1));
}

/**
 * Final results over tables. Where an earlier state of the same plan is given, only the entities with events in files
 * that came since are computed, and the others' rows are stamped anew; the outcome is that of a run over everything.
 */
export async function runFinalResults(
  plan: Plan,
  tables: readonly TableSnapshot[],
  earlier: FinalState | null,
  options: IncrementalOptions,
): Promise<IncrementalRun> {
  const scanned = scannedTables(plan, tables);
  const fingerprint = fingerprintOf(plan, options.slice, scanned);
  const files = Object.fromEntries(scanned.map((table) => [table.name, table.files.map(({ path }) => path)]));
  const all = async (): Promise<IncrementalRun> => {
    const rows = await executePlan(plan, tables, { ...options, final: true });
    return { state: { fingerprint, files, rows }, computedEntities: null };
  };
  if (earlier === null || earlier.fingerprint !== fingerprint || !isPerEntity(plan)) return await all();
  const added = addedFiles(scanned, earlier);
  if (added === null) return await all();
  const slice = options.slice === undefined ? null : hashSlice(options.slice, plan.result.keyType);
  const changed = entitiesOf(added, slice);
  if (changed.length > MOST_CHANGED * earlier.rows.rows.rows) return await all();
  const computed = await executePlan(plan, tables, {
    signal: options.signal,
    final: true,
    slice: { kind: "these", hashes: changed },
  });
  const byName = new Map(tables.map((table) => [table.name, table]));
  const extents = new Extents(plan, byName, () => slice);
  const stamp = (extents.last(plan.result.domain) ?? 0n) + 1n;
  const rows = replacedRows(earlier.rows, computed, changed, stamp);
  return { state: { fingerprint, files, rows }, computedEntities: changed.length };
}

/** Earlier rows with those of some entities replaced, in the order of the key hashes. */
function replacedRows(earlier: QueryRows, computed: QueryRows, changed: readonly bigint[], stamp: bigint): QueryRows {
  const gone = new Set(changed);
  const { keyHash } = earlier.rows;
  const kept = Uint32Array.from(keyHash.keys()).filter((row) => !gone.has(keyHash[row]!));
  const joined = concatRows([gatherRows(stored(earlier), kept), stored(computed)]);
  const order = orderRows(joined.rows, [{ values: joined.keyHash }]);
  const { key, columns, ...identity } = order === null ? joined : gatherRows(joined, order);
  return {
    rows: { ...identity, columns, time: new BigInt64Array(joined.rows).fill(stamp) },
    key: key!,
  };
}

function stored({ rows, key }: QueryRows): StoredRows {
  return { ...rows, key };
}
