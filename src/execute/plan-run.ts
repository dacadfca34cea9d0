import { availableParallelism, totalmem } from "node:os";
import { assemble } from "../compile/assemble.ts";
import { compileStage } from "../compile/compile-stage.ts";
import type { SourceFacts } from "../compile/emit-sources.ts";
import { sourceFacts } from "../compile/source-facts.ts";
import { isTextKey } from "../compile/stage-layout.ts";
import type { Plan } from "../plan/plan.ts";
import type { Sink, Stage, StageSource } from "../plan/stages.ts";
import type { TableSnapshot } from "../tables/table-snapshot.ts";
import type { FenlType } from "../values/fenl-type.ts";
import { bucketBits, bytesPerRow, hasAny, hashRanges, isBrief, scannedRows } from "./buckets.ts";
import { chainsOf } from "./chained-stages.ts";
import { ChecksumRecord } from "./checksum-record.ts";
import { entityParts, type Naming, namedParts } from "./entity-result.ts";
import { areKept, exchangeRanges, sentRanges } from "./exchange-ranges.ts";
import type { ExecuteOptions } from "./execute-options.ts";
import { Extents, latest } from "./extents.ts";
import { KeyDictionary } from "./key-dictionary.ts";
import { TIME_SORT_WAT } from "./order/time-sort-wat.ts";
import { orderResult } from "./order-result.ts";
import { byEntity, chosenByEntity } from "./preview-by-entity.ts";
import { rowsThrough } from "./preview-run.ts";
import type { PreviewStep } from "./preview-steps.ts";
import { dividedAnswer, type QueryBatches, type ResultForm, spilledAnswer, wholeAnswer } from "./query-batches.ts";
import { resultSlots } from "./result-slots.ts";
import { limitSpares, ownedCopy } from "./rows/allocate.ts";
import { sliceRows } from "./rows/gather.ts";
import { type MemoryPlan, memoryPlan } from "./rows/memory-plan.ts";
import { withHashesOf, withKeyCodes } from "./rows/numbered-keys.ts";
import { isWithoutNulls } from "./rows/prepared-layout.ts";
import { bytesOf, isSpilled, type RowRun } from "./rows/row-run.ts";
import type { QueryRows } from "./rows/row-set.ts";
import { bothSlices, type HashSlice, hashesBetween, hashSlice } from "./rows/slice.ts";
import { recycle, takeSpares } from "./rows/spare-memory.ts";
import type {
  ChainedStage,
  ChainSource,
  HashRange,
  JobOutput,
  JobResult,
  SpillPlace,
  StageJob,
  StoredRows,
} from "./rows/stage-job.ts";
import { RowsBetween } from "./rows-between.ts";
import { lastMoved, senderName } from "./run-scope.ts";
import { emptyColumn } from "./scan/load-scan.ts";
import { spillPlace } from "./spill/place-rows.ts";
import { removeScratch, removeScratchWith, scratchDirectory } from "./spill/scratch-directory.ts";
import { finalParts, finalRows, resultRows } from "./stage/stored-rows.ts";
import { stageParameters } from "./stage-parameters.ts";
import { textBytesPerRow } from "./text-bytes-per-row.ts";
import { QueryStopped, runOnWorker } from "./worker-pool.ts";

/** Rows of a result in temporary files that are put in order at a time: so many windows of a stage, or fewer. */
const RESULT_WINDOWS = 4;
const MOST_BATCH_ROWS = 1 << 20;

type StoredSink = Extract<Sink, { kind: "stored" }>;

/** A stage with its code, and what is the same over all ranges of entities. */
interface CompiledStage extends Pick<StageJob, "module" | "layout" | "imports" | "strings" | "parameters" | "output"> {
  readonly stage: Stage;
  readonly facts: readonly SourceFacts[];
}

/** One run of the stages of a plan, and what they hand to each other. */
export class PlanRun {
  readonly #plan: Plan;
  /** With the files that are read, and with all. */
  readonly #tables: ReadonlyMap<string, TableSnapshot>;
  readonly #wholeTables: ReadonlyMap<string, TableSnapshot>;
  readonly #options: ExecuteOptions;
  /** The result's last time, in a preview. */
  readonly #through: bigint | null;
  readonly #extents: Extents;
  readonly #keys = new KeyDictionary();
  readonly #checksums = new ChecksumRecord();
  readonly #bits: number;
  readonly #ranges: readonly HashRange[];
  readonly #between: RowsBetween;
  /** By lookup: the requests of each range, where their answers will come to their places. */
  readonly #asked = new Map<number, readonly (readonly StoredRows[])[]>();
  readonly #memory: MemoryPlan;
  readonly #spill: SpillPlace;
  /** Parts in order, or runs that will be put in order while they are read. */
  #result: readonly StoredRows[] | { readonly runs: readonly RowRun[]; readonly stamp: bigint | null } | null = null;
  #rowsRead = 0;
  #rowsTotal = 0;

  constructor(
    plan: Plan,
    stages: readonly Stage[],
    tables: readonly TableSnapshot[],
    options: ExecuteOptions,
    preview: PreviewStep | null,
  ) {
    this.#plan = plan;
    const byName = (some: readonly TableSnapshot[]) => new Map(some.map((table) => [table.name, table]));
    this.#wholeTables = byName(tables);
    this.#tables = preview === null ? this.#wholeTables : new Map([...this.#wholeTables, ...byName(preview.tables)]);
    this.#options = options;
    this.#through = preview?.through ?? null;
    this.#extents = new Extents(plan, this.#wholeTables, (table) => this.#slice(table.keyType));
    const limit = options.memoryLimit ?? totalmem() / 4;
    const threads = availableParallelism();
    const fields = plan.result.fields.length;
    const textBytes = 2 * Math.max(0, ...stages.map((stage) => textBytesPerRow(plan, stage, this.#tables)));
    this.#bits = bucketBits(stages, this.#tables, fields, threads, limit, textBytes);
    this.#memory = memoryPlan(limit, threads, options.memory, bytesPerRow(stages, fields) + textBytes);
    this.#spill = spillPlace(scratchDirectory());
    // A result that is in memory, and its parts, are in that of the one before.
    limitSpares(this.#memory.resultBytes);
    this.#ranges = hashRanges(this.#bits);
    this.#between = new RowsBetween(plan, stages, this.#spill);
  }

  /** Runs all stages, those of a chain in one go. */
  async run(stages: readonly Stage[]): Promise<void> {
    const { scope, record } = this.#options;
    // What is recorded of moved rows is told from these.
    const isWhole = scope === undefined && record === undefined;
    const chains = isWhole ? chainsOf(this.#plan, stages) : stages.map((stage) => [stage]);
    for (const chain of chains) await this.#chain(chain);
  }

  /** Compiles a stage; rows that it moves stay within its chain, where it is not the last one. */
  async #compile(stage: Stage, place: number, isLast: boolean): Promise<CompiledStage> {
    const { finalTime, changedSince } = this.#options;
    const storedKeyType = (domain: number) => this.#between.keyType(domain);
    const isNeverNull = (source: StageSource, value: number) => this.#isNeverNull(source, value);
    const identityOf = (source: StageSource) => (source.kind === "scan" ? undefined : this.#between.identityOf(source));
    const facts = sourceFacts(this.#plan, stage, this.#tables, storedKeyType, isNeverNull, identityOf);
    const bounds = { finalTime: finalTime !== undefined, changedSince: changedSince !== undefined };
    const { wat, layout, imports, strings, keyType } = compileStage(this.#plan, stage, facts, bounds, "as needed");
    if (!isLast && stage.sink.kind === "stored") this.#between.chain(stage.sink, place, keyType);
    return {
      stage,
      facts,
      module: await assemble(wat),
      layout,
      imports,
      strings,
      parameters: stageParameters(stage, this.#extents, this.#through, this.#options),
      output: await this.#output(stage),
    };
  }

  async #chain(chain: readonly Stage[]): Promise<void> {
    const stages: CompiledStage[] = [];
    for (const [place, stage] of chain.entries()) {
      stages.push(await this.#compile(stage, place, place === chain.length - 1));
    }
    const last = chain.at(-1)!;
    const returns = this.#canReturn(last);
    const stop = new SharedArrayBuffer(4);
    const { signal } = this.#options;
    const halt = () => Atomics.store(new Int32Array(stop), 0, 1);
    if (signal?.aborted) throw new QueryStopped();
    signal?.addEventListener("abort", halt, { once: true });
    for (const stage of chain) this.#rowsTotal += scannedRows(stage, this.#wholeTables);
    try {
      const spares = takeSpares(this.#ranges.length);
      const runs = this.#ranges.map((range, bucket) => {
        const jobs = stages.map(
          ({ stage, facts, output, ...compiled }, place): ChainedStage => ({
            ...compiled,
            sources: stage.sources.map((source, index) => this.#jobSource(stage, source, facts[index]!, range, bucket)),
            output: returns && output.kind === "divided" ? { ...output, returnTo: bucket } : output,
            spares: place === 0 ? spares[bucket]! : [],
            stop,
            memory: this.#memory,
            spill: this.#spill,
          }),
        );
        const isShort = jobs.every(({ sources }) => isBrief(sources));
        return runOnWorker({ kind: "chain", stages: jobs }, isShort).then((result) => this.#progress(result));
      });
      const results = await Promise.all(runs.map((one) => one.catch((error) => stopOthers(error, halt))));
      this.#checksums.confirm();
      this.#between.forget(chain);
      this.#noteMoved(chain, results);
      await this.#finish(last, results);
    } finally {
      signal?.removeEventListener("abort", halt);
    }
  }

  /** Takes note of the last times of rows that did not leave their chain. */
  #noteMoved(chain: readonly Stage[], results: readonly JobResult[]): void {
    for (const [place, { sink }] of chain.slice(0, -1).entries()) {
      const times = results.map(({ lastTimes }) => lastTimes![place]!);
      if (sink.kind === "stored") this.#extents.setShifted(sink.domain, latest(times));
    }
  }

  /** The answer, after the last stage. */
  result(): QueryBatches {
    const result = this.#result!;
    if ("runs" in result) return this.#spilledResult(result.runs, result.stamp);
    const { directory } = this.#spill;
    if (result.length > 1) {
      const answer = namedParts(result, this.#naming);
      if (this.#keys.hasSpilled) for (const { key } of answer.parts) void key.dictionary;
      removeScratch(directory);
      return dividedAnswer(answer, result);
    }
    const rows = this.#named(this.#preview(result[0]!));
    // Texts in temporary files have to be read before these go.
    if (this.#keys.hasSpilled) void rows.key.dictionary;
    removeScratch(directory);
    return wholeAnswer(rows);
  }

  #spilledResult(runs: readonly RowRun[], stamp: bigint | null): QueryBatches {
    const { directory } = this.#spill;
    const finish = (read: StoredRows): QueryRows => {
      // Rows that are in memory all the same are read again, with the codes that they have.
      const key = read.key && { ...read.key, values: ownedCopy(read.key.values) };
      const rows = { ...read, ...(key ? { key } : {}) };
      const named = this.#named(stamp === null ? rows : finalRows([rows], stamp));
      void named.key.dictionary;
      return named;
    };
    const form: ResultForm = {
      timed: stamp === null && !this.#isByEntity,
      // No stage runs meanwhile.
      mostRows: Math.min(MOST_BATCH_ROWS, this.#memory.windowRows * RESULT_WINDOWS),
      through: this.#through,
      limit: this.#options.previewRows ?? Number.POSITIVE_INFINITY,
      finish,
      release: () => removeScratch(directory),
    };
    const isPreviewByEntity = form.timed && this.#options.rowOrder === "entity";
    const answer = isPreviewByEntity
      ? spilledAnswer([chosenByEntity(runs, form, this.#spill)], { ...form, timed: false, through: null })
      : spilledAnswer(runs, form);
    removeScratchWith(answer, directory);
    return answer;
  }

  /** Lets go of what there is when nobody wants the result. */
  abandon(): void {
    removeScratch(this.#spill.directory);
  }

  /** Whether the stages leave the result's rows as they come, entity by entity. */
  get #isByEntity(): boolean {
    const { rowOrder, previewRows } = this.#options;
    // The rows of a preview are the first ones by time.
    return rowOrder === "entity" && previewRows === undefined;
  }

  readonly #naming: Naming = {
    key: ({ key, hasKeyTexts }) => {
      const { keyType } = this.#plan.result;
      if (hasKeyTexts) return { ...key!, name: "_key" };
      if (key !== undefined && isTextKey(key.type)) return this.#keys.column(key, "_key", this.#options.final);
      return { ...(key ?? emptyColumn("_key", keyType)), name: "_key", type: keyType };
    },
    rows: ({ key: _own, columns, ...identity }, key) => {
      const fields = this.#plan.result.fields.map(({ name }, index) => ({ ...columns[index]!, name }));
      return { rows: withHashesOf({ ...identity, columns: fields }, key), key };
    },
  };

  #named(rows: StoredRows): QueryRows {
    return this.#naming.rows(rows, this.#naming.key(rows));
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

  /** Whether the answers to a stage's requests come to their places. */
  #canReturn({ sink, sources, ticks }: Stage): boolean {
    const isPlain = this.#options.record === undefined && this.#bits > 0 && ticks.length === 0;
    if (sink.kind !== "requests" || !isPlain) return false;
    const read = sources.flatMap((source): readonly { readonly rows: number }[] =>
      source.kind === "scan" ? this.#tables.get(source.table)!.files : this.#between.of(source),
    );
    return areKept(read, this.#plan.lookups[sink.lookup]!.parts.length, this.#memory);
  }

  async #output(stage: Stage): Promise<JobOutput> {
    const { sink } = stage;
    if (sink.kind === "final") return { kind: "plain", timed: false, keyTexts: true };
    if (sink.kind === "result") {
      const stored = (source: StageSource) => this.#between.rowsOf(source);
      if (this.#isByEntity) return { kind: "plain", timed: false, numbers: await assemble(TIME_SORT_WAT) };
      const { lastShifted } = this.#extents;
      return {
        kind: "plain",
        timed: true,
        ...(await resultSlots(this.#plan, stage, this.#tables, stored, lastShifted)),
      };
    }
    const shifts = sink.kind === "stored" && this.#plan.domains[sink.domain]!.kind === "shift";
    if (shifts) return { kind: "shifted" };
    const isReturned = sink.kind === "answers" && this.#asked.has(sink.lookup);
    return { kind: isReturned ? "returned" : "divided", bits: this.#bits, sorter: await assemble(TIME_SORT_WAT) };
  }

  #isNeverNull(source: StageSource, id: number): boolean {
    if (source.kind === "scan") {
      const value = this.#plan.values[id]!;
      return (
        value.kind === "column" &&
        this.#tables.get(source.table)!.files.every((file) => isWithoutNulls(file, value.column))
      );
    }
    return this.#between.isComplete(source, id);
  }

  #jobSource(stage: Stage, source: StageSource, facts: SourceFacts, range: HashRange, bucket: number): ChainSource {
    const { keyType } = facts;
    if (source.kind !== "scan") return this.#between.jobSource(source, bucket, keyType !== undefined);
    const table = this.#tables.get(source.table)!;
    const own = source.sliced ? this.#slice(table.keyType) : null;
    const slice = bothSlices(own, this.#options.scope?.stages.get(stage.id) ?? null);
    const last = slice?.kind === "up to" && slice.last < BigInt(range.last) ? slice.last : BigInt(range.last);
    const columns = source.values.map((value) => {
      const column = this.#plan.values[value]!;
      if (column.kind !== "column") throw new Error(`stage ${stage.id} scans a ${column.kind}`);
      return { name: column.column, type: column.type, read: !facts.times?.has(value) };
    });
    const codes = keyType !== undefined && isTextKey(keyType);
    return {
      kind: "scan",
      files: table.files
        .filter((file) => hasAny(file, range))
        .map((file) => ({
          file,
          keyBase: codes ? this.#keys.baseOf(file, table.keyColumn) : 0,
          verify: this.#checksums.claim(file),
        })),
      range: last < BigInt(range.first) ? { first: "1", last: "0" } : { first: range.first, last: last.toString() },
      ...(slice?.kind === "these"
        ? { keys: hashesBetween(slice.hashes, BigInt(range.first), BigInt(range.last)).map(String) }
        : {}),
      columns,
      ...(keyType ? { keyColumn: { name: table.keyColumn, type: table.keyType } } : {}),
    };
  }

  async #finish(stage: Stage, results: readonly JobResult[]): Promise<void> {
    const { sink } = stage;
    switch (sink.kind) {
      case "result": {
        const runs = results.flatMap(({ rows }) => rows);
        const parts = this.#inMemory(runs);
        if (parts === null) {
          const ordered = (rows: StoredRows) => (this.#isByEntity ? rows : resultRows([rows]));
          this.#result = {
            runs: runs.map((run) => (isSpilled(run) ? run : ordered(withKeyCodes(run)))),
            stamp: null,
          };
          return;
        }
        if (this.#isByEntity) {
          this.#result = entityParts(parts);
          return;
        }
        this.#result = [await orderResult(parts)];
        recycle(parts);
        return;
      }
      case "final": {
        const stamp = (this.#options.finalTime ?? this.#extents.last(sink.domain) ?? 0n) + 1n;
        if (this.#options.record) this.#options.record.stamp = stamp;
        const runs = this.#alikeKeys(results.flatMap(({ rows }) => rows));
        const parts = this.#inMemory(runs);
        if (parts === null) {
          this.#result = { runs: runs.map((run) => this.#keys.withCodes(run)), stamp };
          return;
        }
        const full = parts.filter(({ rows }) => rows > 0);
        const divided = this.#options.previewRows === undefined ? finalParts(full, stamp) : null;
        if (divided !== null) {
          this.#result = divided;
          return;
        }
        this.#result = [finalRows(full.length === 0 ? parts.slice(0, 1) : full, stamp)];
        // One part may be the result itself.
        if (full.length > 1) recycle(parts);
        return;
      }
      case "requests":
      case "answers":
        if (sink.kind === "requests" && results[0]!.asked)
          this.#asked.set(
            sink.lookup,
            results.map(({ asked }) => asked!),
          );
        await this.#exchange(results, null, sink);
        return;
      case "stored":
        await this.#stored(stage, sink, results);
    }
  }

  /** Final results that all have texts of their keys, or none of them. */
  #alikeKeys(runs: readonly RowRun[]): readonly RowRun[] {
    const full = runs.filter(({ rows }) => rows > 0);
    const all = full.every((run) => !isSpilled(run) && run.hasKeyTexts);
    return all ? runs : runs.map((run) => this.#keys.withCodes(run));
  }

  /** A result's rows, where they are to be put in order in memory. */
  #inMemory(runs: readonly RowRun[]): StoredRows[] | null {
    const parts = runs.filter((run): run is StoredRows => !isSpilled(run));
    const bytes = parts.reduce((sum, part) => sum + bytesOf(part), 0);
    return parts.length === runs.length && bytes <= this.#memory.resultBytes ? parts : null;
  }

  #preview(rows: StoredRows): StoredRows {
    const known = this.#through === null ? rows.rows : rowsThrough(rows.time, this.#through);
    const most = Math.min(known, this.#options.previewRows ?? known);
    const chosen = rows.rows > most ? sliceRows(rows, 0, most) : rows;
    return this.#options.rowOrder === "entity" && !this.#isByEntity ? byEntity(chosen) : chosen;
  }

  async #stored(stage: Stage, sink: StoredSink, results: readonly JobResult[]): Promise<void> {
    const id = sink.domain;
    const domain = this.#plan.domains[id]!;
    const { scope, record } = this.#options;
    if (domain.kind === "rekey") {
      const slice = domain.sliced ? this.#slice(this.#plan.values[domain.key]!.type) : null;
      const kept = bothSlices(slice, scope?.rekeyed.get(id) ?? null);
      await this.#exchange(results, { slice: kept }, sink);
      return;
    }
    const last = lastMoved(results, scope?.moved.get(id), scope?.stages.get(stage.id) ?? null);
    record?.moved.set(id, last);
    this.#extents.setShifted(id, last.time);
    this.#between.set(
      sink,
      results.map(({ rows }) => rows[0]!),
    );
  }

  /** Brings rows to the ranges of the entities that they were put under, in order or for their reader to put in order. */
  async #exchange(
    results: readonly JobResult[],
    rekeyed: { slice: HashSlice | null } | null,
    sender: StoredSink | Extract<Sink, { kind: "requests" | "answers" }>,
  ): Promise<void> {
    const { record, scope } = this.#options;
    const asked = sender.kind === "answers" ? this.#asked.get(sender.lookup) : undefined;
    const sent = sentRanges(results, this.#keys, asked ?? null);
    const isWhole = record === undefined && scope === undefined && !rekeyed?.slice;
    if (isWhole && this.#between.hasOneReader(sender)) {
      const sorter = await assemble(TIME_SORT_WAT);
      this.#between.setSent(sender, { ranges: sent, rekeyed: rekeyed !== null, sorter });
      return;
    }
    if (sender.kind !== "answers")
      record?.addEdges(
        senderName(sender),
        results.flatMap(({ divided }) => divided!.flat()),
      );
    const how = { rekeyed, memory: this.#memory, spill: this.#spill };
    const ranges = await exchangeRanges(sent, how);
    for (const { divided } of results) this.#between.release(divided!.flat());
    this.#between.set(sender, ranges);
  }
}

function stopOthers(error: unknown, halt: () => void): never {
  halt();
  throw error;
}
