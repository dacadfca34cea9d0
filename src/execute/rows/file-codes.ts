import { copyBytes } from "../../values/text-table.ts";
import { type Allocate, countedShared } from "./allocate.ts";
import { readTextRuns, type TextRun, withFiles } from "./key-runs.ts";
import { readAt, type TextsPlace } from "./prepared-layout.ts";
import { MOST_TEXT_BYTES, type TextBytes } from "./text-bytes.ts";

/** Texts of a file, which have the codes from `base` on. */
export interface FileTexts {
  readonly base: number;
  readonly path: string;
  readonly place: TextsPlace;
}

/** More runs of codes that follow each other are not read one by one. */
const MOST_RUNS = 64;
/** All texts between the first and the last one that have a code are read where one in so many has. */
const TEXTS_PER_CODE = 8;

/** Codes that follow each other: which list of texts they are of, the first text, and how many; three numbers a run. */
type CodeRuns = readonly number[];

/**
 * The texts of some codes, in their order, in memory that may be used again. Null where some are in none of the files, or
 * where much more than these would have to be read.
 * @param files by ascending bases; none is without texts
 * @param mostBytes that the texts may have, about
 */
export function readFileCodes(files: readonly FileTexts[], codes: Int32Array, mostBytes: number): TextBytes | null {
  const runs = codeRuns(files, codes, codes.length);
  if (runs === null) return null;
  const few = textRuns(files, runs);
  if (few !== null) return bytesOf(few) > mostBytes ? null : readTextRuns(few);
  const { used, places } = usedRuns(files, runs);
  if (bytesOf(used) > Math.min(mostBytes, MOST_TEXT_BYTES)) return null;
  if (used.reduce((sum, { count }) => sum + count, 0) > TEXTS_PER_CODE * codes.length) return null;
  const texts = readSpans(used);
  const moved = runs.slice();
  for (let at = 0; at < moved.length; at += 3) {
    const place = places.get(moved[at]!)!;
    moved[at] = place;
    moved[at + 1]! -= used[place]!.from;
  }
  return { ...copiedRuns(texts, moved, codes.length, countedShared)!, areDistinct: files.length === 1 };
}

/** The bytes that the texts of runs have, about. */
function bytesOf(runs: readonly TextRun[]): number {
  return runs.reduce((sum, { place, count }) => sum + (place.bytes.length * count) / place.count, 0);
}

/** Codes as runs of the texts of files; null where they are very many or these have more than 2 GiB, or some are elsewhere. */
export function fileRuns(files: readonly FileTexts[], codes: Int32Array): TextRun[] | null {
  const runs = codeRuns(files, codes, MOST_RUNS);
  return runs && textRuns(files, runs);
}

function textRuns(files: readonly FileTexts[], runs: CodeRuns): TextRun[] | null {
  if (runs.length > 3 * MOST_RUNS) return null;
  const own: TextRun[] = [];
  let bytes = 0;
  for (let at = 0; at < runs.length; at += 3) {
    const { path, place } = files[runs[at]!]!;
    bytes += place.bytes.length;
    own.push({ path, place, from: runs[at + 1]!, count: runs[at + 2]! });
  }
  return bytes > MOST_TEXT_BYTES ? null : own;
}

/** Codes as runs of the texts of files; null where they are more than `most`, or some are elsewhere. */
function codeRuns(files: readonly FileTexts[], codes: Int32Array, most: number): CodeRuns | null {
  const runs: number[] = [];
  let [file, base, end] = [0, 0, 0];
  for (let index = 0; index < codes.length; ) {
    const code = codes[index]!;
    if (code < base || code >= end) {
      file = lastWhere(files, (one) => one.base <= code);
      if (file < 0) return null;
      base = files[file]!.base;
      end = base + files[file]!.place.count;
      if (code < base || code >= end) return null;
    }
    const count = runLength(codes, index, end);
    if (runs.length === 3 * most) return null;
    runs.push(file, code - base, count);
    index += count;
  }
  return runs;
}

/** Of each file the texts from the first one that has a code to the last one, and by the file's place that of its own. */
function usedRuns(files: readonly FileTexts[], runs: CodeRuns): { used: TextRun[]; places: Map<number, number> } {
  const bounds = new Map<number, { first: number; end: number }>();
  for (let at = 0; at < runs.length; at += 3) {
    const [file, first, count] = [runs[at]!, runs[at + 1]!, runs[at + 2]!];
    const known = bounds.get(file);
    if (known === undefined) bounds.set(file, { first, end: first + count });
    else {
      known.first = Math.min(known.first, first);
      known.end = Math.max(known.end, first + count);
    }
  }
  const used = [...bounds].map(([file, { first, end }]) => ({ ...files[file]!, from: first, count: end - first }));
  return { used, places: new Map([...bounds.keys()].map((file, place) => [file, place])) };
}

/** Texts, and where the first byte that is at hand is among those that their offsets tell of; absent: 0. */
type Texts = Pick<TextBytes, "offsets" | "bytes"> & { readonly start?: number };

/** Reads each run for itself. */
function readSpans(runs: readonly TextRun[]): Texts[] {
  return withFiles((fileOf) =>
    runs.map((run) => {
      const file = fileOf(run);
      const { place, from, count } = run;
      const offsets = new Int32Array(count + 1);
      readAt(file, new Uint8Array(offsets.buffer), place.offsets.offset + 4 * from);
      const bytes = Buffer.allocUnsafe(offsets[count]! - offsets[0]!);
      readAt(file, bytes, place.bytes.offset + offsets[0]!);
      return { offsets, bytes, start: offsets[0]! };
    }),
  );
}

/** Of a list where something holds of some first items only, the place of the last of these; -1 if there is none. */
export function lastWhere<T>(list: readonly T[], holds: (item: T) => boolean): number {
  let [from, to] = [0, list.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (holds(list[middle]!)) from = middle + 1;
    else to = middle;
  }
  return from - 1;
}

/** Runs of texts, copied to where they go; null where all have more than 2 GiB. @param count of all texts */
export function copiedRuns(
  lists: readonly Texts[],
  runs: CodeRuns,
  count: number,
  allocate: Allocate,
): Omit<TextBytes, "areDistinct"> | null {
  const offsets = allocate(new Int32Array(0), count + 1);
  offsets[0] = 0;
  let [next, end] = [0, 0];
  for (let at = 0; at < runs.length; at += 3) {
    const own = lists[runs[at]!]!.offsets;
    const [first, last] = [runs[at + 1]!, runs[at + 1]! + runs[at + 2]!];
    const moved = end - own[first]!;
    for (let text = first + 1; text <= last; text++) offsets[++next] = own[text]! + moved;
    end = own[last]! + moved;
    if (end > MOST_TEXT_BYTES) return null;
  }
  const bytes = allocate(new Uint8Array(0), end);
  end = 0;
  for (let at = 0; at < runs.length; at += 3) {
    const { offsets: own, bytes: from, start = 0 } = lists[runs[at]!]!;
    const [first, last] = [own[runs[at + 1]!]! - start, own[runs[at + 1]! + runs[at + 2]!]! - start];
    copyBytes(from, first, last, bytes, end);
    end += last - first;
  }
  return { kind: "texts", offsets, bytes };
}

/** How many codes below `end` follow each other from the one at `index` on. */
export function runLength(codes: Int32Array, index: number, end: number): number {
  const most = Math.min(codes.length, index + end - codes[index]!);
  const difference = codes[index]! - index;
  let next = index + 1;
  while (next < most && codes[next]! - next === difference) next++;
  return next - index;
}
