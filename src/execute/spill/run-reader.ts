import { closeSync, openSync } from "node:fs";
import { concatRows, sliceRows } from "../rows/gather.ts";
import { isSpilled, type RowRun, type SpilledDictionary, type SpilledRun } from "../rows/row-run.ts";
import type { Dictionary, StoredRows } from "../rows/row-set.ts";
import { readBlock, readDictionary } from "./spill-file.ts";

/** Rows in one order that are read a part at a time. */
export interface RunReader {
  readonly rows: number;
  /** Rows from `from` on, at least one and at most up to `to`. */
  read(from: number, to: number): StoredRows;
  close(): void;
}

/** Reads a run, wherever it is. */
export function runReader(run: RowRun): RunReader {
  if (isSpilled(run)) return new SpilledReader(run);
  return { rows: run.rows, read: (from, to) => sliceRows(run, from, to), close() {} };
}

/** All rows of a run, in memory. */
export function wholeRun(run: RowRun): StoredRows {
  if (!isSpilled(run)) return run;
  const reader = new SpilledReader(run);
  try {
    return concatRows(run.blocks.map((_, index) => reader.block(index)));
  } finally {
    reader.close();
  }
}

class SpilledReader implements RunReader {
  readonly rows: number;
  readonly #run: SpilledRun;
  readonly #file: number;
  #block = 0;
  /** The row of the run with which the block starts. */
  #start = 0;
  #dictionaries = new Map<SpilledDictionary, Dictionary>();

  constructor(run: SpilledRun) {
    this.#run = run;
    this.rows = run.rows;
    this.#file = openShared(run.path);
  }

  read(from: number, to: number): StoredRows {
    const { blocks } = this.#run;
    if (from < this.#start) this.#go(0, 0);
    while (from >= this.#start + blocks[this.#block]!.rows) {
      this.#go(this.#block + 1, this.#start + blocks[this.#block]!.rows);
    }
    const block = blocks[this.#block]!;
    const end = Math.min(to - this.#start, block.rows);
    return readBlock(this.#file, block, from - this.#start, end, (place) => this.#dictionary(place));
  }

  /** All rows of a block. */
  block(index: number): StoredRows {
    const block = this.#run.blocks[index]!;
    return readBlock(this.#file, block, 0, block.rows, (place) => this.#dictionary(place));
  }

  close(): void {
    closeShared(this.#run.path);
  }

  #go(block: number, start: number): void {
    this.#block = block;
    this.#start = start;
    this.#dictionaries = new Map();
  }

  #dictionary(place: SpilledDictionary): Dictionary {
    let values = this.#dictionaries.get(place);
    if (values === undefined) {
      values = readDictionary(this.#file, place);
      this.#dictionaries.set(place, values);
    }
    return values;
  }
}

/** Files that are open, with how many readers each has: the runs of one file share it. */
const openFiles = new Map<string, { readonly file: number; readers: number }>();

function openShared(path: string): number {
  const open = openFiles.get(path) ?? { file: openSync(path, "r"), readers: 0 };
  open.readers++;
  openFiles.set(path, open);
  return open.file;
}

function closeShared(path: string): void {
  const open = openFiles.get(path)!;
  open.readers--;
  if (open.readers > 0) return;
  closeSync(open.file);
  openFiles.delete(path);
}
