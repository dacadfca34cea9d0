import { close, closeSync, openSync } from "node:fs";
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import { distinctNames } from "../distinct-names.ts";
import { type Output, outputForm, outputParts } from "../output.ts";
import { type WholeFile, writeFileWhole } from "../write-file.ts";
import { widthOf } from "./encode-numbers.ts";
import { FilePlaces } from "./file-places.ts";
import { ParquetColumns } from "./parquet-columns.ts";
import { MAGIC, parquetFooter } from "./parquet-footer.ts";
import { writeOnThreads } from "./parquet-threads.ts";
import { writeBuffers } from "./write-buffers.ts";
import { groupsIn, type WriteRows, type WrittenGroup, writeRows } from "./write-rows.ts";

/** Rows of a row group, and the bytes that they have at most, about. */
const MOST_ROWS = 1 << 17;
const MOST_BYTES = 1 << 26;
/** Fewer rows are not divided. */
const FEWEST_ROWS = 1 << 12;
/** Fewer rows are not worth a thread. */
const ROWS_WORTH_A_THREAD = 1 << 15;

/** A network's disk may still have to take the bytes of a file that is closed: nobody waits for that where they are many. */
const MOST_CLOSED_AT_ONCE = 1 << 24;

/** The fields that a Parquet file holds under another name, because its readers cannot tell `a` from `A`. */
export function parquetWarnings(output: Output): string[] {
  const { columns } = outputForm(output);
  const names = distinctNames(columns.map((column) => column.name));
  return columns.flatMap((column, index) =>
    names[index] === column.name
      ? []
      : [
          `The column "${column.name}" is named "${names[index]}" in the Parquet file, where names differ in more than case.`,
        ],
  );
}

/** How rows become a file. */
export interface ParquetDivision {
  /** Rows of a row group. */
  readonly rows: number;
  /** Threads that encode row groups; with 1 this one does it by itself. */
  readonly threads: number;
}

/**
 * Writes the output as a Parquet file with the types of the Arrow table, rows in order; the file appears whole or not at
 * all. Many rows are encoded a row group at a time on several threads, a few by this one, unless that is said otherwise.
 * @returns the absolute path
 * @throws WriteError
 */
export async function writeParquet(
  output: Output,
  path: string,
  { durable = false, ...division }: Partial<ParquetDivision & WholeFile> = {},
): Promise<string> {
  const write = async (temporary: string) => {
    const file = openSync(temporary, "w");
    let size = Number.POSITIVE_INFINITY;
    try {
      size = await writeGroups(output, file, { ...divisionOf(output), ...division });
    } finally {
      if (size <= MOST_CLOSED_AT_ONCE) closeSync(file);
      else await promisify(close)(file);
    }
  };
  return await writeFileWhole(path, write, { durable });
}

function divisionOf(output: Output): ParquetDivision {
  const bytes = outputForm(output).columns.reduce((sum, { type }) => sum + widthOf(type), 0);
  const most = Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, Math.floor(MOST_BYTES / bytes)));
  const threads = Math.max(1, Math.min(availableParallelism(), Math.floor(output.rows / ROWS_WORTH_A_THREAD)));
  return { rows: Math.min(most, Math.max(ROWS_WORTH_A_THREAD, Math.ceil(output.rows / threads))), threads };
}

/** @returns the size of the file */
async function writeGroups(output: Output, file: number, { rows, threads }: ParquetDivision): Promise<number> {
  const form = outputForm(output);
  const names = distinctNames(form.columns.map(({ name }) => name));
  const places = new FilePlaces();
  places.begin(MAGIC.length);
  writeBuffers(file, [MAGIC], 0);
  const requests = writeRequests(output, names, rows, { file, places: places.shared });
  const written: WrittenGroup[] = [];
  if (threads > 1) written.push(...(await writeOnThreads(requests, threads, places)));
  else for (const request of requests) written.push(...(await writeRows([request])));
  const metadata: Uint8Array[] = [];
  for (const group of written) metadata[group.index] = group.metadata;
  const footer = await parquetFooter(form, names, output.rows, metadata);
  writeBuffers(file, [footer], places.end);
  return places.end + footer.length;
}

/** The output's rows, to be written in row groups of `groupRows`. */
function* writeRequests(
  output: Output,
  names: readonly string[],
  groupRows: number,
  into: Pick<WriteRows, "file" | "places">,
): Generator<WriteRows> {
  const columns = new ParquetColumns(names);
  let first = 0;
  for (const part of outputParts(output)) {
    const rowsOfGroup = output.divided ? evenly(part.rows, groupRows) : groupRows;
    for (const some of columns.rows(part, rowsOfGroup)) {
      const request = { ...some, groupRows: rowsOfGroup, first, taken: new SharedArrayBuffer(4), ...into };
      yield request;
      first += groupsIn(request);
    }
  }
}

/** Of a part a few more rows than wanted are one row group, rather than few of them another one. */
const MOST_MORE = 1.25;

/** Rows of each row group of a part, of which all are about as large. */
function evenly(rows: number, groupRows: number): number {
  return Math.max(1, Math.ceil(rows / Math.max(1, Math.ceil(rows / (MOST_MORE * groupRows)))));
}
