import { mkdtempSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import type { FenlType } from "../../values/fenl-type.ts";
import { discard } from "../discard.ts";
import { removePrepared } from "../prepared/prepared-head.ts";
import type { WrittenFile } from "../prepared/write-prepared.ts";
import { rememberWritten } from "../prepared/written-here.ts";
import type { ContentDigest } from "../read/byte-source.ts";
import { digestSource } from "../read/byte-source.ts";
import type { ReadOptions } from "../read/read-csv.ts";
import type { TableDefinition } from "../table-definition.ts";
import type { TableColumn } from "../table-snapshot.ts";
import type { BulkInput, BulkOptions, PiecesOfFile } from "./bulk-job.ts";
import { BulkThreads } from "./bulk-threads.ts";
import { piecesOfCsv } from "./pieces-of-csv.ts";
import { piecesOfParquet } from "./pieces-of-parquet.ts";
import { Unfit } from "./unfit.ts";
import type { PartTask } from "./write-part.ts";

/** Bytes of pieces that stay in memory, at most; a sixteenth of the machine's where that is less. */
const MOST_IN_MEMORY = 2 ** 30;

/** What was loaded. */
export interface BulkLoad {
  readonly rows: number;
  readonly columns: readonly TableColumn[];
  readonly keyType: FenlType;
  /** Empty where it was not asked for. */
  readonly contentHash: string;
  readonly written: readonly WrittenFile[];
}

/**
 * Loads a file: decodes it in pieces that are divided by key hash into temporary files, then sorts each range of key
 * hashes and writes it as a prepared file. Memory holds a piece or a range for each thread.
 * @throws Unfit for whatever is better left to the plain readers, mistakes in the file among it
 */
export async function bulkLoad(
  definition: TableDefinition,
  input: BulkInput,
  reading: ReadOptions,
  options: BulkOptions,
): Promise<BulkLoad> {
  const spill = mkdtempSync(join(options.directory, "load-"));
  const threads = new BulkThreads(
    spill,
    options.piecesInMemory ?? Math.min(MOST_IN_MEMORY, totalmem() / 16),
    options.signal,
  );
  const written: WrittenFile[] = [];
  try {
    threads.start();
    const digest = digestSource(input.source, options.hashed);
    digest.catch(() => {});
    const read =
      input.format === "csv"
        ? await piecesOfCsv(definition, input, reading, options, threads)
        : await piecesOfParquet(definition, input, options, threads);
    const { contentHash, subsort } = await digest;
    written.push(...(await writeParts(definition, read, subsort, options, input.source.size, threads)));
    for (const { path } of written) rememberWritten(path);
    const { rows, columns } = read;
    return { rows, columns, keyType: columns[read.key]!.type, contentHash, written };
  } catch (error) {
    for (const { path } of written) removePrepared(path);
    throw error;
  } finally {
    await threads.end();
    discard(spill);
  }
}

async function writeParts(
  definition: TableDefinition,
  read: PiecesOfFile,
  subsort: ContentDigest["subsort"],
  options: BulkOptions,
  totalBytes: number,
  threads: BulkThreads,
): Promise<WrittenFile[]> {
  const { rows, columns, pieces, key } = read;
  const { bits, fileBits } = read.division;
  if (subsort + BigInt(rows) >= 2n ** 64n) throw new Unfit("generated subsorts go round");
  const indexOf = (name: string) => columns.findIndex((column) => column.name === name);
  const firstRows: number[] = [];
  for (const [index] of pieces.entries()) {
    firstRows.push(index === 0 ? 0 : firstRows[index - 1]! + pieces[index - 1]!.rows);
  }
  const each = 2 ** (bits - fileBits);
  const tasks = Array.from(
    { length: 2 ** fileBits },
    (_, part): PartTask => ({
      kind: "part",
      pieces,
      firstRows,
      fromBucket: part * each,
      toBucket: (part + 1) * each,
      bits,
      columns,
      time: indexOf(definition.timeColumn),
      key,
      subsort: definition.subsortColumn == null ? null : indexOf(definition.subsortColumn),
      firstSubsort: subsort,
      directory: options.directory,
      durable: options.durable,
    }),
  );
  const rowsOf = (task: number) => {
    const { fromBucket, toBucket } = tasks[task]!;
    return pieces.reduce((sum, { starts }) => sum + starts[toBucket]! - starts[fromBucket]!, 0);
  };
  let done = 0;
  const files = await threads.run<WrittenFile | null>(tasks, (task) => {
    done += rowsOf(task);
    options.onProgress?.({ phase: "writing", rows: done, bytes: totalBytes, totalBytes });
  });
  return files.filter((file) => file !== null);
}
