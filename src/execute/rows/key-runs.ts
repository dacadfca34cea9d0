import { closeSync, openSync } from "node:fs";
import { countedShared } from "./allocate.ts";
import { readAt, type TextsPlace } from "./prepared-layout.ts";
import type { TextBytes } from "./text-bytes.ts";

/** Texts of a file that follow each other. */
export interface TextRun {
  readonly path: string;
  readonly place: TextsPlace;
  readonly from: number;
  readonly count: number;
}

/**
 * Texts of files, read to where they go, in memory that may be used again.
 * @param runs one after the other, of less than 2 GiB
 */
export function readTextRuns(runs: readonly TextRun[]): TextBytes {
  return withFiles((fileOf) => {
    const size = runs.reduce((sum, { count }) => sum + count, 0);
    const offsets = countedShared(new Int32Array(0), size + 1);
    offsets[0] = 0;
    const starts: number[] = [];
    let [next, end] = [0, 0];
    for (const run of runs) {
      const own = offsets.subarray(next, next + run.count + 1);
      readAt(fileOf(run), bytesOf(own), run.place.offsets.offset + 4 * run.from);
      const start = own[0]!;
      const moved = end - start;
      end += own[run.count]! - start;
      if (moved !== 0) for (let index = 0; index <= run.count; index++) own[index]! += moved;
      starts.push(start);
      next += run.count;
    }
    const bytes = countedShared(new Uint8Array(0), end);
    next = 0;
    for (const [index, run] of runs.entries()) {
      const own = bytes.subarray(offsets[next]!, offsets[next + run.count]!);
      readAt(fileOf(run), own, run.place.bytes.offset + starts[index]!);
      next += run.count;
    }
    // The texts of a file are distinct.
    return { kind: "texts", offsets, bytes, areDistinct: new Set(runs.map(({ path }) => path)).size === 1 };
  });
}

/** Does something with the files of runs, each of which is opened once. */
export function withFiles<T>(action: (fileOf: (run: TextRun) => number) => T): T {
  const files = new Map<string, number>();
  try {
    return action(({ path }) => {
      const file = files.get(path) ?? openSync(path, "r");
      files.set(path, file);
      return file;
    });
  } finally {
    for (const file of files.values()) closeSync(file);
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
