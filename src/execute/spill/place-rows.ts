import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { bytesOf, isSpilled, type RowRun } from "../rows/row-run.ts";
import type { StoredRows } from "../rows/row-set.ts";
import { recycleHere } from "../rows/spare-memory.ts";
import type { SpillPlace } from "../rows/stage-job.ts";
import { SpillWriter } from "./spill-file.ts";

/** A place for spilled rows, none of which are there yet. */
export function spillPlace(directory: string): SpillPlace {
  return { directory, held: new SharedArrayBuffer(8) };
}

/** Takes note that rows in memory are not held any more. */
export function letGo({ held }: SpillPlace, runs: readonly RowRun[]): void {
  for (const run of runs) if (!isSpilled(run)) Atomics.sub(new BigInt64Array(held), 0, BigInt(bytesOf(run)));
}

/** Finds places for the rows that one job makes: in memory as far as that goes, else in a temporary file of the job. */
export class RowPlaces {
  readonly #held: BigInt64Array;
  readonly #mostBytes: number;
  readonly #directory: string;
  readonly writer: SpillWriter;

  constructor({ directory, held }: SpillPlace, mostBytes: number) {
    this.#held = new BigInt64Array(held);
    this.#mostBytes = mostBytes;
    this.#directory = directory;
    this.writer = this.another();
  }

  /** A further temporary file. */
  another(): SpillWriter {
    return new SpillWriter(join(this.#directory, randomUUID()));
  }

  /** Whether rows of so many bytes stay in memory; they are then held. */
  hold(bytes: number): boolean {
    const before = Atomics.add(this.#held, 0, BigInt(bytes));
    if (Number(before) + bytes <= this.#mostBytes) return true;
    Atomics.sub(this.#held, 0, BigInt(bytes));
    return false;
  }

  /** Rows that are held took so many bytes more, or fewer, than was thought. */
  correct(bytes: number): void {
    Atomics.add(this.#held, 0, BigInt(bytes));
  }

  /** Rows in their place; `prepare` is done to those that are written. */
  place(rows: StoredRows, prepare: (rows: StoredRows) => StoredRows = (same) => same): RowRun {
    if (rows.rows === 0 || this.hold(bytesOf(rows))) return rows;
    const ready = prepare(rows);
    const run = this.writer.run(ready);
    if (ready !== rows) recycleHere(ready);
    recycleHere(rows);
    return run;
  }

  /** No more rows are written. */
  close(): void {
    this.writer.close();
  }
}
