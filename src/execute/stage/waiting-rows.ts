import { copyOf, shared } from "../rows/allocate.ts";
import { mapArrays, sliceRows } from "../rows/gather.ts";
import { isSpilled, type RowRun } from "../rows/row-run.ts";
import type { StoredRows } from "../rows/row-set.ts";
import type { Releases } from "./sink-memory.ts";
import { releasedRows } from "./stored-rows.ts";

/** Finds places for rows that wait, and gives them back. */
export interface WaitingPlace {
  put(rows: StoredRows): WaitingRun;
  /** @returns the rows, in memory */
  take(waiting: WaitingRun): StoredRows;
  drop(waiting: WaitingRun): void;
}

/** Some waiting rows, with the bytes of memory that are held for them. */
export interface WaitingRun {
  readonly run: RowRun;
  readonly bytes: number;
}

/**
 * The rows of shift_until on their way out of a stage. They carry the number of their group as time until the group is
 * released; all groups but the last one of what has come are known to be released, or never will be.
 */
export class WaitingRows {
  readonly #place: WaitingPlace;
  /** The rows of the last group, if it is open. */
  #waiting: WaitingRun[] = [];
  #group = 0n;

  constructor(place: WaitingPlace) {
    this.#place = place;
  }

  /** Takes the next rows with the releases of their groups. @returns the rows that are released, in order */
  *released(part: StoredRows, releases: Releases): Generator<StoredRows> {
    if (part.rows === 0) return;
    const last = part.time[part.rows - 1]!;
    const isOpen = releases.group.at(-1) !== last;
    const goesOn = part.time[0] === this.#group;
    if (goesOn && releases.group[0] === this.#group) {
      const time = releases.time[0]!;
      for (const waiting of this.#waiting.splice(0)) {
        const rows = this.#place.take(waiting);
        rows.time.fill(time);
        yield rows;
      }
    } else if (!goesOn || !isOpen || last !== this.#group) this.close();
    const end = isOpen ? part.time.indexOf(last) : part.rows;
    if (end > 0) {
      const rows = releasedRows(end === part.rows ? part : sliceRows(part, 0, end), releases);
      if (rows.rows > 0) yield rows;
    }
    if (end < part.rows) {
      this.#group = last;
      const open = sliceRows(part, end, part.rows);
      this.#waiting.push(
        this.#place.put(end === 0 ? part : mapArrays(open, open.rows, (values) => copyOf(values, shared))),
      );
    }
  }

  /** Changes the rows that are in memory. */
  settle(change: (rows: StoredRows) => StoredRows): void {
    this.#waiting = this.#waiting.map((one) => (isSpilled(one.run) ? one : { ...one, run: change(one.run) }));
  }

  /** Lets go of rows that are not released. */
  close(): void {
    for (const waiting of this.#waiting.splice(0)) this.#place.drop(waiting);
  }
}
