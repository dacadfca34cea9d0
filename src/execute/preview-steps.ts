import { headFile } from "../tables/prepared/prepared-head.ts";
import type { PreparedFile, TableSnapshot } from "../tables/table-snapshot.ts";

/** A part of the tables' files that has all events up to a time. */
export interface PreviewStep {
  /** The tables with the files to read; what these have of later events does no harm. */
  readonly tables: readonly TableSnapshot[];
  /** The time, inclusive. */
  readonly through: bigint;
  readonly events: number;
}

/** A way to read a file, and the time up to which that gives all of its rows; null: all there are. */
interface Reading {
  readonly file: PreparedFile | null;
  readonly rows: number;
  readonly through: bigint | null;
}

/** A file on its way from not being read to being read as a whole. */
interface Progress {
  readonly table: number;
  readonly readings: readonly Reading[];
  at: number;
}

/**
 * Ever larger parts of the tables' events in the order of time. After each step the caller tells by how much the next
 * shall have more events. It ends where a step would read half of all or more.
 */
export function* previewSteps(
  tables: readonly TableSnapshot[],
  firstEvents: number,
): Generator<PreviewStep, void, number> {
  const files = tables.flatMap((table, index) => table.files.map((file) => progressOf(file, index)));
  const all = files.reduce((sum, { readings }) => sum + readings.at(-1)!.rows, 0);
  let wanted = firstEvents;
  let events = 0;
  for (;;) {
    let least = leastThrough(files);
    while (least !== null && events < wanted) {
      const now = least.readings[least.at]!;
      least.at++;
      events += least.readings[least.at]!.rows - now.rows;
      least = leastThrough(files);
    }
    if (least === null || events * 2 >= all) return;
    const factor = yield {
      tables: tables.map((table, index) => ({ ...table, files: filesOf(files, index) })),
      through: least.readings[least.at]!.through!,
      events,
    };
    wanted = Math.max(events + 1, events * factor);
  }
}

function progressOf(file: PreparedFile, table: number): Progress {
  const head = headFile(file);
  const readings: Reading[] = [{ file: null, rows: 0, through: BigInt(file.firstTime) - 1n }];
  if (head !== null) readings.push({ file: head, rows: head.rows, through: BigInt(file.head!.through) });
  readings.push({ file, rows: file.rows, through: null });
  return { table, readings, at: 0 };
}

/** The file whose later rows are the first ones that are missing; null where none are. */
function leastThrough(files: readonly Progress[]): Progress | null {
  let least: Progress | null = null;
  for (const file of files) {
    const { through } = file.readings[file.at]!;
    if (through === null) continue;
    if (least === null || through < least.readings[least.at]!.through!) least = file;
  }
  return least;
}

function filesOf(files: readonly Progress[], table: number): PreparedFile[] {
  const own = files.filter((file) => file.table === table);
  return own.map(({ readings, at }) => readings[at]!.file).filter((file) => file !== null);
}
