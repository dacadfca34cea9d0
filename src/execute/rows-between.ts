import { rmSync } from "node:fs";
import type { DomainId, Plan, ValueId } from "../plan/plan.ts";
import type { Sink, Stage, StageSource } from "../plan/stages.ts";
import type { FenlType } from "../values/fenl-type.ts";
import type { SentRange } from "./exchange-ranges.ts";
import {
  chooseColumns,
  hasKeyTexts,
  identityParts,
  isComplete,
  isSpilled,
  keyTypeOf,
  type RowRun,
} from "./rows/row-run.ts";
import { recycle } from "./rows/spare-memory.ts";
import type { ChainSource, SentSource, SpillPlace, StoredRows } from "./rows/stage-job.ts";
import { type RowSender, senderName } from "./run-scope.ts";
import { letGo } from "./spill/place-rows.ts";

/** What a stage reads that another one made. */
type RowSource = Exclude<StageSource, { kind: "scan" }>;

/** Rows that were sent to other entities, as they came. */
export interface SentRows extends Pick<SentSource, "rekeyed" | "sorter"> {
  readonly ranges: readonly SentRange[];
}

/** The rows that the stages of a run hand to each other, a run for each range of entities, until nobody reads them any more. */
export class RowsBetween {
  readonly #plan: Plan;
  readonly #spill: SpillPlace;
  /** The last stage that reads what another made. */
  readonly #lastReader = new Map<string, number>();
  /** How many stages read it. */
  readonly #readers = new Map<string, number>();
  /** By what made them: `stored 4`, `requests 0`, `answers 0`. */
  readonly #rows = new Map<string, readonly RowRun[]>();
  /** Rows that the stage which reads them puts in order. */
  readonly #sent = new Map<string, SentRows>();
  readonly #columns = new Map<DomainId, readonly ValueId[]>();
  /** Rows that stay within the present chain, by what makes them: the place of the stage in the chain. */
  readonly #chained = new Map<string, { readonly stage: number; readonly keyType: FenlType | null }>();

  constructor(plan: Plan, stages: readonly Stage[], spill: SpillPlace) {
    this.#plan = plan;
    this.#spill = spill;
    for (const stage of stages) {
      for (const source of stage.sources) {
        if (source.kind === "scan") continue;
        const name = senderName(source);
        this.#lastReader.set(name, stage.id);
        this.#readers.set(name, (this.#readers.get(name) ?? 0) + 1);
      }
    }
  }

  /** Whether one stage only reads what comes out of another one. */
  hasOneReader(sender: RowSender): boolean {
    return this.#readers.get(senderName(sender)) === 1;
  }

  /** Takes the rows that came out of a stage. */
  set(sink: Exclude<Sink, { kind: "result" | "final" }>, rows: readonly RowRun[]): void {
    if (sink.kind === "stored") this.#columns.set(sink.domain, sink.columns);
    this.#rows.set(senderName(sink), rows);
  }

  /** Takes the rows that came out of a stage, for the stage that reads them to put in order. */
  setSent(sink: Exclude<Sink, { kind: "result" | "final" }>, sent: SentRows): void {
    if (sink.kind === "stored") this.#columns.set(sink.domain, sink.columns);
    this.#sent.set(senderName(sink), sent);
  }

  /** Takes note of rows that a stage, by its place in the present chain, will hand to those that follow it there. */
  chain(sink: Extract<Sink, { kind: "stored" }>, stage: number, keyType: FenlType | null): void {
    this.#columns.set(sink.domain, sink.columns);
    this.#chained.set(senderName(sink), { stage, keyType });
  }

  /** The rows of a source; none where they stay within the chain. */
  of(source: StageSource): readonly RowRun[] {
    return source.kind === "scan" ? [] : this.#named(senderName(source));
  }

  #named(name: string): readonly RowRun[] {
    // Answers are of those that asked.
    return this.#rows.get(name) ?? this.#sent.get(name)?.ranges.flatMap(({ parts, asked }) => asked ?? parts) ?? [];
  }

  /** Which columns of identity the rows of a source have. */
  identityOf(source: RowSource): ReturnType<typeof identityParts> {
    const parts = identityParts(this.of(source));
    // Whether they need numbers is not known before they are in order.
    return this.#sent.get(senderName(source))?.rekeyed ? { ...parts, ordinal: true } : parts;
  }

  /** How many rows a source has; null: they stay within the chain, and are not there yet. */
  rowsOf(source: StageSource): number | null {
    if (source.kind !== "scan" && this.#chained.has(senderName(source))) return null;
    return this.of(source).reduce((sum, { rows }) => sum + rows, 0);
  }

  /** The type of the entity keys that came with stored rows, where they did. */
  keyType(domain: DomainId): FenlType | undefined {
    const name = senderName({ kind: "stored", domain });
    const chained = this.#chained.get(name);
    return chained ? (chained.keyType ?? undefined) : keyTypeOf(this.#named(name)[0]!);
  }

  /** Whether a value is known to be there on each row. */
  isComplete(source: RowSource, value: ValueId): boolean {
    if (source.kind !== "stored" || this.#chained.has(senderName(source))) return false;
    const place = this.#placeOf(source, value);
    return this.of(source).every((run) => isComplete(run, place));
  }

  /** What a run of a stage over one range reads, with the entities' key or without. */
  jobSource(source: RowSource, range: number, withKey: boolean): ChainSource {
    const values = source.kind === "requests" ? [] : source.values;
    const places = values.map((value) => this.#placeOf(source, value));
    const chained = this.#chained.get(senderName(source));
    if (chained) return { kind: "chained", stage: chained.stage, places, withKey };
    const sent = this.#sent.get(senderName(source));
    if (sent) {
      const { parts, keyBases, ...how } = sent.ranges[range]!;
      return {
        ...how,
        kind: "sent",
        parts: parts.map((part) => chooseColumns(part, places, withKey)),
        keyBases: withKey ? keyBases : parts.map(() => 0),
        rekeyed: sent.rekeyed,
        sorter: sent.sorter,
      };
    }
    return { kind: "rows", rows: chooseColumns(this.of(source)[range]!, places, withKey) };
  }

  /** Where in its rows the stage that wrote them put a value. */
  #placeOf(source: RowSource, id: ValueId): number {
    const value = this.#plan.values[id]!;
    if (value.kind === "answer") return value.part;
    if (value.kind !== "stored" || source.kind !== "stored") throw new Error(`a ${value.kind} is not stored`);
    return this.#columns.get(source.domain)!.indexOf(value.argument);
  }

  /** Lets go of rows that no stage reads after those of a chain. */
  forget(chain: readonly Stage[]): void {
    this.#chained.clear();
    for (const [name, reader] of this.#lastReader) {
      if (chain.every(({ id }) => reader !== id)) continue;
      const sent = this.#sent.get(name)?.ranges ?? [];
      this.release([...(this.#rows.get(name) ?? []), ...sent.flatMap(({ parts }) => parts)]);
      // Those that ask are not counted by the memory that is held.
      recycle(sent.flatMap(({ asked }) => asked ?? []));
      this.#rows.delete(name);
      this.#sent.delete(name);
    }
  }

  /** Takes the memory of rows, or their files, back; texts of keys may still be asked for. */
  release(runs: readonly RowRun[]): void {
    letGo(this.#spill, runs);
    recycle(runs.filter((run): run is StoredRows => !isSpilled(run)));
    for (const run of runs) if (isSpilled(run) && !hasKeyTexts(run)) rmSync(run.path, { force: true });
  }
}
