import { rmSync } from "node:fs";
import { chooseColumns, isSpilled, type RowRun } from "../rows/row-run.ts";
import { recycleHere } from "../rows/spare-memory.ts";
import type { ChainedStage, ChainJob, JobResult, JobSource, SentSource } from "../rows/stage-job.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { letGo } from "../spill/place-rows.ts";
import { exchangeRows } from "./exchange-rows.ts";
import { KeptRows, keptRows } from "./kept-rows.ts";
import { withKeyTexts } from "./key-texts.ts";
import { ownInterner, runOver, runStage, takeSpares } from "./run-stage.ts";
import { SeenScans } from "./seen-scans.ts";
import { type InPlaceSource, isInPlace } from "./sent-rows.ts";
import { isLarge, type ReadSource, wholeSources } from "./stage-sources.ts";

/** Memory that the stages of a chain take together at most, but for the last of them. */
const MOST_BYTES = 2 ** 30;

/** What a stage of a chain has made for those that follow: in its memory, or as rows that go from thread to thread. */
type Made = KeptRows | { readonly run: RowRun; readonly lastTime: bigint | null };

/**
 * Runs the stages of a chain, one after the other, over one range of entities. What they hand to each other stays where
 * it is; where it does not fit into memory, or a stage has to be run in windows, it goes the way of all rows.
 */
export function runChain({ stages }: ChainJob, memory: StageMemory): JobResult {
  const chain = new Chain(stages, memory);
  try {
    return chain.run();
  } finally {
    chain.close();
  }
}

class Chain {
  readonly #stages: readonly ChainedStage[];
  readonly #memory: StageMemory;
  readonly #contextBytes: number;
  readonly #seen: SeenScans;
  readonly #made: Made[] = [];
  /** Rows that were sent, and that no stage can put in order where it reads them. */
  readonly #ordered = new Map<SentSource, RowRun>();
  #rowsRead = 0;

  constructor(stages: readonly ChainedStage[], memory: StageMemory) {
    this.#stages = stages;
    this.#memory = memory;
    this.#seen = new SeenScans(memory);
    this.#contextBytes = Math.max(...stages.map(({ layout }) => layout.bytes));
    for (const stage of stages) takeSpares(stage);
  }

  run(): JobResult {
    for (const stage of this.#stages) {
      for (const source of stage.sources) {
        if (source.kind === "sent" && !isInPlace(source, stage.memory)) this.#order(source, stage);
      }
    }
    this.#memory.start(this.#contextBytes);
    let last: JobResult | undefined;
    for (const [index, stage] of this.#stages.entries()) {
      last = this.#stage(stage, index === this.#stages.length - 1);
      this.#rowsRead += last?.rowsRead ?? 0;
    }
    return { ...last!, rowsRead: this.#rowsRead, lastTimes: this.#made.map(({ lastTime }) => lastTime) };
  }

  /** Runs one stage. @returns what came of it, unless it stays in memory */
  #stage(stage: ChainedStage, isLast: boolean): JobResult | undefined {
    const memory = this.#memory;
    const sources = this.#sources(stage);
    let result: JobResult | undefined;
    if (isLarge(sources, stage.memory) || memory.used > MOST_BYTES) {
      this.#sendAll();
      for (const source of stage.sources) if (source.kind === "sent") this.#order(source, stage);
      result = runStage({ ...stage, spares: [], sources: this.#sources(stage) as readonly JobSource[] }, memory);
      memory.start(this.#contextBytes);
      this.#seen.clear();
    } else {
      memory.clearContext(this.#contextBytes);
      const interner = ownInterner(stage);
      const read = wholeSources(sources, stage.layout, memory, interner, this.#seen);
      const ended = runOver(read, stage, memory, interner);
      const kept = isLast ? null : keptRows(stage, ended, memory);
      if (kept !== null) {
        this.#rowsRead += read.rowsRead();
        this.#made.push(kept);
        return undefined;
      }
      result = ended.finish();
    }
    if (isLast) return withKeyTexts(result, stage);
    this.#made.push({ run: result.rows[0]!, lastTime: result.lastTime ?? null });
    return result;
  }

  #sources({ sources }: ChainedStage): ReadSource[] {
    return sources.map((source) => {
      if (source.kind === "sent") {
        const rows = this.#ordered.get(source);
        return rows ? { kind: "rows", rows } : (source as InPlaceSource);
      }
      if (source.kind !== "chained") return source;
      const { places, withKey } = source;
      const made = this.#made[source.stage]!;
      if (made instanceof KeptRows) return { kind: "kept", rows: made, places };
      return { kind: "rows", rows: chooseColumns(made.run, places, withKey) };
    });
  }

  /** Puts rows that were sent in order before a stage reads them; nothing else may be in memory. */
  #order(source: SentSource, { memory, spill }: ChainedStage): void {
    if (this.#ordered.has(source)) return;
    const { rekeyed, sorter, ...sent } = source;
    const job = { ...sent, rekeyed: rekeyed ? { slice: null } : null, memory, spill };
    this.#ordered.set(source, exchangeRows(job, { sorter, memory: this.#memory }));
  }

  /** Has no rows stay in memory. */
  #sendAll(): void {
    for (const [index, made] of this.#made.entries()) {
      if (made instanceof KeptRows) this.#made[index] = { run: made.send().rows[0]!, lastTime: made.lastTime };
    }
  }

  /** Lets go of what the stages have handed to each other. */
  close(): void {
    const { spill } = this.#stages[0]!;
    const runs = [...this.#ordered.values()];
    for (const made of this.#made) {
      if (made instanceof KeptRows) made.close();
      else runs.push(made.run);
    }
    letGo(spill, runs);
    for (const run of runs) {
      if (isSpilled(run)) rmSync(run.path, { force: true });
      else recycleHere(run);
    }
  }
}
