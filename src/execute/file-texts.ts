import { closeSync, openSync } from "node:fs";
import { inSteps } from "../tables/bulk/kernels.ts";
import { LoadMemory } from "../tables/bulk/load-memory.ts";
import { sharedForGood } from "./rows/allocate.ts";
import type { FileTexts } from "./rows/file-codes.ts";
import { noteGarbage } from "./rows/garbage.ts";
import { readAt } from "./rows/prepared-layout.ts";

/** All texts of the files are read where there is a code for every so many of them. */
const TEXTS_PER_CODE = 8;
const MOST_BYTES = 2 ** 30;

/**
 * The texts that some codes stand for, in their order, copied by the loops of loading, which are fast from the start.
 * `files`: all that there are, in the order of their codes from 0 on. Null where it would take much more memory than the texts.
 */
export function textsInOrder(
  files: readonly FileTexts[],
  codes: Int32Array,
): { readonly offsets: Int32Array; readonly bytes: Uint8Array } | null {
  const all = files.reduce((sum, { place }) => sum + place.count, 0);
  const size = files.reduce((sum, { place }) => sum + place.bytes.length, 0);
  if (all > codes.length * TEXTS_PER_CODE || 2 * size + 4 * all + 16 * codes.length > MOST_BYTES) return null;
  const memory = new LoadMemory();
  const { run } = memory;
  const int32s = (count: number) => memory.take(4 * count).at;
  const [offsets, bytes] = [int32s(all + 1), memory.take(size).at];
  readTexts(files, memory, offsets, bytes);
  const [order, begins, sizes, ends] = [codes, codes, codes, codes].map(({ length }) => int32s(length + 1));
  memory.bytes(order!, codes.byteLength).set(new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength));
  memory.bytes(ends!, 4).fill(0);
  let end = 0;
  inSteps(codes.length, (from, count) => {
    const [begin, own] = [begins! + 4 * from, sizes! + 4 * from];
    run.findTexts(order! + 4 * from, count, offsets, begin, own);
    end = run.addUp(own, count, end, ends! + 4 * from + 4);
  });
  const copied = end <= size ? memory.take(end).at : null;
  // Texts that are asked for more than once may be more than all.
  if (copied === null) return null;
  inSteps(codes.length, (from, count) => run.copyTexts(bytes, begins! + 4 * from, ends! + 4 * from, count, copied));
  const chosen = {
    offsets: sharedForGood(new Int32Array(0), codes.length + 1),
    bytes: sharedForGood(new Uint8Array(0), end),
  };
  chosen.offsets.set(new Int32Array(memory.memory.buffer, ends, codes.length + 1));
  chosen.bytes.set(memory.bytes(copied, end));
  noteGarbage(memory.memory.buffer.byteLength);
  return chosen;
}

/** Reads the texts of files one after the other: where each begins, from `bytesAt`, and where the last ends; their bytes. */
function readTexts(files: readonly FileTexts[], memory: LoadMemory, offsetsAt: number, bytesAt: number): void {
  let end = 0;
  memory.bytes(offsetsAt, 4).fill(0);
  for (const { base, path, place } of files) {
    if (place.count === 0) continue;
    const file = openSync(path, "r");
    try {
      const at = offsetsAt + 4 * base;
      readAt(file, memory.bytes(at, 4 * (place.count + 1)), place.offsets.offset);
      const offsets = new Int32Array(memory.memory.buffer, at, place.count + 1);
      const start = offsets[0]!;
      const length = offsets[place.count]! - start;
      if (length < 0 || length > place.bytes.length) throw new RangeError(`the texts of ${path} are damaged`);
      readAt(file, memory.bytes(bytesAt + end, length), place.bytes.offset + start);
      inSteps(offsets.length, (from, count) => memory.run.addTo(at + 4 * from, count, end - start));
      end += length;
    } finally {
      closeSync(file);
    }
  }
}
