import { rmSync } from "node:fs";
import { rowsOfRanges } from "../order/range-division.ts";
import { owned, shared } from "../rows/allocate.ts";
import { compactDictionaries } from "../rows/compact-dictionaries.ts";
import { concatRows, mapArrays } from "../rows/gather.ts";
import { withKeyCodes } from "../rows/numbered-keys.ts";
import { bytesOf, isSpilled, type RowRun } from "../rows/row-run.ts";
import type { StoredRows } from "../rows/row-set.ts";
import { recycleHere } from "../rows/spare-memory.ts";
import type { JobOutput, JobResult, StageJob } from "../rows/stage-job.ts";
import { mergedRun, sortOutOfCore, writeInOrder } from "../spill/external-sort.ts";
import { sorted } from "../spill/merge-runs.ts";
import { RowPlaces } from "../spill/place-rows.ts";
import { wholeRun } from "../spill/run-reader.ts";
import type { OwnDictionaries } from "./own-dictionaries.ts";
import type { SinkMemory } from "./sink-memory.ts";
import { lastTime, RESULT_ORDER, SHIFT_ORDER, shiftedRows, withSubsorts } from "./stored-rows.ts";
import { type WaitingPlace, WaitingRows, type WaitingRun } from "./waiting-rows.ts";

/** More runs of one job are merged at its end: what reads many at a time has few rows of each. */
const MANY_RUNS = 8;

type Output = Omit<JobResult, "rowsRead">;

/** What rows are sent by: a stage, whatever it reads. */
type SentBy = Omit<StageJob, "sources">;

/** Whether rows stay in memory in any case: it was seen to it that there are not too many. */
function isKept(output: JobOutput): boolean {
  return output.kind === "returned" || (output.kind === "divided" && output.returnTo !== undefined);
}

/** Rows with times that a file can have, be they those of final results, for which nobody asks. */
function withTimes(rows: StoredRows): StoredRows {
  if (rows.time.length === rows.rows) return rows;
  return { ...rows, time: new BigInt64Array(rows.rows), subsort: new BigUint64Array(rows.rows) };
}

/**
 * Brings the rows of a stage on their way: in order, divided, with dictionaries of their own; where memory for them has
 * run out, into a temporary file.
 */
export class OutgoingRows {
  readonly #job: SentBy;
  readonly #sink: SinkMemory;
  readonly #dictionaries: OwnDictionaries;
  readonly #places: RowPlaces;
  /** As they came; those that are spilled are on their way already, but for moved ones. */
  readonly #parts: RowRun[] = [];
  /** Whether some have dictionaries of their own already. */
  #isSettled = false;
  /** Of those in memory, about: they have no dictionaries yet. */
  #heldBytes = 0;
  /** No rows, of the form of these. */
  #form: StoredRows | null = null;
  /** Of divided rows those that are spilled, by the number of their range. */
  readonly #spilled = new Map<number, RowRun[]>();
  /** Of requests whose answers come to their places: who asks. */
  readonly #asked: StoredRows[] = [];
  /** Where rows wait until they are released. */
  readonly #waiting: WaitingRows | null;

  constructor(job: SentBy, sink: SinkMemory, dictionaries: OwnDictionaries) {
    this.#job = job;
    this.#sink = sink;
    this.#dictionaries = dictionaries;
    this.#places = new RowPlaces(job.spill, job.memory.heldBytes);
    this.#waiting = job.layout.sink.releases ? new WaitingRows(this.#waitingPlace()) : null;
  }

  /** Takes rows that were copied out of the sink. */
  add(part: StoredRows): void {
    this.#form ??= mapArrays(part, 0, (values) => shared(values, 0));
    if (this.#sink.asked !== null) this.#asked.push(this.#sink.asked);
    if (this.#waiting === null || this.#sink.isReleased) this.#add(part);
    else for (const rows of this.#waiting.released(part, this.#sink.releases!)) this.#add(rows);
  }

  #waitingPlace(): WaitingPlace {
    const drop = ({ bytes }: WaitingRun) => {
      this.#heldBytes -= bytes;
      this.#places.correct(-bytes);
    };
    return {
      put: (rows) => {
        const bytes = this.#bytesOf(rows);
        if (this.#hold(bytes)) return { run: rows, bytes };
        return { run: this.#places.writer.run(this.#finish(rows)), bytes: 0 };
      },
      take(waiting) {
        drop(waiting);
        return wholeRun(waiting.run);
      },
      drop,
    };
  }

  #add(part: StoredRows): void {
    const { writer } = this.#places;
    const { output } = this.#job;
    if (output.kind === "plain") {
      const finished = this.#finish(part);
      if (part.rows === 0 || this.#hold(bytesOf(finished))) {
        this.#parts.push(finished);
        return;
      }
      const coded = withKeyCodes(finished);
      const ordered = output.timed ? sorted(coded, RESULT_ORDER, owned) : withTimes(coded);
      this.#parts.push(writer.run(ordered));
      recycleHere(part);
      return;
    }
    if (part.rows === 0 || this.#hold(this.#bytesOf(part)) || isKept(output)) {
      this.#parts.push(part);
      return;
    }
    switch (output.kind) {
      case "shifted":
        this.#parts.push(writer.run(this.#finish(part)));
        break;
      case "divided": {
        for (const [range, rows] of rowsOfRanges(part, output.bits)) {
          const list = this.#spilled.get(range) ?? [];
          list.push(writer.run(this.#finish(rows)));
          this.#spilled.set(range, list);
        }
      }
    }
    recycleHere(part);
  }

  /** Bytes of rows with the dictionaries that they have or will have, about. */
  #bytesOf(rows: StoredRows): number {
    return bytesOf(rows) + this.#dictionaries.bytes(rows, this.#job.layout.sink);
  }

  #hold(bytes: number): boolean {
    if (!this.#places.hold(bytes)) return false;
    this.#heldBytes += bytes;
    return true;
  }

  /** Gives all rows dictionaries of their own: what the codes of the run stand for is about to change. */
  settle(): void {
    this.#isSettled = true;
    for (const [index, part] of this.#parts.entries()) if (!isSpilled(part)) this.#parts[index] = this.#finish(part);
    this.#waiting?.settle((rows) => this.#finish(rows));
  }

  /** All rows, after the last ones have been taken out of the sink. */
  finish(): Output {
    try {
      this.#waiting?.close();
      const result = this.#output();
      const runs = [...result.rows, ...(result.divided?.flat() ?? [])];
      const bytes = runs.reduce((sum, run) => sum + (isSpilled(run) ? 0 : bytesOf(run)), 0);
      this.#places.correct(bytes - this.#heldBytes);
      return result;
    } finally {
      this.close();
    }
  }

  #output(): Output {
    const { output } = this.#job;
    switch (output.kind) {
      case "plain":
        return this.#plain();
      case "shifted":
        return this.#shifted();
      case "divided":
      case "returned":
        return this.#divided(output.bits);
    }
  }

  close(): void {
    this.#places.close();
  }

  /** Rows of one form: all with dictionaries of their own, or none. */
  #alike(parts: readonly StoredRows[]): readonly StoredRows[] {
    return this.#isSettled ? parts.map((part) => this.#finish(part)) : parts;
  }

  #finish(rows: StoredRows): StoredRows {
    return this.#dictionaries.rows(rows, this.#job.layout.sink);
  }

  #plain(): Output {
    const full = this.#parts.filter(({ rows }) => rows > 0);
    const parts = full.length === 0 ? this.#parts.slice(0, 1) : full;
    const spilled = parts.filter(isSpilled);
    const { output, memory } = this.#job;
    if (output.kind === "plain" && output.timed && spilled.length > MANY_RUNS) {
      const inMemory = parts.filter((part) => !isSpilled(part));
      const { writer } = this.#places;
      const merged = this.#places.another();
      try {
        const run = mergedRun(spilled, RESULT_ORDER, memory.windowRows, merged);
        return { rows: [...inMemory, run] };
      } finally {
        merged.close();
        writer.close();
        rmSync(writer.path, { force: true });
      }
    }
    return { rows: parts };
  }

  #shifted(): Output {
    const full = this.#parts.filter(({ rows }) => rows > 0);
    const parts = full.length === 0 ? [this.#form!] : full;
    const inMemory = parts.filter((part): part is StoredRows => !isSpilled(part));
    if (inMemory.length === parts.length) {
      const last = this.#sink.lastMoved();
      if (last !== null) {
        // They are numbered already.
        const rows = concatRows(this.#alike(inMemory));
        return { rows: [this.#finish(rows)], ...(rows.rows > 0 ? { lastTime: last } : {}) };
      }
      // Entities come in order, and what waits in one of them is released in the order of time.
      const whole = concatRows(this.#alike(inMemory));
      const rows = this.#waiting === null ? shiftedRows(whole) : withSubsorts(whole, null);
      return { rows: [this.#finish(rows)], ...(rows.rows > 0 ? { lastTime: lastTime(rows) } : {}) };
    }
    let last: bigint | undefined;
    const number = (rows: StoredRows, before: StoredRows | null) => {
      const end = lastTime(rows);
      if (last === undefined || end > last) last = end;
      return withSubsorts(rows, before);
    };
    const { windowRows } = this.#job.memory;
    const { writer } = this.#places;
    const finish = (part: StoredRows) => this.#finish(part);
    const moved = function* () {
      for (const part of parts) yield finish(wholeRun(part));
    };
    const run =
      this.#waiting === null
        ? sortOutOfCore(moved(), SHIFT_ORDER, windowRows, writer, number)
        : writeInOrder(moved(), writer, number);
    return { rows: [run ?? this.#finish(this.#form!)], ...(last === undefined ? {} : { lastTime: last }) };
  }

  #divided(bits: number): Output {
    const divided = Array.from({ length: 1 << bits }, (_, range): RowRun[] => this.#spilled.get(range) ?? []);
    for (const part of this.#parts as StoredRows[]) {
      for (const [range, rows] of rowsOfRanges(part, bits))
        divided[range]!.push(compactDictionaries(this.#finish(rows)));
    }
    const asked = this.#asked.length > 0 ? { asked: this.#asked } : {};
    return { rows: [this.#finish(this.#form!)], divided, ...asked };
  }
}
