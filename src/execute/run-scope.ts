import type { DomainId, LookupId, Plan } from "../plan/plan.ts";
import { type Stage, stagesOf } from "../plan/stages.ts";
import { EdgeSet, type Edges, originsOf, targetsOf } from "./edge-set.ts";
import { isSpilled, type RowRun } from "./rows/row-run.ts";
import { type HashSlice, inSlice } from "./rows/slice.ts";
import type { JobResult } from "./rows/stage-job.ts";
import { runReader } from "./spill/run-reader.ts";

/** The last time of the rows that a shift kept, and an entity that has one then; null: not known. */
export interface MovedLast {
  readonly time: bigint | null;
  readonly entity: bigint | null;
}

/** A run over some entities only, with the same outcome for these as a run over all. */
export interface RunScope {
  /** By stage: for which entities it is run. */
  readonly stages: ReadonlyMap<number, HashSlice>;
  /** By re-keying: whose rows are kept. */
  readonly rekeyed: ReadonlyMap<DomainId, HashSlice>;
  /** By shift: what an earlier run over all entities found. */
  readonly moved: ReadonlyMap<DomainId, MovedLast>;
  /** The last stage that is run, where not all are. */
  readonly through?: number;
}

/** What is known of all entities does not tell what a run over some of them needs. */
export class UnboundedScope extends Error {}

/** Takes down what a later run over some entities has to know of a run. */
export class RunRecord {
  /** By what sent the rows: `stored 4`, `requests 0`. */
  readonly edges = new Map<string, EdgeSet>();
  readonly moved = new Map<DomainId, MovedLast>();
  /** The time of final results. */
  stamp: bigint | null = null;

  /** Notes which entities rows come from and go to. */
  addEdges(name: string, runs: readonly RowRun[]): void {
    const known = this.edges.get(name) ?? new EdgeSet();
    this.edges.set(name, known);
    for (const run of runs) {
      const reader = runReader(run);
      try {
        for (let at = 0; at < run.rows; ) {
          const { rows, keyHash, localKeyHash } = reader.read(at, run.rows);
          known.add({ from: localKeyHash!, to: keyHash });
          at += rows;
        }
      } finally {
        reader.close();
      }
    }
  }
}

/**
 * The last time of all the rows that a shift kept, from the results of a run over some entities or all.
 * @throws UnboundedScope where the entity that had the last row may have it no more
 */
export function lastMoved(results: readonly JobResult[], earlier: MovedLast | undefined, scope: HashSlice | null) {
  let last: MovedLast = { time: null, entity: null };
  for (const { lastTime, rows } of results) {
    if (lastTime === undefined || (last.time !== null && lastTime <= last.time)) continue;
    last = { time: lastTime, entity: entityAt(rows, lastTime) };
  }
  if (earlier === undefined || earlier.time === null || (last.time !== null && last.time >= earlier.time)) return last;
  const mayBeGone = earlier.entity === null || inSlice(scope, earlier.entity);
  if (mayBeGone) throw new UnboundedScope();
  return earlier;
}

/** An entity with a row at a time. */
function entityAt(runs: readonly RowRun[], time: bigint): bigint | null {
  for (const run of runs) {
    if (isSpilled(run)) continue;
    const row = run.time.indexOf(time);
    if (row >= 0) return run.keyHash[row]!;
  }
  return null;
}

/** What makes rows for other stages. */
export type RowSender =
  | { readonly kind: "stored"; readonly domain: DomainId }
  | { readonly kind: "requests" | "answers"; readonly lookup: LookupId };

/** Rows between stages by what made them: `stored 4`, `requests 0`, `answers 0`. */
export function senderName(rows: RowSender): string {
  return rows.kind === "stored" ? `stored ${rows.domain}` : `${rows.kind} ${rows.lookup}`;
}

/** The stages of a plan for final results or all, and who reads from whom. */
export class StageGraph {
  readonly plan: Plan;
  readonly stages: readonly Stage[];
  /** The stage behind each name of rows. */
  readonly #senders = new Map<string, Stage>();

  constructor(plan: Plan, final: boolean) {
    this.plan = plan;
    this.stages = stagesOf(plan, final);
    for (const stage of this.stages) {
      const { sink } = stage;
      if (sink.kind !== "result" && sink.kind !== "final") this.#senders.set(senderName(sink), stage);
    }
  }

  sender(name: string): Stage {
    return this.#senders.get(name)!;
  }

  requestsOf(lookup: LookupId): Stage {
    return this.sender(`requests ${lookup}`);
  }

  /** The name under which a stage's rows go to other entities. */
  exchangeOf({ sink }: Stage): string | null {
    if (sink.kind === "requests") return `requests ${sink.lookup}`;
    if (sink.kind !== "stored" || this.plan.domains[sink.domain]!.kind !== "rekey") return null;
    return `stored ${sink.domain}`;
  }

  /** What a run of a stage, and of those before it, is limited to, so that it is right for some entities. */
  scope(
    target: Stage,
    entities: ReadonlySet<bigint>,
    edges: ReadonlyMap<string, Edges>,
    moved: RunScope["moved"],
  ): RunScope {
    const needed = new Map<number, Set<bigint>>([[target.id, new Set(entities)]]);
    const total = () => [...needed.values()].reduce((sum, { size }) => sum + size, 0);
    let rekeyed = new Map<DomainId, Set<bigint>>();
    for (let before = -1; before !== total(); ) {
      before = total();
      rekeyed = this.#spread(target.id, needed, edges);
    }
    const slices = <K>(sets: ReadonlyMap<K, ReadonlySet<bigint>>) =>
      new Map([...sets].map(([id, set]) => [id, sliceOf(set)]));
    return { stages: slices(needed), rekeyed: slices(rekeyed), moved, through: target.id };
  }

  /** Adds to what stages need what their readers need of them. */
  #spread(target: number, needed: Map<number, Set<bigint>>, edges: ReadonlyMap<string, Edges>) {
    const rekeyed = new Map<DomainId, Set<bigint>>();
    const ask = (stage: Stage, entities: Iterable<bigint>) => {
      const known = needed.get(stage.id) ?? new Set();
      needed.set(stage.id, known);
      for (const entity of entities) known.add(entity);
    };
    for (let id = target; id >= 0; id--) {
      const stage = this.stages[id]!;
      const own = needed.get(id);
      if (own === undefined) continue;
      for (const source of stage.sources) {
        if (source.kind === "answers") {
          ask(this.requestsOf(source.lookup), own);
          const foreign = targetsOf(edges.get(`requests ${source.lookup}`)!, own);
          ask(this.sender(`answers ${source.lookup}`), foreign);
        } else if (source.kind === "stored" && this.plan.domains[source.domain]!.kind === "rekey") {
          // All that read these rows find whole entities.
          const arriving = rekeyed.get(source.domain) ?? new Set();
          rekeyed.set(source.domain, arriving);
          for (const entity of own) arriving.add(entity);
          for (const reader of this.#readersOf(source.domain)) if (needed.has(reader.id)) ask(reader, arriving);
          ask(this.sender(senderName(source)), originsOf(edges.get(senderName(source))!, arriving));
        } else if (source.kind === "stored") {
          ask(this.sender(senderName(source)), own);
        }
      }
    }
    return rekeyed;
  }

  #readersOf(domain: DomainId): readonly Stage[] {
    return this.stages.filter(({ sources }) =>
      sources.some((source) => source.kind === "stored" && source.domain === domain),
    );
  }
}

/** Entities as a slice. */
export function sliceOf(entities: Iterable<bigint>): HashSlice {
  return { kind: "these", hashes: [...BigUint64Array.from(entities).sort()] };
}
