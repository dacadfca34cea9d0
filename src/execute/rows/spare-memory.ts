import { giveSpares, isOwnMemory, isSpare, mostSpareBytes, type RowArray, whenUnused } from "./allocate.ts";
import { noteGarbage } from "./garbage.ts";
import { mapArrays } from "./gather.ts";
import type { StoredRows } from "./stage-job.ts";
import type { TextBytes } from "./text-bytes.ts";

/** Memory that waits to be given to the next runs. */
let waiting: SharedArrayBuffer[] = [];
let bytes = 0;

const keepForAWhile = whenUnused(() => {
  waiting = [];
  bytes = 0;
});

/**
 * Takes back the memory of rows that nobody reads any more: what this very thread has made it needs again, and threads that
 * run stages get the rest. What is beyond the memory that a thread keeps is left to the garbage collector.
 */
export function recycle(parts: readonly StoredRows[]): void {
  keepForAWhile();
  // Parts may be views of the same memory.
  const buffers = [...new Set(parts.flatMap(buffersOf))];
  giveSpares(buffers.filter(isOwnMemory));
  for (const buffer of buffers) {
    if (isOwnMemory(buffer)) continue;
    if (bytes + buffer.byteLength > mostSpareBytes()) {
      noteGarbage(buffer.byteLength);
      continue;
    }
    waiting.push(buffer);
    bytes += buffer.byteLength;
  }
}

/** Gives the memory of rows back to this very thread. */
export function recycleHere(rows: StoredRows): void {
  giveSpares(buffersOf(rows));
}

/** Gives the memory of texts back to this very thread. */
export function recycleTexts({ offsets, bytes }: TextBytes): void {
  giveSpares([offsets.buffer, bytes.buffer].filter(isSpare));
}

/** The memory of rows, as far as it can be used again. Views of no rows may be of memory that others have. */
function buffersOf(part: StoredRows): SharedArrayBuffer[] {
  const buffers = new Set<SharedArrayBuffer>();
  if (part.rows === 0) return [];
  const add = (values: RowArray) => {
    if (isSpare(values.buffer)) buffers.add(values.buffer);
  };
  const numbered = part.key?.numbered;
  if (numbered) {
    add(numbered.codes);
    add(numbered.hashes);
  }
  const texts = (part.rowTexts ?? []).map((column) => part.columns[column]!.dictionary as TextBytes);
  if (part.hasKeyTexts) texts.push(part.key!.dictionary as TextBytes);
  for (const { offsets, bytes } of texts) {
    add(offsets);
    add(bytes);
  }
  mapArrays(part, part.rows, (values) => {
    add(values);
    return values;
  });
  return [...buffers];
}

/** Divides the memory that waits among some runs, of each size to all: each wants some for every column. */
export function takeSpares(runs: number): SharedArrayBuffer[][] {
  const shares = Array.from({ length: runs }, (): SharedArrayBuffer[] => []);
  waiting.sort((a, b) => a.byteLength - b.byteLength);
  for (const [index, buffer] of waiting.entries()) shares[index % runs]!.push(buffer);
  waiting = [];
  bytes = 0;
  return shares;
}
