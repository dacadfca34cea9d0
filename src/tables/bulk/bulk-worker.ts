import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { parentPort, threadId } from "node:worker_threads";
import { collectGarbage } from "../collect-garbage.ts";
import type { Become } from "../idle-threads.ts";
import type { BulkAnswer, BulkRequest, BulkResult } from "./bulk-task.ts";
import type { SpillFile } from "./divide-piece.ts";
import { OtherMemories } from "./other-memories.ts";
import { readCsvPiece } from "./read-csv-piece.ts";
import { readParquetPiece } from "./read-piece.ts";
import { Scratch } from "./scratch.ts";
import { Unfit } from "./unfit.ts";

/** Memory stays for the next load for so long. */
const KEPT_MS = 1_000;

let memory: { readonly scratch: Scratch; readonly others: OtherMemories } | null = null;
let end: NodeJS.Timeout | undefined;
/** What a load is at: parts are written after pieces are read. */
let phase: "none" | "reading" | "writing" = "none";
let spill: SpillFile | null = null;

function spillFile(directory: string): SpillFile {
  if (spill === null) {
    const path = join(directory, `pieces-${threadId}`);
    spill = { path, file: openSync(path, "wx"), end: 0 };
  }
  return spill;
}

function memoryOfLoad() {
  clearTimeout(end);
  if (memory === null) {
    const scratch = new Scratch();
    memory = { scratch, others: new OtherMemories(scratch.memory) };
  }
  return memory;
}

function endLoad(): void {
  if (spill !== null) closeSync(spill.file);
  spill = null;
  phase = "none";
  memory?.scratch.clear();
  memory?.others.forget();
  clearTimeout(end);
  end = setTimeout(giveBack, KEPT_MS).unref();
}

/** Gives the memory back, and that of others, which this thread may have seen. */
function giveBack(): void {
  memory?.others.close();
  memory = null;
  // What is closed is held until then.
  end = setTimeout(collectGarbage, KEPT_MS / 10).unref();
}

async function run({ task, spill: directory, inMemory }: BulkRequest): Promise<BulkResult> {
  if (task === null) {
    endLoad();
    return null;
  }
  const { scratch, others } = memoryOfLoad();
  const place = () => (inMemory ? null : spillFile(directory));
  if (task.kind !== "part" && phase === "none") {
    others.announce();
    phase = "reading";
  }
  switch (task.kind) {
    case "parquet":
      return readParquetPiece(task, place(), scratch);
    case "csv":
      return readCsvPiece(task, place(), scratch);
    case "part": {
      const { writePart } = await import("./write-part.ts");
      if (phase !== "writing") scratch.forget();
      phase = "writing";
      const inMemory = task.pieces.filter(({ path }) => path === null);
      const memories = await others.of(new Set(inMemory.map(({ memory }) => memory)));
      return writePart(task, memories, scratch);
    }
  }
}

async function answer(request: BulkRequest): Promise<BulkAnswer> {
  try {
    return { kind: "done", result: await run(request) };
  } catch (error) {
    if (error instanceof Unfit) return { kind: "unfit", reason: error.message };
    // What tells the system's failures is lost when an error goes from thread to thread.
    const { code, syscall } = error as NodeJS.ErrnoException;
    return { kind: "failed", error, code, syscall };
  }
}

/** Goes on as another module, which listens for itself; what a load has left goes in its time. */
async function become(module: string): Promise<void> {
  await import(module);
  parentPort!.off("message", listen);
  parentPort!.postMessage("ready");
}

/** Requests are dealt with in turn: the next one is there already while one is at work. */
let last: Promise<void> = Promise.resolve();

function listen(request: BulkRequest | Become): void {
  last = last.then(async () => {
    if ("become" in request) return become(request.become);
    parentPort!.postMessage(await answer(request));
    // What other threads tell is heard in between.
    await setImmediate();
  });
}

parentPort!.on("message", listen);
