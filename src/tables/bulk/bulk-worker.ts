import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { parentPort, threadId } from "node:worker_threads";
import type { WrittenFile } from "../write-prepared.ts";
import type { SpillFile } from "./divide-piece.ts";
import type { Piece } from "./piece.ts";
import type { CsvPiece, CsvTask, QuotesTask } from "./read-csv-piece.ts";
import { countQuotes, readCsvPiece } from "./read-csv-piece.ts";
import type { ParquetTask } from "./read-piece.ts";
import { readParquetPiece } from "./read-piece.ts";
import { Scratch } from "./scratch.ts";
import { Unfit } from "./unfit.ts";
import type { PartTask } from "./write-part.ts";

/** What a thread is asked to do, with the directory for temporary files. */
export interface BulkRequest {
  readonly spill: string;
  /** Null: the load has ended. */
  readonly task: BulkTask | null;
}

export type BulkTask = ParquetTask | QuotesTask | CsvTask | PartTask;

export type BulkResult = Piece | CsvPiece | WrittenFile | number | null;

/** What a thread answers. */
export type BulkAnswer =
  | { readonly kind: "done"; readonly result: BulkResult }
  | { readonly kind: "unfit"; readonly reason: string }
  | { readonly kind: "failed"; readonly error: unknown; readonly code: unknown; readonly syscall: unknown };

const scratch = new Scratch();
let spill: SpillFile | null = null;

function spillFile(directory: string): SpillFile {
  if (spill === null) {
    const path = join(directory, `pieces-${threadId}`);
    spill = { path, file: openSync(path, "wx"), end: 0 };
  }
  return spill;
}

function endLoad(): void {
  if (spill !== null) closeSync(spill.file);
  spill = null;
  scratch.clear();
}

async function run(task: BulkTask, directory: string): Promise<BulkResult> {
  switch (task.kind) {
    case "parquet":
      return readParquetPiece(task, spillFile(directory), scratch);
    case "quotes":
      return countQuotes(task, scratch);
    case "csv":
      return readCsvPiece(task, spillFile(directory), scratch);
    case "part": {
      const { writePart } = await import("./write-part.ts");
      return writePart(task, scratch);
    }
  }
}

async function answer({ spill: directory, task }: BulkRequest): Promise<BulkAnswer> {
  try {
    if (task === null) endLoad();
    return { kind: "done", result: task === null ? null : await run(task, directory) };
  } catch (error) {
    if (error instanceof Unfit) return { kind: "unfit", reason: error.message };
    // What tells the system's failures is lost when an error goes from thread to thread.
    const { code, syscall } = error as NodeJS.ErrnoException;
    return { kind: "failed", error, code, syscall };
  }
}

parentPort!.on("message", async (request: BulkRequest) => {
  parentPort!.postMessage(await answer(request));
});
