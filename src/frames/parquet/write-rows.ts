import { encodeGroup, groupOf } from "./encode-group.ts";
import { EncodeMemory } from "./encode-kernels.ts";
import { FilePlaces } from "./file-places.ts";
import type { GroupColumn } from "./group-columns.ts";
import { writeBuffers } from "./write-buffers.ts";

/** Rows to be encoded and written to a file, a row group at a time, by all threads that are given them. */
export interface WriteRows {
  readonly columns: readonly GroupColumn[];
  readonly rows: number;
  /** Rows of a row group. */
  readonly groupRows: number;
  /** The number in the file of their first row group. */
  readonly first: number;
  /** How many of their row groups have been taken by some thread, as a 32-bit number. */
  readonly taken: SharedArrayBuffer;
  readonly file: number;
  readonly places: SharedArrayBuffer;
}

/** The metadata of a row group that was written, and its number in the file. */
export interface WrittenGroup {
  readonly index: number;
  readonly metadata: Uint8Array;
}

/** Two, so that a row group can wait for its place while the next one is encoded. */
const memories: (EncodeMemory | undefined)[] = [];

/**
 * Encodes row groups that no other thread has taken, and writes them to their places in the file, until there is none.
 * @param requests rows that follow each other
 */
export async function writeRows(requests: readonly WriteRows[]): Promise<WrittenGroup[]> {
  const places = new FilePlaces(requests[0]!.places);
  const written: WrittenGroup[] = [];
  let waiting: WaitingGroup | null = null;
  const writeWaiting = () => {
    if (waiting !== null) written.push(waiting.write());
    waiting = null;
  };
  let turn = 0;
  try {
    for (const request of requests) {
      for (let group = takeGroup(request); group !== null; group = takeGroup(request)) {
        const encoded: WaitingGroup = await encoding(request, group, turn, places);
        turn ^= 1;
        writeWaiting();
        waiting = encoded;
        if (encoded.hasPlace() && !places.isBusy) writeWaiting();
      }
    }
    writeWaiting();
    return written;
  } catch (error) {
    places.fail();
    throw error;
  }
}

function takeGroup(request: WriteRows): number | null {
  const group = Atomics.add(new Int32Array(request.taken), 0, 1);
  return group < groupsIn(request) ? group : null;
}

/** Whether there are row groups that no thread has taken. */
export function hasGroups(request: WriteRows): boolean {
  return Atomics.load(new Int32Array(request.taken), 0) < groupsIn(request);
}

/** How many row groups some rows are. */
export function groupsIn({ rows, groupRows }: Pick<WriteRows, "rows" | "groupRows">): number {
  return Math.ceil(rows / groupRows);
}

/** A row group that is encoded. */
interface WaitingGroup {
  /** Takes its place, if those before it have theirs. */
  hasPlace(): boolean;
  /** Writes it to its place, for which it may have to wait. */
  write(): WrittenGroup;
}

/** Encodes a row group. */
async function encoding(
  { columns, groupRows, rows, first, file }: WriteRows,
  group: number,
  turn: number,
  places: FilePlaces,
): Promise<WaitingGroup> {
  memories[turn] ??= new EncodeMemory();
  const memory = memories[turn];
  const from = group * groupRows;
  const { parts, size, metadata } = await encodeGroup(memory, groupOf(columns, from, Math.min(rows, from + groupRows)));
  const index = first + group;
  let at: number | null = null;
  return {
    hasPlace() {
      if (places.isNext(index)) at = places.take(index, size);
      return at !== null;
    },
    write() {
      const place = at ?? places.take(index, size);
      const buffers = parts.map((part) => (part instanceof Uint8Array ? part : memory.view(part.at, part.size)));
      places.writing(() => writeBuffers(file, buffers, place));
      return { index, metadata: metadata(index, place) };
    },
  };
}
