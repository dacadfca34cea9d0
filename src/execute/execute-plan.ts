import { availableParallelism } from "node:os";
import { assemble } from "../compile/assemble.ts";
import { compileStage } from "../compile/compile-stage.ts";
import type { SourceFacts } from "../compile/emit-sources.ts";
import { sourceFacts } from "../compile/source-facts.ts";
import type { Plan } from "../plan/plan.ts";
import { type Stage, type StageSource, stagesOf } from "../plan/stages.ts";
import type { TableSnapshot } from "../tables/table-snapshot.ts";
import type { FenlType } from "../values/fenl-type.ts";
import { hashRanges, rowsOfRange } from "./buckets.ts";
import { Extents } from "./extents.ts";
import { sliceRows } from "./gather.ts";
import { emptyColumn } from "./load-scan.ts";
import type { QueryRows } from "./row-set.ts";
import { type HashSlice, hashSlice, inSlice, type Slice } from "./slice.ts";
import type { HashRange, JobResult, JobSource, StageJob, StoredRows } from "./stage-job.ts";
import { exchangedRows, finalRows, rekeyedRows, resultRows, shiftedRows } from "./stored-rows.ts";
import { QueryStopped, runOnWorker } from "./worker-pool.ts";

/** How a plan is run. Times are nanoseconds since 1970. */
export interface ExecuteOptions {
  readonly final: boolean;
  readonly finalTime?: bigint;
  readonly changedSince?: bigint;
  readonly previewRows?: number;
  readonly slice?: Slice;
  readonly signal?: AbortSignal;
  onProgress?(progress: { readonly rowsRead: number; readonly rowsTotal: number }): void;
}

/** Runs the stages of a plan, each over all ranges of entities, and puts the result in order. */
export async function executePlan(
  plan: Plan,
  tables: readonly TableSnapshot[],
  options: ExecuteOptions,
): Promise<QueryRows> {
  const run = new PlanRun(plan, tables, options);
  for (const stage of stagesOf(plan, options.final)) await run.stage(stage);
  return run.result();
}

class PlanRun {
  readonly #plan: Plan;
  readonly #tables: ReadonlyMap<string, TableSnapshot>;
  readonly #options: ExecuteOptions;
  readonly #extents: Extents;
  /** Rows between stages, by what made them: `stored 4`, `requests 0`, `answers 0`. */
  readonly #rows = new Map<string, StoredRows>();
  #result: StoredRows | null = null;
  #rowsRead = 0;
  #rowsTotal = 0;

  constructor(plan: Plan, tables: readonly TableSnapshot[], options: ExecuteOptions) {
    this.#plan = plan;
    this.#tables = new Map(tables.map((table) => [table.name, table]));
    this.#options = options;
    this.#extents = new Extents(plan, this.#tables, (table) => this.#slice(table.keyType));
  }

  async stage(stage: Stage): Promise<void> {
    const { finalTime, changedSince } = this.#options;
    const storedKeyType = (domain: number) => this.#rows.get(`stored ${domain}`)!.key?.type;
    const facts = sourceFacts(this.#plan, stage, this.#tables, storedKeyType);
    const bounds = { finalTime: finalTime !== undefined, changedSince: changedSince !== undefined };
    const { wat, layout, imports, strings } = compileStage(this.#plan, stage, facts, bounds);
    const module = await assemble(wat);
    const parameters = this.#parameters(stage);
    const ranges = hashRanges(this.#rowCount(stage), availableParallelism());
    const stop = new SharedArrayBuffer(4);
    const { signal } = this.#options;
    const halt = () => Atomics.store(new Int32Array(stop), 0, 1);
    if (signal?.aborted) throw new QueryStopped();
    signal?.addEventListener("abort", halt, { once: true });
    this.#rowsTotal += this.#scannedRows(stage);
    try {
      const runs = ranges.map((range) => {
        const sources = stage.sources.map((source, index) => this.#jobSource(stage, source, facts[index]!, range));
        const job: StageJob = { module, layout, imports, strings, parameters, sources, stop };
        return runOnWorker(job).then((result) => this.#progress(result));
      });
      const parts = await Promise.all(runs.map((one) => one.catch((error) => stopOthers(error, halt))));
      this.#finish(
        stage,
        parts.map((part) => part.rows),
      );
    } finally {
      signal?.removeEventListener("abort", halt);
    }
  }

  /** The answer, after the last stage. */
  result(): QueryRows {
    const { rows, key, columns, ...identity } = this.#result!;
    const { result } = this.#plan;
    const entity = key ?? emptyColumn("_key", result.keyType);
    return {
      rows: { ...identity, rows, columns: result.fields.map(({ name }, index) => ({ ...columns[index]!, name })) },
      key: { ...entity, name: "_key", type: result.keyType },
    };
  }

  #progress(result: JobResult): JobResult {
    this.#rowsRead += result.rowsRead;
    this.#options.onProgress?.({ rowsRead: this.#rowsRead, rowsTotal: this.#rowsTotal });
    return result;
  }

  #slice(keyType: FenlType): HashSlice | null {
    const { slice } = this.#options;
    return slice === undefined ? null : hashSlice(slice, keyType);
  }

  #parameters(stage: Stage): Record<string, bigint> {
    const parameters: Record<string, bigint> = {};
    for (const tick of stage.ticks) {
      const last = this.#extents.last(tick.of) ?? 0n;
      parameters[`tick ${tick.domain}`] = tick.unit === "finished" ? last + 1n : last;
    }
    const { finalTime, changedSince } = this.#options;
    if (finalTime !== undefined) parameters["final time"] = finalTime;
    if (changedSince !== undefined) parameters["changed since"] = changedSince;
    return parameters;
  }

  #scannedRows(stage: Stage): number {
    return stage.sources.reduce((sum, source) => {
      if (source.kind !== "scan") return sum;
      return sum + this.#tables.get(source.table)!.files.reduce((rows, file) => rows + file.rows, 0);
    }, 0);
  }

  #rowCount(stage: Stage): number {
    return stage.sources.reduce(
      (sum, source) => (source.kind === "scan" ? sum : sum + this.#storedOf(source).rows),
      this.#scannedRows(stage),
    );
  }

  #storedOf(source: Exclude<StageSource, { kind: "scan" }>): StoredRows {
    const name = source.kind === "stored" ? `stored ${source.domain}` : `${source.kind} ${source.lookup}`;
    return this.#rows.get(name)!;
  }

  #jobSource(stage: Stage, source: StageSource, facts: SourceFacts, range: HashRange): JobSource {
    const values = source.kind === "requests" ? [] : source.values;
    if (source.kind !== "scan") {
      const rows = this.#storedOf(source);
      const places = values.map((value) => this.#storedPlace(source, value));
      const chosen = { ...rows, columns: places.map((place) => rows.columns[place]!) };
      return { kind: "rows", rows: rowsOfRange(facts.keyType ? chosen : { ...chosen, key: undefined }, range) };
    }
    const table = this.#tables.get(source.table)!;
    const slice = source.sliced ? this.#slice(table.keyType) : null;
    const last = slice?.kind === "up to" && slice.last < BigInt(range.last) ? slice.last : BigInt(range.last);
    return {
      kind: "scan",
      files: table.files,
      range: last < BigInt(range.first) ? { first: "1", last: "0" } : { first: range.first, last: last.toString() },
      ...(slice?.kind === "these" ? { keys: slice.hashes.filter((hash) => between(hash, range)).map(String) } : {}),
      columns: values.map((value) => {
        const column = this.#plan.values[value]!;
        if (column.kind !== "column") throw new Error(`stage ${stage.id} scans a ${column.kind}`);
        return { name: column.column, type: column.type };
      }),
      ...(facts.keyType ? { keyColumn: table.keyColumn } : {}),
    };
  }

  /** Where in stored rows the stage that wrote them put a value. */
  #storedPlace(source: Exclude<StageSource, { kind: "scan" }>, id: number): number {
    const value = this.#plan.values[id]!;
    if (value.kind === "answer") return value.part;
    if (value.kind !== "stored" || source.kind !== "stored") throw new Error(`a ${value.kind} is not stored`);
    return this.#storedColumns.get(source.domain)!.indexOf(value.argument);
  }

  readonly #storedColumns = new Map<number, readonly number[]>();

  #finish(stage: Stage, parts: readonly StoredRows[]): void {
    const { sink } = stage;
    switch (sink.kind) {
      case "result": {
        const rows = resultRows(parts);
        const most = this.#options.previewRows ?? rows.rows;
        this.#result = rows.rows > most ? sliceRows(rows, 0, most) : rows;
        return;
      }
      case "final": {
        const { finalTime, previewRows } = this.#options;
        const stamp = (finalTime ?? this.#extents.last(sink.domain) ?? 0n) + 1n;
        const rows = finalRows(parts, stamp);
        this.#result = previewRows !== undefined && rows.rows > previewRows ? sliceRows(rows, 0, previewRows) : rows;
        return;
      }
      case "requests":
      case "answers":
        this.#rows.set(`${sink.kind} ${sink.lookup}`, exchangedRows(parts));
        return;
      case "stored":
        this.#storedColumns.set(sink.domain, sink.columns);
        this.#rows.set(`stored ${sink.domain}`, this.#stored(sink.domain, parts));
    }
  }

  #stored(id: number, parts: readonly StoredRows[]): StoredRows {
    const domain = this.#plan.domains[id]!;
    if (domain.kind === "rekey") {
      const slice = domain.sliced ? this.#slice(this.#plan.values[domain.key]!.type) : null;
      return rekeyedRows(parts, (keyHash) => inSlice(slice, keyHash));
    }
    const rows = shiftedRows(parts);
    let last: bigint | null = null;
    for (const time of rows.time) if (last === null || time > last) last = time;
    this.#extents.setShifted(id, last);
    return rows;
  }
}

function between(hash: bigint, range: HashRange): boolean {
  return hash >= BigInt(range.first) && hash <= BigInt(range.last);
}

function stopOthers(error: unknown, halt: () => void): never {
  halt();
  throw error;
}
