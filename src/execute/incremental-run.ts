import type { DomainId, Plan } from "../plan/plan.ts";
import type { Stage } from "../plan/stages.ts";
import type { PreparedFile, TableSnapshot } from "../tables/table-snapshot.ts";
import { changedByTicks, hasTelltaleEvents, type TickState, tickExtents } from "./changed-by-ticks.ts";
import { EdgeSet, type Edges, originsOf, targetsOf } from "./edge-set.ts";
import { entitiesIn, entityTimes } from "./entity-times.ts";
import type { ExecuteOptions } from "./execute-options.ts";
import { executePlan, probePlan } from "./execute-plan.ts";
import { Extents } from "./extents.ts";
import { concatRows, gatherRows } from "./rows/gather.ts";
import { orderRows } from "./rows/row-order.ts";
import type { QueryRows } from "./rows/row-set.ts";
import { type HashSlice, hashSlice, type Slice } from "./rows/slice.ts";
import type { StoredRows } from "./rows/stage-job.ts";
import { type MovedLast, RunRecord, type RunScope, StageGraph, senderName, UnboundedScope } from "./run-scope.ts";

/** Final results with what is needed to bring them up to date; can be cloned. */
export interface FinalState {
  /** The plan and the slice that gave the rows, as text. */
  readonly fingerprint: string;
  /** Per table, the paths of the files that were read. */
  readonly files: Readonly<Record<string, readonly string[]>>;
  readonly rows: QueryRows;
  /** By what sends rows or requests to other entities: from which to which; null where these are too many to keep. */
  readonly edges: ReadonlyMap<string, Edges | null>;
  /** By shift: its last row. */
  readonly moved: ReadonlyMap<DomainId, MovedLast>;
  readonly ticks: TickState;
}

/** Final results, and how many entities were computed for them; null: all. */
export interface IncrementalRun {
  readonly state: FinalState;
  readonly computedEntities: number | null;
  /** Rows of tables that were read for them. */
  readonly rowsRead: number;
}

/** How final results are brought up to date. */
export interface IncrementalOptions extends Pick<ExecuteOptions, "signal" | "memoryLimit" | "memory"> {
  readonly slice?: Slice;
  /** With more than this share of the entities changed, all of them are computed. */
  readonly mostChanged?: number;
}

const MOST_CHANGED = 0.5;

/**
 * Final results over tables. Where an earlier state of the same plan is given, only the entities are computed whose rows
 * can be other ones than before, and the others' rows are stamped anew; the outcome is that of a run over everything.
 */
export async function runFinalResults(
  plan: Plan,
  tables: readonly TableSnapshot[],
  earlier: FinalState | null,
  options: IncrementalOptions,
): Promise<IncrementalRun> {
  const update = new Update(plan, tables, options);
  if (earlier !== null) {
    try {
      const run = await update.changes(earlier);
      if (run !== null) return run;
    } catch (error) {
      if (!(error instanceof UnboundedScope)) throw error;
    }
  }
  return await update.everything();
}

class Update {
  readonly #plan: Plan;
  readonly #tables: readonly TableSnapshot[];
  /** Those that the plan reads. */
  readonly #scanned: readonly TableSnapshot[];
  readonly #options: IncrementalOptions;
  readonly #graph: StageGraph;
  readonly #fingerprint: string;
  readonly #lastTimes: TickState["last"];
  #rowsRead = 0;

  constructor(plan: Plan, tables: readonly TableSnapshot[], options: IncrementalOptions) {
    this.#plan = plan;
    this.#tables = tables;
    this.#options = options;
    this.#graph = new StageGraph(plan, true);
    const names = new Set(plan.domains.flatMap((domain) => (domain.kind === "scan" ? [domain.table] : [])));
    this.#scanned = tables.filter(({ name }) => names.has(name));
    const types = this.#scanned.map(({ name, keyType, columns }) => [name, keyType, columns]);
    this.#fingerprint = JSON.stringify([plan, this.#graph.stages, options.slice ?? null, types], (_, value) =>
      typeof value === "bigint" ? `${value}n` : value,
    );
    const byName = new Map(tables.map((table) => [table.name, table]));
    const extents = new Extents(plan, byName, (table) => this.#slice(table));
    this.#lastTimes = tickExtents(plan, this.#graph.stages, extents);
  }

  async everything(): Promise<IncrementalRun> {
    const record = new RunRecord();
    const rows = await executePlan(this.#plan, this.#tables, this.#run({ record }));
    const edges = new Map([...record.edges].map(([name, set]) => [name, set.edges()]));
    const times = this.#graph.stages
      .filter(hasTelltaleEvents)
      .map((stage) => [stage.id, entityTimes(this.#filesOf(stage, this.#scanned), null)] as const);
    return {
      state: this.#state(rows, edges, record.moved, new Map(times)),
      computedEntities: null,
      rowsRead: this.#rowsRead,
    };
  }

  /**
   * What has changed since a state; null where that state is of no use, or too much has changed.
   * @throws UnboundedScope where more may have changed than can be told
   */
  async changes(earlier: FinalState): Promise<IncrementalRun | null> {
    if (earlier.fingerprint !== this.#fingerprint) return null;
    const added = this.#addedFiles(earlier);
    if (added === null) return null;
    const edges = new Map<string, Edges>();
    for (const [name, known] of earlier.edges) {
      if (known === null) return null;
      edges.set(name, known);
    }
    const changed = new Map<number, ReadonlySet<bigint>>();
    for (const stage of this.#graph.stages) {
      const own = this.#changedIn(stage, added, changed, edges, earlier.ticks);
      changed.set(stage.id, own);
      const exchange = this.#graph.exchangeOf(stage);
      if (exchange === null || own.size === 0) continue;
      // Where the changed rows go now is not known before they are there.
      const known = edges.get(exchange)!;
      if (own.size > 1 && this.#isMost(own.size, new Set(known.from).size)) return null;
      const record = new RunRecord();
      const scope = this.#graph.scope(stage, own, edges, earlier.moved);
      await probePlan(this.#plan, this.#tables, this.#run({ scope, record }));
      const all = new EdgeSet(known);
      all.add(record.edges.get(exchange)!.edges() ?? tooMany());
      edges.set(exchange, all.edges() ?? tooMany());
    }
    const result = this.#graph.stages.at(-1)!;
    const entities = changed.get(result.id)!;
    if (this.#isMost(entities.size, earlier.rows.rows.rows)) return null;
    const scope = this.#graph.scope(result, entities, edges, earlier.moved);
    if (this.#readsMost(scope, edges)) return null;
    const record = new RunRecord();
    const computed = await executePlan(this.#plan, this.#tables, this.#run({ scope, record }));
    const rows = replacedRows(earlier.rows, computed, entities, record.stamp!);
    const times = this.#graph.stages.filter(hasTelltaleEvents).map((stage) => {
      const before = earlier.ticks.times.get(stage.id);
      return [stage.id, before == null ? null : entityTimes(this.#filesOf(stage, added), before)] as const;
    });
    const moved = new Map([...earlier.moved, ...record.moved]);
    return {
      state: this.#state(rows, edges, moved, new Map(times)),
      computedEntities: entities.size,
      rowsRead: this.#rowsRead,
    };
  }

  /** How stages are run; the rows that they read are counted. */
  #run<T extends object>(more: T) {
    let before = 0;
    const onProgress = ({ rowsRead }: { readonly rowsRead: number }) => {
      this.#rowsRead += rowsRead - before;
      before = rowsRead;
    };
    return { ...this.#options, ...more, final: true, onProgress };
  }

  /** The entities for which a stage gives other rows than before. */
  #changedIn(
    stage: Stage,
    added: readonly AddedFiles[],
    changed: ReadonlyMap<number, ReadonlySet<bigint>>,
    edges: ReadonlyMap<string, Edges>,
    ticks: TickState,
  ): Set<bigint> {
    const own = changedByTicks(this.#plan, stage, ticks, this.#lastTimes);
    const add = (entities: Iterable<bigint>) => {
      for (const entity of entities) own.add(entity);
    };
    for (const source of stage.sources) {
      switch (source.kind) {
        case "scan": {
          const { table, files } = added.find(({ table }) => table.name === source.table)!;
          add(entitiesIn(files, source.sliced ? this.#slice(table) : null));
          break;
        }
        case "stored": {
          const sent = changed.get(this.#graph.sender(senderName(source)).id)!;
          const isRekeyed = this.#plan.domains[source.domain]!.kind === "rekey";
          add(isRekeyed ? targetsOf(edges.get(senderName(source))!, sent) : sent);
          break;
        }
        case "answers": {
          const requests = this.#graph.sender(`requests ${source.lookup}`);
          add(changed.get(requests.id)!);
          const foreign = changed.get(this.#graph.sender(senderName(source)).id)!;
          add(originsOf(edges.get(`requests ${source.lookup}`)!, foreign));
          break;
        }
        case "requests":
          // They make no rows of the entities that are asked.
          break;
      }
    }
    return own;
  }

  /** Whether a run over some entities reads most of those that send rows or requests to others, or are asked. */
  #readsMost(scope: RunScope, edges: ReadonlyMap<string, Edges>): boolean {
    return this.#graph.stages.some((stage) => {
      const slice = scope.stages.get(stage.id);
      if (slice === undefined || slice.kind !== "these" || slice.hashes.length <= 1) return false;
      const { sink } = stage;
      if (sink.kind === "answers")
        return this.#isMost(slice.hashes.length, new Set(edges.get(`requests ${sink.lookup}`)!.to).size);
      const exchange = this.#graph.exchangeOf(stage);
      return exchange !== null && this.#isMost(slice.hashes.length, new Set(edges.get(exchange)!.from).size);
    });
  }

  #isMost(some: number, all: number): boolean {
    return some > (this.#options.mostChanged ?? MOST_CHANGED) * all;
  }

  #slice(table: TableSnapshot): HashSlice | null {
    const { slice } = this.#options;
    return slice === undefined ? null : hashSlice(slice, table.keyType);
  }

  #filesOf(stage: Stage, tables: readonly (TableSnapshot | AddedFiles)[]): PreparedFile[] {
    const names = new Set(stage.sources.flatMap((source) => (source.kind === "scan" ? [source.table] : [])));
    return tables.flatMap((one) => (names.has("table" in one ? one.table.name : one.name) ? one.files : []));
  }

  /** Per table the files that were added since a state was made; null when one that it read is gone. */
  #addedFiles(state: FinalState): AddedFiles[] | null {
    const added: AddedFiles[] = [];
    for (const table of this.#scanned) {
      const before = new Set(Object.hasOwn(state.files, table.name) ? state.files[table.name] : []);
      const files = table.files.filter(({ path }) => !before.has(path));
      if (table.files.length - files.length !== before.size) return null;
      added.push({ table, files });
    }
    return added;
  }

  #state(
    rows: QueryRows,
    edges: FinalState["edges"],
    moved: FinalState["moved"],
    times: TickState["times"],
  ): FinalState {
    const files = Object.fromEntries(this.#scanned.map((table) => [table.name, table.files.map(({ path }) => path)]));
    return { fingerprint: this.#fingerprint, files, rows, edges, moved, ticks: { last: this.#lastTimes, times } };
  }
}

/** Files that a table has got. */
interface AddedFiles {
  readonly table: TableSnapshot;
  readonly files: readonly PreparedFile[];
}

function tooMany(): never {
  throw new UnboundedScope();
}

/** Earlier rows with those of some entities replaced, in the order of the key hashes. */
function replacedRows(earlier: QueryRows, computed: QueryRows, changed: ReadonlySet<bigint>, stamp: bigint): QueryRows {
  const { keyHash } = earlier.rows;
  const kept = Uint32Array.from(keyHash.keys()).filter((row) => !changed.has(keyHash[row]!));
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
